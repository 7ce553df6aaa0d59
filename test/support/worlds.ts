import fc from 'fast-check'
import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import { offlineReason } from '../../src/core/markers.ts'
import type { AgentRecord, AgentState } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import type { Plan, Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { variantFor } from '../../src/core/variant.ts'
import { aNode, anchorOf, anItem, anOffer, aReading, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from './builders.ts'
import { aContainer } from './containers.ts'

const LABELS = ['linux', 'docker', 'gpu', 'arm'] as const
const ROLES = ['*', 'ci'] as const
const STATES: readonly AgentState[] = [
  'planned',
  'starting',
  'online',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
]

const template = (name: string): fc.Arbitrary<Template> =>
  fc
    .record({
      labels: fc.subarray([...LABELS], { minLength: 1 }),
      mode: fc.constantFrom('NORMAL' as const, 'EXCLUSIVE' as const),
      role: fc.constantFrom(...ROLES),
      min: fc.integer({ min: 1, max: 3 }),
      more: fc.integer({ min: 0, max: 3 }),
      maxAgents: fc.integer({ min: 0, max: 6 }),
      minIdle: fc.integer({ min: 0, max: 3 }),
      cpus: fc.integer({ min: 1, max: 4_000 }),
      mem: fc.integer({ min: 32, max: 8_000 }),
      priority: fc.constantFrom(0, 0, 0, 5, -5),
      maxCpus: fc.option(fc.integer({ min: 0, max: 12_000 }), { nil: undefined, freq: 3 }),
      maxMem: fc.option(fc.integer({ min: 0, max: 20_000_000 }), { nil: undefined, freq: 3 }),
      customImages: fc.boolean(),
    })
    .map(({ min, more, cpus, mem, customImages, ...rest }) =>
      aTemplate({
        name,
        ...rest,
        executors: { min, max: min + more },
        cpus: { agent: cpus, perExecutor: 100 },
        memMib: { agent: mem, perExecutor: 128, factor: 1.1 },
        launch: aLaunch(customImages),
      }),
    )

function aLaunch(customImages: boolean): Template['launch'] {
  const { launch } = aTemplate()
  return customImages ? { ...launch, container: aContainer({ customImages }) } : launch
}

const WHYS = [
  'Waiting for next available executor',
  'There are no nodes with the label ‘linux’',
  'All nodes of label ‘linux&&docker’ are offline',
  'All nodes of label ‘gpu||arm’ are offline',
  'Waiting for next available executor on ‘linux’',
  '‘anchor-a’ is offline',
  '‘anchor-b’ is offline',
  '‘static-0’ is offline',
  'Jenkins is about to shut down',
  'There are no nodes with the label ‘nowhere’',
  'There are no nodes with the label ‘linux:maven:3’',
  'All nodes of label ‘gpu:reg.test:5000/team/tool@x||arm:node’ are offline',
] as const

const item = (index: number): fc.Arbitrary<QueueItem> =>
  fc
    .record({
      why: fc.constantFrom(...WHYS),
      buildable: fc.boolean(),
      stuck: fc.boolean(),
      buildableSince: fc.integer({ min: NOW - 900_000, max: NOW }),
    })
    .map((over) => anItem({ id: String(index), job: `job-${index}`, ...over }))

const staticNode = (index: number): fc.Arbitrary<JenkinsNode> =>
  fc
    .record({
      labels: fc.subarray([...LABELS]),
      executors: fc.integer({ min: 0, max: 3 }),
      offline: fc.boolean(),
      busy: fc.boolean(),
    })
    .map(({ busy, ...rest }) =>
      aNode({ name: `static-${index}`, ...rest, idle: !busy, running: busy ? [{ url: `b/${index}`, name: 'b' }] : [] }),
    )

interface AgentInWorld {
  readonly record: AgentRecord
  readonly node: JenkinsNode | undefined
}

const agent = (index: number, templates: readonly Template[]): fc.Arbitrary<AgentInWorld> =>
  fc
    .record({
      template: fc.constantFrom(...templates),
      state: fc.constantFrom(...STATES),
      sinceMs: fc.integer({ min: 0, max: 2_000_000 }),
      busy: fc.boolean(),
      offline: fc.boolean(),
      taken: fc.constantFrom('no', 'ours', 'theirs'),
      present: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      taskEnded: fc.boolean(),
      custom: fc.boolean(),
    })
    .map(({ template: base, state, sinceMs, busy, offline, taken, present, taskEnded, custom }) => {
      const of = (custom ? variantFor(base, `${base.labels[0] ?? ''}:maven:3`) : undefined) ?? base
      const early = state === 'planned' || state === 'starting'
      const since = NOW - sinceMs
      const record = aRecord(
        {
          agentId: `mesos-${of.name}-${index}`,
          state,
          since,
          launchedAt: state === 'planned' ? undefined : since,
          onlineAt: early ? undefined : since,
          idleSince: early || busy ? undefined : since,
          taskEnded: state === 'stopping' && taskEnded,
          nodeGone: state === 'stopping' && !present,
        },
        of,
      )
      const reason = taken === 'ours' ? offlineReason('x') : taken === 'theirs' ? 'maintenance' : ''
      const node = nodeOf(record, {
        offline: offline || early || taken !== 'no',
        temporarilyOffline: taken !== 'no',
        offlineReason: reason,
        idle: !busy,
        running: busy && !early ? [{ url: `job/x/${index}`, name: 'x' }] : [],
      })
      return { record, node: present ? node : undefined }
    })

const offer = (index: number): fc.Arbitrary<Offer> =>
  fc
    .record({
      host: fc.integer({ min: 0, max: 4 }),
      role: fc.constantFrom(...ROLES),
      cpus: fc.integer({ min: 0, max: 9_000 }),
      mem: fc.integer({ min: 0, max: 20_000 }),
    })
    .map(({ host, role, cpus, mem }) => anOffer({ id: `O${index}`, host, role, free: { cpus, mem: mem * 1000 } }))

const many = <T>(max: number, one: (index: number) => fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.nat({ max }).chain((length) => fc.tuple(...Array.from({ length }, (_, index) => one(index))))

/** Any state of affairs that the planner may be shown: agents in every state, nodes of others, odd queues, offers. */
export const anyWorld: fc.Arbitrary<Snapshot> = fc
  .tuple(template('a'), template('b'), template('c'))
  .chain((templates) =>
    fc.record({
      templates: fc.constant(templates),
      agents: many(8, (index) => agent(index, templates)),
      statics: many(3, staticNode),
      queue: many(12, item),
      offers: many(8, offer),
      maxAgents: fc.integer({ min: 0, max: 12 }),
      maxCpus: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
      maxMem: fc.option(fc.integer({ min: 0, max: 40_000_000 }), { nil: undefined }),
      anchored: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      defaultAt: fc.nat({ max: 5 }),
      subscribed: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      round: fc.integer({ min: 1, max: 5 }),
    }),
  )
  .map(({ templates: all, agents, statics, queue, offers, anchored, subscribed, round, defaultAt, ...caps }) => {
    const templates = all.map((one, index) => (index === defaultAt ? { ...one, isDefault: true } : one))
    const anchors = anchored ? templates.map((one) => anchorOf(one)) : []
    const nodes = [...anchors, ...statics, ...agents.flatMap(({ node }) => node ?? [])]
    const base = aSnapshot()
    return aSnapshot({
      templates,
      offers,
      round,
      records: agents.map(({ record }) => record),
      jenkins: aReading({ nodes, queue }),
      caps,
      mesos: { ...base.mesos, subscribed },
    })
  })

/** The records after the plan: what it changed, and a `planned` one for each agent that it wants to provision. */
export function recordsAfter(snapshot: Snapshot, plan: Plan): readonly AgentRecord[] {
  const changed = new Map(plan.records.map((record) => [record.agentId, record]))
  const kept = snapshot.records.map((record) => changed.get(record.agentId) ?? record)
  const fresh = plan.actions.flatMap((action, index) =>
    action.kind === 'provision'
      ? [
          aRecord(
            {
              agentId: `mesos-new-${index}`,
              state: 'planned',
              executors: action.executors,
              resources: action.resources,
              onlineAt: undefined,
              idleSince: undefined,
            },
            action.template,
          ),
        ]
      : [],
  )
  return [...kept.filter(({ state }) => state !== 'gone'), ...fresh]
}
