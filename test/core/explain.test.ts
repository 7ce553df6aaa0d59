import { describe, expect, test } from '@jest/globals'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import { Explainer } from '../../src/core/explain-report.ts'
import type { Instant, MesosAgentId } from '../../src/core/model.ts'
import type { Standing } from '../../src/core/moved.ts'
import type { Attribute, KnownHost } from '../../src/core/offer.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Snapshot } from '../../src/core/snapshot.ts'
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
  items,
  NOW,
  nodeOf,
} from '../support/builders.ts'

function explain(snapshot: Snapshot, now = NOW): Explainer {
  const { records, jenkins: reading } = snapshot
  return new Explainer({ snapshot, plan: plan(snapshot, now), records, reading, now })
}

function waiting(over: Partial<Snapshot> = {}, why?: string): Snapshot {
  const templates = over.templates ?? [aTemplate()]
  const queue = [anItem(why === undefined ? {} : { why })]
  return aSnapshot({ jenkins: aReading({ nodes: templates.map((one) => anchorOf(one)), queue }), ...over })
}

function known(host: number, mem: number, over: Partial<KnownHost> = {}): KnownHost {
  return {
    hostname: `host-${host}`,
    mesosAgentId: `S${host}` as MesosAgentId,
    attributes: [] as readonly Attribute[],
    domain: undefined,
    unavailability: undefined,
    free: { '*': { cpus: 8_000, mem: mem * 1000 } },
    seenAt: NOW - 60_000,
    ...over,
  }
}

describe('a build that waits', () => {
  test('for an offer: hosts that refuse, by how much, the nearest first, and the others counted', () => {
    const offers = Array.from({ length: 25 }, (_, index) =>
      anOffer({ host: index + 1, free: { cpus: 8_000, mem: (index + 1) * 20_000 } }),
    )
    const item = explain(waiting({ offers })).item('1')
    expect(item).toMatchObject({ state: 'waiting_offer', template: 'linux' })
    expect(item?.hosts).toMatchObject({ known: 25, offering: 25, fitting: 0, others: { resources: 15 } })
    expect(item?.hosts?.nearest).toHaveLength(10)
    expect(item?.hosts?.nearest[0]).toMatchObject({
      hostname: 'host-25',
      refusals: [{ stage: 'resources', words: 'host-25 needs mem 704 MiB, has mem 500 MiB' }],
      short: [{ name: 'mem', needs: 704, has: 500 }],
    })
  })

  test('is told of hosts that offered before, less what was launched there since', () => {
    const since = aRecord({ agentId: 'mesos-linux-1', mesosAgentId: 'S1' as MesosAgentId, createdAt: NOW - 1_000 })
    const queue = [anItem()]
    const jenkins = aReading({
      nodes: [anchorOf(aTemplate()), nodeOf(since, { idle: false, running: [{ url: 'b', name: 'b' }] })],
      queue,
    })
    const report = explain(aSnapshot({ jenkins, records: [since], hosts: [known(1, 1_000), known(2, 300)] })).item('1')
    expect(report?.hosts?.nearest.map(({ hostname, short }) => [hostname, short[0]?.has])).toEqual([
      ['host-2', 300],
      ['host-1', 296],
    ])
    expect(report?.hosts?.offering).toBe(0)
  })

  test('for a cap, with its numbers', () => {
    const template = aTemplate({ maxAgents: 1 })
    const busy = aRecord({}, template)
    const nodes = [anchorOf(template), nodeOf(busy, { idle: false, running: [{ url: 'b', name: 'b' }] })]
    const snapshot = aSnapshot({
      templates: [template],
      records: [busy],
      jenkins: aReading({ nodes, queue: [anItem()] }),
    })
    expect(explain(snapshot).item('1')).toMatchObject({
      state: 'capped',
      words: 'cap: template linux may have 1 agent (maxAgents); 1 of 1 are in use',
      standing: { cap: { scope: 'template', used: 1, limit: 1 } },
      candidates: { candidates: [{ template: 'linux', outcome: 'capped' }] },
    })
  })

  test('for a cap that others have spoken for, though it is not used up', () => {
    const template = aTemplate({ maxAgents: 2, executors: { min: 1, max: 1 } })
    const busy = aRecord({}, template)
    const nodes = [anchorOf(template), nodeOf(busy, { idle: false, running: [{ url: 'b', name: 'b' }] })]
    const snapshot = aSnapshot({
      templates: [template],
      records: [busy],
      jenkins: aReading({ nodes, queue: [anItem({ id: '1' }), anItem({ id: '2' })] }),
    })
    expect(explain(snapshot).item('2')).toMatchObject({
      state: 'capped',
      words: expect.stringMatching(/; 1 of 2 are in use, and what is left is too little or spoken for$/),
    })
  })

  test('for a back-off, until then', () => {
    const template = aTemplate()
    const memory = { ...EMPTY_MEMORY, backoff: { [template.name]: failed(NO_BACKOFF, NOW) } }
    const item = explain(waiting({ memory }), NOW + 1_000).item('1')
    expect(item).toMatchObject({ state: 'backed_off', standing: { until: NOW + 10_000 } })
  })

  test('for an agent that starts: which, where, since when', () => {
    const starting = aRecord({ state: 'starting', launchedAt: NOW - 12_000, onlineAt: undefined, idleSince: undefined })
    expect(explain(waiting({ records: [starting] })).item('1')).toMatchObject({
      state: 'starting',
      words: 'agent mesos-linux-1 is starting for it on host-1, since 12 s',
      standing: { agent: { agentId: 'mesos-linux-1', hostname: 'host-1', since: NOW - 12_000 } },
      hosts: undefined,
    })
  })

  test('for nobody: the labels that nobody has, and those that look like them', () => {
    const templates = [aTemplate({ name: 'arm', labels: ['linux-arm64', 'docker'] })]
    const item = explain(waiting({ templates }, 'There are no nodes with the label ‘linux-arm’')).item('1')
    expect(item?.words).toBe(
      'no template and no node has labels that match linux-arm: no template has the label linux-arm; near: linux-arm64',
    )
    expect(item?.candidates).toMatchObject({
      candidates: [{ template: 'arm', outcome: 'labels', words: expect.stringContaining('do not match linux-arm') }],
      missing: [{ label: 'linux-arm', near: ['linux-arm64'] }],
    })
  })

  test('why the first template was passed over for the second', () => {
    const small = aTemplate({ name: 'small', labels: ['linux'], maxAgents: 0 })
    const big = aTemplate({ name: 'big', labels: ['linux', 'big'] })
    const windows = aTemplate({ name: 'windows', labels: ['windows'] })
    const snapshot = waiting({ templates: [windows, big, small] }, 'All nodes of label ‘linux’ are offline')
    const outcomes = explain(snapshot)
      .item('1')
      ?.candidates?.candidates.map(({ template, outcome }) => [template, outcome])
    expect(outcomes).toEqual([
      ['small', 'capped'],
      ['big', 'serves'],
      ['windows', 'labels'],
    ])
  })

  test('ten thousand of one wish share their candidates and their hosts', () => {
    const jenkins = aReading({ nodes: [anchorOf(aTemplate({ maxAgents: 20_000 }))], queue: items(10_000) })
    const snapshot = aSnapshot({
      templates: [aTemplate({ maxAgents: 20_000 })],
      caps: { maxAgents: 20_000, maxCpus: undefined, maxMem: undefined },
      jenkins,
      hosts: [known(1, 10)],
    })
    const explainer = explain(snapshot)
    const report = explainer.report()
    expect(Object.keys(report.wishes)).toHaveLength(1)
    expect(explainer.item('7')?.hosts).toBe(explainer.item('8')?.hosts)
    expect(explainer.item('7')?.candidates).toBe(explainer.item('8')?.candidates)
    expect(explainer.job('job-7', 100)).toMatchObject({ items: [{ itemId: '7' }], more: 0 })
  })
})

describe('what fits a template', () => {
  const fit = (template: Template, over: Partial<Snapshot> = {}) =>
    explain(aSnapshot({ templates: [template], ...over })).template(template.name)

  test.each<[string, Template, readonly KnownHost[], readonly string[]]>([
    [
      'a role that nothing was offered to',
      aTemplate({ role: 'ci' }),
      [known(1, 4_000)],
      ['no host has offered to role ci yet'],
    ],
    [
      'more GPUs than any host has',
      aTemplate({ scalars: { gpus: 4_000 } }),
      [known(1, 8_000, { free: { '*': { cpus: 8_000, mem: 8_000_000, gpus: 2_000 } } })],
      ['no host has 4 GPUs: the most is 2'],
    ],
    [
      'more memory than any host has',
      aTemplate(),
      [known(1, 300), known(2, 500)],
      ['no host has mem 704 MiB: the most is 500'],
    ],
    [
      'a cap that the hosts cannot hold',
      aTemplate({ maxAgents: 10 }),
      [known(1, 1_500), known(2, 1_500), known(3, 800)],
      ['the cap of 10 agents is above what 3 known hosts can hold now: 5'],
    ],
    [
      'rules that hold nowhere',
      aTemplate({
        maxAgents: 1,
        constraints: [
          { field: 'os', operator: 'IS', value: 'windows' },
          { field: 'rack', operator: 'UNIQUE', value: undefined },
          { field: 'hostname', operator: 'LIKE', value: 'big-.*' },
          { field: 'hostname', operator: 'MAX_PER', value: '2' },
        ],
      }),
      [known(1, 8_000, { attributes: [{ name: 'os', type: 'TEXT', value: 'linux' }] }), known(2, 8_000)],
      [
        'no host has os=windows',
        'no host has the attribute rack, which the rule UNIQUE is about',
        'no host has hostname like big-.*',
      ],
    ],
    ['nothing at all', aTemplate({ maxAgents: 2 }), [known(1, 8_000)], []],
  ])('%s', (_what, template, hosts, findings) => {
    expect(fit(template, { hosts })?.findings).toEqual(findings)
  })

  test('agents that run count for what it can hold, not for what fits now', () => {
    const template = aTemplate({ maxAgents: 2 })
    const running = aRecord({ createdAt: NOW - 100_000, mesosAgentId: 'S1' as MesosAgentId }, template)
    const found = fit(template, { hosts: [known(1, 800)], records: [running] })
    expect(found).toMatchObject({
      fitNow: 1,
      fitAtMost: 2,
      possibleHosts: 1,
      needs: 'cpus 0.3, mem 704 MiB',
      findings: [],
    })
  })

  test('a region that no host is in is named by its stage', () => {
    const far = known(1, 8_000, { domain: { region: 'far', zone: 'a' } })
    const { mesos } = aSnapshot()
    const found = fit(aTemplate(), { hosts: [far], mesos: { ...mesos, home: 'near' } })
    expect(found).toMatchObject({ possibleHosts: 0, fitNow: 0 })
    expect(found?.findings[0]).toContain('region refuses every one of 1 known host: host-1 is in region far')
  })
})

describe('an agent', () => {
  const idle = aRecord({ idleSince: NOW - 40_000 })
  const agentOf = (snapshot: Snapshot) => explain(snapshot).agent('mesos-linux-1')
  const alone = (over: Parameters<typeof nodeOf>[1] = {}, record = idle, template = aTemplate()) =>
    aSnapshot({
      templates: [template],
      records: [record],
      jenkins: aReading({ nodes: [anchorOf(template), nodeOf(record, over)] }),
    })

  const patient = anImageTemplate({ idleTimeoutMs: Number.POSITIVE_INFINITY })
  const image = aRecord({}, variantFor(patient, 'linux:maven:3'))

  test('says why it was provisioned and when it goes', () => {
    expect(agentOf(alone())).toMatchObject({
      provisioned: 'job app waits',
      keep: 'idle',
      words: 'idle for 40 s of 180 s',
      goesAt: NOW + 140_000,
    })
  })

  test.each<[string, Snapshot, string, string]>([
    ['fills the warm pool', alone({}, idle, aTemplate({ minIdle: 3 })), 'warm_pool', 'kept in the warm pool of 3'],
    ['works', alone({ idle: false, running: [{ url: 'b', name: 'app #7' }] }), 'busy', 'busy with app #7'],
    [
      'was taken offline',
      alone({ offline: true, temporarilyOffline: true, offlineReason: 'disk' }),
      'offline_by_person',
      'somebody took it offline in Jenkins: disk',
    ],
    [
      'never goes',
      alone({}, idle, aTemplate({ idleTimeoutMs: Number.POSITIVE_INFINITY })),
      'idle',
      'keeps idle agents for ever',
    ],
    [
      'has an image that a job named goes all the same',
      alone({}, { ...image, idleSince: NOW - 60_000 }, patient),
      'idle',
      'idle for 60 s of 600 s',
    ],
  ])('that %s is kept for that', (_what, snapshot, keep, words) => {
    expect(agentOf(snapshot)).toMatchObject({ keep, words: expect.stringContaining(words) })
  })

  test.each<[string, Standing | undefined, string, Instant]>([
    ['nobody has asked yet', undefined, '40 s of 300 s; it was sent to http://old/, and who answers', NOW + 260_000],
    ['it is not certain', { kind: 'unknown' }, 'there now is being asked', NOW + 260_000],
    ['Jenkins is there', { kind: 'here' }, 'disconnected for 40 s of 300 s', NOW + 260_000],
    ['nobody is there', { kind: 'lost', why: 'nobody answers there' }, 'for 40 s: it was sent to http://old/', NOW],
  ])('that is disconnected and was sent to another address says so: %s', (_what, standing, words, goesAt) => {
    const others = new Map(standing === undefined ? [] : [['http://old/', standing]])
    const record = aRecord({ state: 'disconnected', since: NOW - 40_000, jenkinsUrl: 'http://old/' })
    const snapshot = { ...alone({ offline: true }, record), addresses: { inUse: 'http://now/', others } }
    expect(agentOf(snapshot)).toMatchObject({
      keep: 'disconnected',
      words: expect.stringContaining(words) as unknown,
      goesAt,
    })
  })

  test('that an item is to take stays', () => {
    const snapshot = alone()
    const jenkins = aReading({ nodes: snapshot.jenkins?.nodes ?? [], queue: [anItem({ job: 'next' })] })
    expect(agentOf({ ...snapshot, jenkins })).toMatchObject({ keep: 'taken', words: 'idle, and is to take job next' })
  })

  test('that drains still knows why it came', () => {
    const draining = aRecord({ state: 'draining', reason: 'idle for 200 s', reapReason: 'idle', since: NOW - 5_000 })
    const node = nodeOf(aRecord(), { idle: false, running: [{ url: 'b', name: 'app #7' }] })
    const snapshot = aSnapshot({ records: [draining], jenkins: aReading({ nodes: [node] }) })
    expect(agentOf(snapshot)).toMatchObject({
      provisioned: 'job app waits',
      words: 'draining for 5 s: idle for 200 s; it goes when app #7 ends',
    })
  })
})
