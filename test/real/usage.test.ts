import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { series } from '../metrics/rig.ts'
import { until } from './controller/process.ts'
import { EmbeddedFarm } from './embedded-farm.ts'
import { type Accounted, accountedFor } from './process-tree.ts'

const WITHIN_MS = 60_000
const MIB = 1024 * 1024
const isLinux = process.platform === 'linux'
if (!isLinux) console.warn('SKIPPED: what an agent uses: needs /proc. Nothing of it was tested.')
const describeLinux = isLinux ? describe : describe.skip

/** What the metrics said, and what the kernel said at that moment. */
interface Moment {
  readonly shown: Accounted
  readonly kernel: Accounted
}

describeLinux('what is shown of an agent whose build burns a core and holds 200 MiB', () => {
  let root: string
  let farm: EmbeddedFarm
  let moments: readonly Moment[]
  let end: Moment

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'usage-'))
    farm = await EmbeddedFarm.start(root)
    // Use is read every ten seconds: once at least while the build is at work.
    await farm.build('heavy', 'seconds=14 cpu=1 mem=200')
    const agentId = await until('the agent', WITHIN_MS, async () => (await farm.sidecar.state()).agents[0]?.agentId)
    moments = await watch(agentId, async () => (await farm.admin.lastBuild('heavy'))?.result === 'SUCCESS')
    // The agent is idle now: the next reading has all of it.
    end = await until('a reading after the build', WITHIN_MS, async () => {
      const last = await momentOf(agentId)
      return last !== undefined && last.shown.memoryBytes < 150 * MIB ? last : undefined
    })
  })

  afterAll(async () => {
    await farm.stop()
    rmSync(root, { recursive: true, force: true })
  })

  async function momentOf(agentId: string): Promise<Moment | undefined> {
    const found = series(await farm.sidecar.metrics())
    const kernel = accountedFor(agentId)
    const labels = `{agent="${agentId}",template="linux"}`
    const memoryBytes = found.get(`agent_mem_rss_bytes${labels}`)
    const cpuSeconds = found.get(`agent_cpu_seconds_total${labels}`)
    if (memoryBytes === undefined || cpuSeconds === undefined || kernel === undefined) return undefined
    return { shown: { memoryBytes, cpuSeconds }, kernel }
  }

  /** Each moment at which the shown figures have just changed. */
  async function watch(agentId: string, isOver: () => Promise<boolean>): Promise<readonly Moment[]> {
    const seen: Moment[] = []
    while (!(await isOver())) {
      const moment = await momentOf(agentId)
      if (moment !== undefined && moment.shown.cpuSeconds !== seen.at(-1)?.shown.cpuSeconds) seen.push(moment)
      await delay(100)
    }
    return seen
  }

  test('memory is within 10 % of what the kernel accounts for its processes', () => {
    const atWork = moments.filter(({ kernel, shown }) => Math.min(kernel.memoryBytes, shown.memoryBytes) > 150 * MIB)
    expect(atWork.length).toBeGreaterThan(0)
    for (const { shown, kernel } of atWork) {
      console.log(
        `memory: ${Math.round(shown.memoryBytes / MIB)} MiB shown, ${Math.round(kernel.memoryBytes / MIB)} MiB by the kernel`,
      )
      expect(shown.memoryBytes).toBeGreaterThan(200 * MIB)
      expect(Math.abs(shown.memoryBytes / kernel.memoryBytes - 1)).toBeLessThan(0.1)
    }
  })

  test('CPU time is within 10 % of it, that of the build that has ended included', () => {
    const { shown, kernel } = end
    console.log(`CPU: ${shown.cpuSeconds} s shown, ${kernel.cpuSeconds} s by the kernel`)
    expect(kernel.cpuSeconds).toBeGreaterThan(2)
    expect(Math.abs(shown.cpuSeconds / kernel.cpuSeconds - 1)).toBeLessThan(0.1)
  })

  test('what the template shows is what the agent does', async () => {
    const found = series(await farm.sidecar.metrics())
    expect(found.get('used_cpu_seconds_total{template="linux"}')).toBeCloseTo(end.shown.cpuSeconds, 0)
  })
})
