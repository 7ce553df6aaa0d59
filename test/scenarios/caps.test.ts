import { describe, expect, test } from '@jest/globals'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** Room for two agents of the template `linux`: the variable, its value, and what two agents have of it. */
const TOTAL_CAPS = [
  ['MAX_AGENTS', '2', 'agents', 2],
  ['MAX_CPUS', '0.6', 'cpus', 600],
  ['MAX_MEM_MIB', '1408', 'mem', 1_408_000],
] as const

/** Provisioning: the records, the nodes, their secrets, the launch, the records again. */
const STEPS = [
  ['before', /^commit .*=planned/],
  ['after', /^commit .*=planned/],
  ['after', /doCreateItem/],
  ['before', /jenkins-agent\.jnlp/],
  ['before', /^ACCEPT$/],
  ['after', /^ACCEPT$/],
  ['before', /^commit .*=starting/],
  ['after', /^commit .*=starting/],
] as const

function fourJobs(farm: Farm): void {
  for (const name of ['a', 'b', 'c', 'd']) farm.job(name, 10_000)
}

describe('invariant 3: the total caps', () => {
  test('are shown as they were given', async () => {
    const farm = await start({ environment: { MAX_AGENTS: '7', MAX_CPUS: '0.6', MAX_MEM_MIB: '2048' } })
    expect(farm.view.caps).toEqual({ maxAgents: 7, maxCpus: 0.6, maxMemMib: 2048 })
  })

  test.each(TOTAL_CAPS)(
    '%s=%s: two of four builds run, the others are told of the cap',
    async (cap, value, of, two) => {
      const farm = await start({ environment: { [cap]: value } })
      fourJobs(farm)
      await farm.until(() => farm.running === 2, 30_000, 'two running builds')
      await farm.advance(5_000)
      expect(farm.results).toEqual(['running', 'running', 'queued', 'queued'])
      expect(farm.view.queue.map(({ state, words }) => [state, words.includes(`(${cap})`)])).toEqual(
        Array(2).fill(['capped', true]),
      )
      await farm.allSucceed(60_000)
      await farm.empty(60_000)
      expect(farm.watch.peakInAll.get(of)).toBe(two)
    },
  )

  test.each(STEPS)('MAX_CPUS holds across a crash %s %s, and every build ends well', async (point, step) => {
    let planning = false
    let crashes = 0
    const farm = await start({
      environment: { MAX_CPUS: '0.6' },
      latencyMs: 70, // so that rounds pass while agents are made ready
      // A task whose secret was asked for as the sidecar died waits in vain.
      templates: { linux: { ...LINUX, connectTimeoutSeconds: 30 } },
      crashAt: ({ name }) => {
        // The anchor was made before: from the first record on it is about agents.
        planning ||= name.includes('=planned')
        if (crashes > 0 || !planning || !step.test(name)) return undefined
        crashes += 1
        return point
      },
    })
    fourJobs(farm)
    await farm.until(() => !farm.life.alive, 30_000, 'the crash')
    expect(farm.onlineAgents).toBe(0)
    await farm.advance(1_000)
    await farm.startSidecar()
    await farm.allSucceed(240_000)
    await farm.empty(400_000)
    expect(farm.watch.peakInAll.get('cpus')).toBe(600)
  })

  test.each(TOTAL_CAPS)('the watch of these tests sees who passes %s=%s', async (cap, value, of, two) => {
    const farm = await Farm.start({ environment: { [cap]: value } })
    await farm.restartSidecar({ [cap]: '100000' })
    fourJobs(farm)
    await farm.allSucceed(60_000)
    await expect(farm.close()).rejects.toThrow(`${two * 2} of ${of} in all, ${cap} allows ${two}`)
  })
})
