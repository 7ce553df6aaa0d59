import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'

const COMMON = { ...LINUX, connectTimeoutSeconds: 60, reconnectTimeoutSeconds: 120, unreachableTimeoutSeconds: 300 }

/** Jobs by name: label and how long a build takes. */
export const JOBS = [
  { name: 'short', label: 'linux', durationMs: 15_000 },
  { name: 'middle', label: 'linux', durationMs: 120_000 },
  { name: 'long', label: 'linux', durationMs: 600_000 },
  { name: 'big', label: 'big', durationMs: 90_000 },
  { name: 'once', label: 'once', durationMs: 45_000 },
] as const

const MASTERS = 2

/** Deleted as Jenkins deletes them: what is older says nothing any more. */
const KEPT_BUILDS = 60

/** A farm that is cheap to run for weeks: rare polls and heartbeats, nothing remembered. */
export async function openWorld(): Promise<Farm> {
  const farm = await Farm.start({
    hosts: 4,
    masters: MASTERS,
    mastersBy: 'zookeeper',
    host: { resources: { cpus: 3, memMib: 4096, diskMib: 10_000 } },
    quiet: true,
    turns: 4,
    latencyMs: 20,
    templates: {
      linux: { ...COMMON, idleTimeoutSeconds: 90, maxAgents: 4 },
      big: {
        ...COMMON,
        labels: ['big'],
        cpus: { agent: 0.5, perExecutor: 0.5 },
        executors: { min: 1, max: 2 },
        idleTimeoutSeconds: 60,
        maxAgents: 2,
      },
      once: { ...COMMON, labels: ['once'], oneShot: true, maxAgents: 2 },
    },
    environment: {
      MAX_AGENTS: '6',
      MAX_CPUS: '4.5',
      POLL_INTERVAL_MS: '60000',
    },
    mesos: { heartbeatMs: 60_000, allocationIntervalMs: 30_000, reregisterTimeoutMs: 600_000 },
  })
  for (const { name, label, durationMs } of JOBS) {
    farm.jenkins.createJob({ name, label, durationMs, concurrent: true })
  }
  return farm
}

export function deleteOldBuilds(farm: Farm): void {
  for (const { builds } of farm.jenkins.jobs) {
    while (builds.length > KEPT_BUILDS && builds[0]?.result !== null) builds.shift()
  }
}
