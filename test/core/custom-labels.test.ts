import { describe, expect, test } from '@jest/globals'
import { MOST_CUSTOM_LABELS } from '../../src/core/custom-labels.ts'
import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import type { AgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Action, Memory, Plan, Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { variantFor } from '../../src/core/variant.ts'
import {
  anchorOf,
  anImageTemplate,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  NOW,
  nodeOf,
} from '../support/builders.ts'

const LABEL = 'mesos:maven:3.9'
const NOBODY = `There are no nodes with the label ‘${LABEL}’`
const mesos = anImageTemplate({ name: 'docker', labels: ['mesos'] })
const maven = variantFor(mesos, LABEL) as Template
const MINUTE = 60_000

interface Scene {
  readonly queue?: readonly QueueItem[]
  readonly nodes?: readonly JenkinsNode[]
  readonly templates?: readonly Template[]
  readonly now?: number
  readonly over?: Partial<Snapshot>
}

function planned({ queue = [], nodes = [], templates = [mesos], now = NOW, over = {} }: Scene): Plan {
  const jenkins = aReading({ readAt: now, nodes: [...templates.map((one) => anchorOf(one)), ...nodes], queue })
  return plan(aSnapshot({ templates, jenkins, ...over }), now)
}

const waitsFor = (why: string, id = '1'): QueueItem => anItem({ id, why, stuck: false })

const anchorActions = ({ actions }: Plan): readonly Action[] => actions.filter(({ kind }) => kind.endsWith('Anchor'))

/** The anchor that the plan makes. */
function madeIn(result: Plan): JenkinsNode {
  const [action] = anchorActions(result)
  if (action?.kind !== 'createAnchor') throw new Error('no anchor is made')
  return anchorOf(action.template, { name: action.node })
}

describe('a label that names an image', () => {
  const first = planned({ queue: [waitsFor(NOBODY)], over: { offers: [anOffer()] } })

  test('is served at once, by the template with that image and that label alone', () => {
    const [provision] = first.actions.filter((action) => action.kind === 'provision')
    expect(provision?.template).toEqual(maven)
    expect(first.explanation.items[0]).toMatchObject({ state: 'starting', template: 'docker', label: LABEL })
  })

  test('gets an anchor of its own, which carries it', () => {
    expect(anchorActions(first)).toEqual([
      { kind: 'createAnchor', template: maven, node: expect.stringMatching(/^anchor-docker-mesos-maven-3\.9-\w+$/) },
    ])
  })

  test('is read from its anchor, and from its agents while there is none', () => {
    const anchor = madeIn(first)
    const named = planned({ queue: [waitsFor(`‘${anchor.name}’ is offline`)], nodes: [anchor] })
    expect(anchorActions(named)).toEqual([])
    expect(named.explanation.items[0]).toMatchObject({ state: 'waiting_offer', template: 'docker', label: LABEL })
    const agent = aRecord({ agentId: 'mesos-docker-1', state: 'starting', onlineAt: undefined }, maven)
    const byAgent = planned({
      queue: [waitsFor('‘mesos-docker-1’ is offline')],
      nodes: [nodeOf(agent, { offline: true })],
      over: { records: [agent] },
    })
    expect(byAgent.explanation.items[0]).toMatchObject({ state: 'starting', label: LABEL })
  })

  test('with its anchor beside the agent, an item that names the agent wants that very one', () => {
    const agent = aRecord({ agentId: 'mesos-docker-1' }, maven)
    const nodes = [nodeOf(agent, { offline: true }), madeIn(first)]
    const tied = planned({ queue: [waitsFor('‘mesos-docker-1’ is offline')], nodes, over: { records: [agent] } })
    expect(tied.explanation.items[0]?.state).toBe('tied')
  })

  test('of a host with a port and a digest is as good', () => {
    const label = `mesos:reg.test:5000/team/tool@sha256:${'0'.repeat(64)}`
    const [item] = planned({ queue: [waitsFor(`Waiting for next available executor on ‘${label}’`)] }).explanation.items
    expect(item).toMatchObject({ state: 'waiting_offer', label })
  })

  test('agents with that image take nothing else, and nothing else is started for it', () => {
    const agent = aRecord({ agentId: 'mesos-docker-1', executors: 3 }, maven)
    const whys = [
      'Waiting for next available executor',
      'Waiting for next available executor on ‘mesos’',
      '‘anchor-docker’ is offline',
      'There are no nodes with the label ‘mesos:maven:3.8’',
    ]
    const queue = whys.map((why, index) => waitsFor(why, String(index)))
    const { items } = planned({ queue, nodes: [nodeOf(agent)], over: { records: [agent] } }).explanation
    expect(items.map(({ state }) => state)).toEqual(whys.map(() => 'waiting_offer'))
  })

  test('is not given to who only excludes other labels', () => {
    const queue = [waitsFor(NOBODY), waitsFor('There are no nodes with the label ‘!mesos&&!gpu’', '2')]
    expect(planned({ queue }).explanation.items.map(({ state }) => state)).toEqual(['waiting_offer', 'unserved'])
  })

  test('counts against the caps of its template', () => {
    const templates = [{ ...mesos, maxAgents: 1 }]
    const queue = [waitsFor(NOBODY), waitsFor('Waiting for next available executor on ‘mesos’', '2')]
    const { items } = planned({ queue, templates }).explanation
    expect(items.map(({ state }) => state)).toEqual(['waiting_offer', 'capped'])
  })

  test.each([
    ['‘mesos:Maven’', 'is no name of an image'],
    ['‘mesos:--privileged’', 'is no name of an image'],
    ['‘mesos:a$(id)’', 'is no name of an image'],
    ['‘"mesos:maven:3.9"&&linux’', 'carry mesos:maven:3.9 alone'],
    ['‘other:maven’', 'no template and no node'],
  ])('%s is refused with words, and gets no anchor', (text, words) => {
    const result = planned({ queue: [waitsFor(`There are no nodes with the label ${text}`)] })
    expect(result.explanation.items[0]).toMatchObject({ state: 'unserved', words: expect.stringContaining(words) })
    expect(anchorActions(result)).toEqual([])
  })

  test('one of two is enough, as far as the expression says so', () => {
    const text = '"mesos:maven"||linux&&"mesos:node"'
    const result = planned({ queue: [waitsFor(`There are no nodes with the label ‘${text}’`)] })
    expect(result.explanation.items[0]?.state).toBe('waiting_offer')
    expect(madeIn(result).labels).toEqual(['mesos:maven'])
  })
})

describe('its anchor', () => {
  const anchor = madeIn(planned({ queue: [waitsFor(NOBODY)] }))
  const later = (ms: number, memory: Memory, scene: Scene = {}): Plan =>
    planned({ nodes: [anchor], now: NOW + ms, ...scene, over: { ...scene.over, memory } })
  const { memory } = planned({ queue: [waitsFor(NOBODY)], nodes: [anchor] })
  const gone = { kind: 'deleteAnchor', node: anchor.name, reason: `no build has asked for ${LABEL} for a while` }

  test('stays for ten minutes after the label was last asked for, and goes then', () => {
    expect(anchorActions(later(10 * MINUTE - 1, memory))).toEqual([])
    expect(anchorActions(later(10 * MINUTE, memory))).toEqual([gone])
  })

  test('goes on going until it is gone, and is not revived by itself', () => {
    const over = later(10 * MINUTE, memory)
    const again = later(10 * MINUTE + 500, over.memory)
    expect(anchorActions(again)).toEqual([gone])
    expect(later(11 * MINUTE, again.memory, { nodes: [] }).memory.customLabels).toEqual({})
  })

  test('stays as long as agents or items have the label', () => {
    const agent = aRecord({ agentId: 'mesos-docker-1' }, maven)
    const withAgent = { nodes: [anchor, nodeOf(agent)], over: { records: [agent] } }
    const kept = later(15 * MINUTE, memory, withAgent)
    expect(anchorActions(kept)).toEqual([])
    expect(anchorActions(later(24 * MINUTE, kept.memory))).toEqual([])
    const asked = { queue: [waitsFor(`‘${anchor.name}’ is offline`)] }
    expect(anchorActions(later(60 * MINUTE, memory, asked))).toEqual([])
  })

  test('is known again after a restart, and then has its ten minutes', () => {
    const fresh = planned({ nodes: [anchor] })
    expect(anchorActions(fresh)).toEqual([])
    expect(anchorActions(later(10 * MINUTE - 1, fresh.memory))).toEqual([])
    expect(anchorActions(later(10 * MINUTE, fresh.memory))).toEqual([gone])
  })

  test('goes at once where no template takes images any more', () => {
    const plain = aTemplate({ name: 'docker', labels: ['mesos'] })
    const [action] = anchorActions(later(1, memory, { templates: [plain] }))
    expect(action).toMatchObject({ kind: 'deleteAnchor', node: anchor.name })
  })

  test('of another sidecar is left alone', () => {
    const foreign = { ...anchor, description: anchor.description.replace('framework=jenkins', 'framework=other') }
    expect(anchorActions(planned({ nodes: [foreign] }))).toEqual([])
  })

  test('nothing waits for it: builds without an image are read before it is there', () => {
    const queue = [waitsFor(NOBODY), waitsFor('Waiting for next available executor on ‘mesos’', '2')]
    const { items } = planned({ queue }).explanation
    expect(items.map(({ state }) => state)).toEqual(['waiting_offer', 'waiting_offer'])
  })

  test('one serves all templates that take images under that label', () => {
    const other = anImageTemplate({ name: 'another', labels: ['mesos', 'big'] })
    const made = anchorActions(planned({ queue: [waitsFor(NOBODY)], templates: [mesos, other] }))
    expect(made).toHaveLength(1)
    expect(anchorActions(planned({ templates: [other, mesos], nodes: [anchor] }))).toEqual([])
  })

  test('labels that look alike have different names', () => {
    const queue = ['mesos:a/b', 'mesos:a-b', 'mesos:a_b'].map((label, id) =>
      waitsFor(`There are no nodes with the label ‘${label}’`, String(id)),
    )
    const made = anchorActions(planned({ queue })).flatMap((action) => ('node' in action ? [action.node] : []))
    expect(new Set(made).size).toBe(3)
    for (const name of made) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,80}$/)
  })
})

describe('many of them', () => {
  const nobodyHas = (index: number): QueueItem =>
    waitsFor(`There are no nodes with the label ‘mesos:image-${index}’`, String(1000 + index))
  const queue = Array.from({ length: MOST_CUSTOM_LABELS + 5 }, (_, index) => nobodyHas(index))
  const templates = [{ ...mesos, maxAgents: 1_000 }]
  const first = planned({
    queue,
    templates,
    over: { caps: { maxAgents: 1_000, maxCpus: undefined, maxMem: undefined } },
  })

  test('are bounded, and those beyond wait with words', () => {
    expect(anchorActions(first)).toHaveLength(MOST_CUSTOM_LABELS)
    const waiting = first.explanation.items.filter(({ state }) => state === 'capped')
    expect(waiting).toHaveLength(5)
    expect(waiting[0]?.words).toContain('50 labels that name an image may be in use at once')
    expect(Object.keys(first.memory.customLabels)).toHaveLength(MOST_CUSTOM_LABELS)
  })

  test('those in use stay in use, and make room as soon as nobody asks for them', () => {
    const reversed = planned({ queue: queue.toReversed(), templates, over: { memory: first.memory } })
    expect(Object.keys(reversed.memory.customLabels).toSorted()).toEqual(
      Object.keys(first.memory.customLabels).toSorted(),
    )
    const less = planned({ queue: queue.slice(5), templates, over: { memory: first.memory } })
    expect(less.explanation.items.filter(({ state }) => state === 'capped')).toEqual([])
  })
})

describe('launches of an image that fail', () => {
  const failures = { failures: 1, delayMs: 10_000, until: NOW + 5_000, openSince: undefined }
  const queue = [waitsFor(NOBODY), waitsFor('Waiting for next available executor on ‘mesos’', '2')]

  test('hold back that image, and nothing else of its template', () => {
    const { memory } = aSnapshot()
    const over = { memory: { ...memory, backoff: { 'docker+maven:3.9': failures } } }
    const [image, plain] = planned({ queue, over }).explanation.items
    expect(image).toMatchObject({ state: 'backed_off', words: expect.stringContaining('with the image maven:3.9') })
    expect(plain?.state).toBe('waiting_offer')
  })

  test('a template that fails is held back whatever the image', () => {
    const { memory } = aSnapshot()
    const over = { memory: { ...memory, backoff: { docker: failures } } }
    const { items } = planned({ queue, over }).explanation
    expect(items.map(({ state }) => state)).toEqual(['backed_off', 'backed_off'])
  })

  test('are forgotten with the label', () => {
    const { memory } = aSnapshot()
    const trouble = { revision: 'r1+maven:3.9', words: 'no such image' }
    const before = { ...memory, backoff: { 'docker+maven:3.9': failures }, troubles: { 'docker+maven:3.9': trouble } }
    const used = planned({ queue, over: { memory: before } })
    expect(used.explanation.problems).toContain('no such image')
    const over = planned({ over: { memory: before } })
    expect(over.memory.backoff).toEqual({})
    expect(over.memory.troubles).toEqual({})
  })
})

test('a planned agent that lost its offer is launched with its image', () => {
  const record = aRecord(
    { agentId: 'mesos-docker-1', state: 'planned', launchedAt: undefined, onlineAt: undefined, idleSince: undefined },
    maven,
  )
  const over = { records: [record], ready: new Set(['mesos-docker-1' as AgentId]), offers: [anOffer()] }
  const [place] = planned({ over }).actions.filter((action) => action.kind === 'place')
  expect(place?.template).toEqual(maven)
})
