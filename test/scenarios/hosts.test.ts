import { describe, expect, test } from '@jest/globals'
import { toMilli } from '../../src/core/resources.ts'
import type { HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const ROOM = { cpus: 4, memMib: 8192, diskMib: 10_000 }

function aHost(n: number, over: Partial<HostSpec> = {}): HostSpec {
  return { hostname: `added-${n}.test`, authority: `10.0.1.${n}:5051`, resources: ROOM, ...over }
}

const hostOf = (farm: Farm, template: string): string | undefined =>
  farm.view.agents.find((agent) => agent.template === template)?.hostname
const resourcesOf = (farm: Farm, index: number) => farm.launched[index]?.info.resources ?? []
const variable = (farm: Farm, index: number, name: string): string | undefined =>
  farm.launched[index]?.info.command?.environment?.variables.find((one) => one.name === name)?.value
const offlineReason = (farm: Farm, name: string | undefined): string | undefined =>
  farm.jenkins.nodes.find((node) => node.name === name)?.temporarilyOffline?.message

describe('what hosts have', () => {
  test('GPUs go to the template that asks for them, and their host to nobody else', async () => {
    const ml = { ...LINUX, labels: ['gpu'], gpus: 1, scalars: { fpga: 0.5 } }
    const farm = await start({ hosts: 0, templates: { linux: LINUX, ml } })
    await farm.mesos.addHost(aHost(1, { resources: { ...ROOM, gpus: 2, scalars: { fpga: 1 } } }))
    farm.job('plain', 10_000)
    await farm.advance(20_000)
    expect(farm.launched).toEqual([])
    expect(farm.view.queue[0]?.words).toMatch(/added-1.test has GPUs and is kept for templates that ask for some/)
    farm.job('trained', 10_000, 'gpu')
    await farm.until(() => farm.launched.length === 1, 20_000, 'the agent with a GPU')
    expect(hostOf(farm, 'ml')).toBe('added-1.test')
    expect(resourcesOf(farm, 0)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'gpus', scalar: { value: 1 } }),
        expect.objectContaining({ name: 'fpga', scalar: { value: 0.5 } }),
      ]),
    )
    await farm.mesos.addHost(aHost(2))
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
  })

  test('reserved resources go first, both kinds in one task, and no port is given twice', async () => {
    const reserved = { ci: { cpus: 0.2, memMib: 100, ports: [{ begin: 32_000, end: 32_000 }] } }
    const ports = [{ begin: 31_000, end: 31_009 }]
    const templates = { linux: { ...LINUX, ports: 2 } }
    const farm = await start({ hosts: 0, templates, environment: { MESOS_ROLES: 'ci' } })
    await farm.mesos.addHost(aHost(1, { resources: { ...ROOM, ports, reserved } }))
    for (const name of ['a', 'b', 'c']) farm.job(name, 20_000)
    await farm.until(() => farm.running === 3, 30_000, 'three builds')
    const given = farm.launched.flatMap((_, index) => (variable(farm, index, 'PORTS') ?? '').split(','))
    expect(given).toHaveLength(6)
    expect(new Set(given).size).toBe(6)
    expect(given).toContain('32000')
    expect(variable(farm, 0, 'PORT')).toBe(variable(farm, 0, 'PORT0'))
    const mixed = resourcesOf(farm, 0).filter(({ name }) => name === 'cpus')
    expect(mixed).toMatchObject([{ reservations: [{ role: 'ci' }] }, { scalar: { value: 0.1 } }])
    expect(mixed.reduce((sum, { scalar }) => sum + toMilli(scalar?.value ?? 0), 0)).toBe(300)
    await farm.allSucceed(60_000)
    await farm.empty(90_000)
  })

  test('a host of another region is for the template that names it, and the one who waits is told', async () => {
    const far = { ...LINUX, labels: ['far'], regions: ['us'] }
    const mesos = { faultDomain: { region: 'eu', zone: 'a' } }
    const farm = await start({ hosts: 0, mesos, templates: { linux: LINUX, far } })
    await farm.mesos.addHost(aHost(1, { faultDomain: { region: 'us', zone: 'b' } }))
    farm.job('near', 10_000)
    await farm.advance(20_000)
    expect(farm.launched).toEqual([])
    expect(farm.view.queue[0]?.words).toMatch(/added-1.test is in region us, the master in eu/)
    farm.job('there', 10_000, 'far')
    await farm.until(() => farm.launched.length === 1, 20_000, 'the agent far away')
    expect(hostOf(farm, 'far')).toBe('added-1.test')
    await farm.mesos.addHost(aHost(2, { faultDomain: { region: 'eu', zone: 'c' } }))
    await farm.allSucceed(60_000)
    await farm.empty(90_000)
  })
})

describe('hosts that go', () => {
  const window = (farm: Farm, hostname: string, fromMs: number) => ({
    machine_ids: [{ hostname, ip: hostname }],
    unavailability: {
      start: { nanoseconds: (farm.clock.now() + fromMs) * 1e6 },
      duration: { nanoseconds: 3_600_000 * 1e6 },
    },
  })

  test('invariant 1: maintenance announced: its agents drain, the build ends, the next runs elsewhere', async () => {
    const farm = await start({ hosts: 2, templates: { linux: { ...LINUX, idleTimeoutSeconds: 600 } } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [first] = farm.agentNodes
    const host = farm.tasks[0]?.hostname ?? ''
    farm.mesos.maintenance.update([window(farm, host, 1_800_000)])
    await farm.until(() => offlineReason(farm, first) !== undefined, 10_000, 'its node offline')
    expect(offlineReason(farm, first)).toMatch(/goes into maintenance in 1799 s/)
    expect(farm.running).toBe(1)
    expect(farm.calls('ACCEPT_INVERSE_OFFERS')).toHaveLength(1)
    farm.job('b', 5_000)
    await farm.allSucceed(90_000)
    expect(farm.launched).toHaveLength(2)
    await farm.until(() => farm.view.agents.length === 1, 20_000, 'the agent gone')
    expect(farm.view.agents.map(({ hostname }) => hostname)).not.toContain(host)
  })

  test('maintenance called off: the host is used again', async () => {
    const farm = await start({ hosts: 1 })
    farm.mesos.maintenance.update([window(farm, 'host-1.test', 600_000)])
    farm.job('a', 5_000)
    await farm.advance(20_000)
    expect(farm.launched).toEqual([])
    expect(farm.view.queue[0]?.words).toMatch(/host-1.test goes into maintenance in 10 min, builds may take 60 min/)
    farm.mesos.maintenance.update([])
    await farm.allSucceed(30_000)
    await farm.empty(90_000)
  })

  test('a host that is drained by its operators: its node is offline at once, and the next build runs elsewhere', async () => {
    const farm = await start({ hosts: 2, templates: { linux: { ...LINUX, idleTimeoutSeconds: 600 } } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [first] = farm.agentNodes
    const host = farm.tasks[0]?.hostname ?? ''
    const id = farm.mesos.snapshot().hosts.find(({ hostname }) => hostname === host)?.mesosAgentId ?? ''
    expect(farm.mesos.draining.drain(id, false)).toBeUndefined()
    await farm.until(
      () => offlineReason(farm, first) !== undefined || farm.agentNodes.length === 0,
      5_000,
      'no more builds',
    )
    farm.job('b', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 60_000, 'the second build')
    expect(farm.launched).toHaveLength(2)
    expect(farm.view.agents.map(({ hostname }) => hostname)).not.toContain(host)
    expect(farm.view.templates[0]?.failures).toBe(0)
  })

  test('a machine that goes down in its window: its node goes, and nothing is left', async () => {
    const farm = await start({ hosts: 2 })
    farm.job('a', 300_000)
    await farm.until(() => farm.running === 1, 30_000)
    const host = farm.tasks[0]?.hostname ?? ''
    farm.mesos.maintenance.update([window(farm, host, 0)])
    await farm.advance(5_000)
    expect(farm.running).toBe(1)
    expect(farm.mesos.maintenance.down([{ hostname: host, ip: host }])).toBeUndefined()
    await farm.until(() => farm.agentNodes.length === 0, 60_000, 'the node gone')
    await farm.empty(60_000)
  })

  test('invariants 2, 3: a host that was given up comes back: its place was given away, and its task is killed', async () => {
    const linux = { ...LINUX, maxAgents: 1, unreachableTimeoutSeconds: 60, idleTimeoutSeconds: 600 }
    const farm = await start({ hosts: 2, templates: { linux } })
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [gone = ''] = farm.agentNodes
    const host = farm.tasks[0]?.hostname ?? ''
    await farm.mesos.removeHost(host, { tasks: 'keep' })
    await farm.until(() => farm.view.agents[0]?.state === 'unreachable', 120_000, 'TASK_UNREACHABLE')
    farm.job('b', 60_000)
    await farm.until(() => farm.launched.length === 2, 120_000, 'another agent in its place')
    expect(farm.agentNodes).not.toContain(gone)
    await farm.mesos.returnHost(host)
    await farm.until(() => !farm.tasks.some(({ taskId }) => taskId === gone), 30_000, 'the task killed')
    await farm.allSucceed(90_000)
  })
})
