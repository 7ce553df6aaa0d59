import { describe, expect, test } from '@jest/globals'
import { JENKINS, LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** One that needs less than hosts have keeps the master offering them. */
const TINY = { ...LINUX, labels: ['tiny'], cpus: { agent: 0.05, perExecutor: 0.05 } }
const templates = { linux: LINUX, tiny: TINY }

/** The watch of the farm sees each offer: how long it is out, and whether it is answered twice. */
describe('invariant 5: offers are answered once and in time', () => {
  test('nothing is wanted: the role is suppressed and nothing is offered', async () => {
    const farm = await start()
    await farm.advance(120_000)
    expect(farm.mesos.snapshot()).toMatchObject({ offers: [], frameworks: [{ suppressedRoles: ['*'] }] })
    expect(farm.calls('DECLINE')).toEqual([])
    expect(farm.view.mesos).toMatchObject({ subscribed: true, offersHeld: 0, wantedRoles: [] })
  })

  test('all hosts are too small: offers are declined again and again, and the reason is told', async () => {
    const farm = await start({ templates, host: { resources: { cpus: 0.2, memMib: 4096 } } })
    farm.job('a', 10_000)
    await farm.advance(60_000)
    expect(farm.launched).toEqual([])
    expect(farm.calls('DECLINE').length).toBeGreaterThan(3)
    expect(farm.view.queue).toMatchObject([{ job: 'a', state: 'waiting_offer' }])
    expect(farm.view.queue[0]?.words).toMatch(/cpus|CPU/)
    expect(farm.view.mesos.wantedRoles).toEqual(['*'])
  })

  test('all hosts are too small for any template: the master offers none, but for a look now and then', async () => {
    const farm = await start({ host: { resources: { cpus: 0.2, memMib: 4096 } } })
    farm.job('a', 10_000)
    await farm.advance(20_000)
    expect(farm.calls('DECLINE')).toEqual([])
    expect(farm.view.queue[0]?.words).toMatch(/no host has offered .*; it needs cpus 0.3, mem 704 MiB$/)
    await farm.advance(20_000)
    expect(farm.view.queue[0]?.words).toMatch(/3 hosts offered: host-\d.test needs cpus 0.3, has cpus 0.2/)
    await farm.mesos.addHost({ hostname: 'big.test', authority: '10.0.1.1:5051', resources: { cpus: 4, memMib: 4096 } })
    await farm.allSucceed(60_000)
    await farm.empty(90_000)
  })

  test('Jenkins hangs while offers are out: they go back within five seconds, and builds run once it answers', async () => {
    const farm = await start({ templates, host: { resources: { cpus: 0.1, memMib: 4096 } } })
    farm.job('a', 10_000)
    await farm.until(() => farm.view.mesos.offersHeld > 0 || farm.calls('DECLINE').length > 0, 30_000, 'an offer')
    farm.faults.freeze(JENKINS)
    await farm.advance(60_000)
    expect(farm.mesos.snapshot().offers).toEqual([])
    farm.faults.thaw(JENKINS)
    await farm.mesos.addHost({ hostname: 'big.test', authority: '10.0.1.1:5051', resources: { cpus: 4, memMib: 4096 } })
    await farm.allSucceed(120_000)
    await farm.empty(90_000)
  })

  test('Jenkins hangs while a node is being made: the offer goes back in time, the agent takes another later', async () => {
    const farm = await start()
    farm.faults.hang = ({ path }) => path.startsWith('/computer/doCreateItem') && farm.jenkins.nodes.length > 0
    await farm.advance(5_000)
    farm.job('a', 10_000)
    await farm.until(() => farm.faults.hanging > 0, 30_000, 'a node that is not made')
    await farm.advance(20_000)
    expect(farm.launched).toEqual([])
    farm.faults.hang = () => false
    farm.faults.letGo()
    await farm.allSucceed(120_000)
    expect(farm.launched).toHaveLength(1)
    await farm.empty(90_000)
  })

  test('an offer is rescinded while its agent is prepared: the agent takes another', async () => {
    const farm = await start({ hosts: 1 })
    farm.faults.hang = ({ path }) => path.endsWith('jenkins-agent.jnlp')
    farm.job('a', 10_000)
    await farm.until(() => farm.faults.hanging > 0, 30_000, 'an agent under preparation')
    const [offer] = farm.mesos.snapshot().offers
    farm.mesos.rescind(offer?.id ?? '')
    await farm.advance(500)
    farm.faults.hang = () => false
    farm.faults.letGo()
    await farm.allSucceed(120_000)
    expect(farm.launched).toHaveLength(1)
    await farm.empty(90_000)
  })

  test('many builds on few hosts: agents are packed onto them, and the rest waits for room', async () => {
    const farm = await start({
      hosts: 2,
      host: { resources: { cpus: 1, memMib: 8192 } },
      templates: { linux: { ...LINUX, maxAgents: 20 } },
    })
    for (let build = 0; build < 10; build++) farm.job(`job-${build}`, 20_000)
    await farm.until(() => farm.running === 6, 30_000, 'three agents on each host')
    await farm.advance(10_000)
    expect(farm.running).toBe(6)
    await farm.allSucceed(120_000)
    await farm.empty(90_000)
    expect(farm.launched).toHaveLength(6)
  })
})
