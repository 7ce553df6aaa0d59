import { Farm } from '../support/farm.ts'
import { usersOf } from '../support/farm-jenkins.ts'
import { type FarmOptions, LINUX, type TemplateOptions } from '../support/farm-options.ts'
import { POLICY_TROUBLES } from './policy-troubles.ts'
import type { Trouble } from './trouble.ts'
import { HOST_TROUBLES, TROUBLES } from './troubles.ts'

const COMMON = { ...LINUX, connectTimeoutSeconds: 60, reconnectTimeoutSeconds: 120, unreachableTimeoutSeconds: 300 }

/** What a storm goes over. */
export interface World {
  readonly farm: FarmOptions & { readonly templates: Readonly<Record<string, TemplateOptions>> }
  readonly jobs: readonly { readonly name: string; readonly label: string; readonly durationMs: number }[]
  /** Those that stand there more often come more often. */
  readonly troubles: readonly Trouble[]
  readonly mostBuildsAtOnce: number
  /** Tasks of its warm pools, when it is calm. */
  readonly warm: number
}

/** Few templates, and nothing that is kept: while nobody waits, nothing may be there. */
const plain: World = {
  farm: {
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
    environment: { MAX_AGENTS: '6', MAX_CPUS: '4.5' },
  },
  jobs: [
    { name: 'short', label: 'linux', durationMs: 15_000 },
    { name: 'middle', label: 'linux', durationMs: 120_000 },
    { name: 'long', label: 'linux', durationMs: 600_000 },
    { name: 'big', label: 'big', durationMs: 90_000 },
    { name: 'once', label: 'once', durationMs: 45_000 },
  ],
  troubles: TROUBLES,
  mostBuildsAtOnce: 4,
  warm: 0,
}

const lively = { ...COMMON, idleTimeoutSeconds: 90 }

/** Every policy that templates have, in each other's way. */
const policies: World = {
  farm: {
    attributes: (host) => ({ rack: host <= 2 ? 'r1' : 'r2', os: 'linux' }),
    templates: {
      linux: {
        ...lively,
        defaultTemplate: true,
        priority: 5,
        maxAgents: 2,
        coolDownSeconds: 120,
        reapOrder: 'newest',
        rescheduleLostBuilds: true,
      },
      spare: {
        ...lively,
        priority: 1,
        maxAgents: 3,
        maxCpus: 0.6,
        packing: 'spread',
        constraints: [['os', 'IS', 'linux']],
      },
      big: {
        ...lively,
        labels: ['big'],
        cpus: { agent: 0.5, perExecutor: 0.5 },
        executors: { min: 1, max: 2 },
        maxAgents: 3,
        maxCpus: 2.5,
        maxMemMib: 1700,
      },
      once: { ...lively, labels: ['once'], oneShot: true, maxAgents: 3, constraints: [['hostname', 'UNIQUE']] },
      apart: {
        ...lively,
        labels: ['apart'],
        maxBuilds: 3,
        maxAgents: 4,
        constraints: [['rack', 'MAX_PER', 1]],
        rescheduleLostBuilds: true,
      },
      warm: {
        ...lively,
        labels: ['warm'],
        minIdle: 1,
        maxAgents: 3,
        maxAgeSeconds: 5400,
        schedules: [{ cron: '13 */3 * * *', durationMinutes: 25, minIdle: 2 }],
      },
      elastic: {
        ...lively,
        labels: ['elastic'],
        maxAgents: 4,
        headroom: { factor: 0.5, limit: 2 },
        reapOrder: 'emptiestHost',
        packing: 'spread',
      },
      docker: {
        ...lively,
        labels: ['docker'],
        maxAgents: 2,
        container: { type: 'DOCKER', image: 'base/image:1', customImages: true },
      },
    },
    environment: { MAX_AGENTS: '8', MAX_CPUS: '4.5', LAUNCH_BURST: '2', LAUNCH_RATE_PER_SECOND: '0.1' },
  },
  jobs: [
    { name: 'short', label: 'linux', durationMs: 15_000 },
    { name: 'long', label: 'linux', durationMs: 600_000 },
    { name: 'free', label: '', durationMs: 60_000 },
    { name: 'big', label: 'big', durationMs: 90_000 },
    { name: 'once', label: 'once', durationMs: 200_000 },
    { name: 'apart', label: 'apart', durationMs: 100_000 },
    { name: 'apart-long', label: 'apart', durationMs: 400_000 },
    { name: 'warm', label: 'warm', durationMs: 120_000 },
    { name: 'elastic', label: 'elastic', durationMs: 150_000 },
    { name: 'docker', label: 'docker', durationMs: 60_000 },
    { name: 'node', label: 'docker:library/node:20', durationMs: 60_000 },
  ],
  troubles: [...TROUBLES, ...POLICY_TROUBLES, ...POLICY_TROUBLES, ...POLICY_TROUBLES, ...HOST_TROUBLES],
  mostBuildsAtOnce: 8,
  warm: 1,
}

export const WORLDS = { plain, policies } as const
export type WorldName = keyof typeof WORLDS

const MASTERS = 2

/** Deleted as Jenkins deletes them: what is older says nothing any more. */
const KEPT_BUILDS = 60

/** A farm that is cheap to run for weeks: rare polls and heartbeats, nothing remembered. */
export async function openWorld({ farm: { environment, ...options }, jobs }: World): Promise<Farm> {
  const farm = await Farm.start({
    hosts: 4,
    masters: MASTERS,
    mastersBy: 'zookeeper',
    host: { containers: true, resources: { cpus: 3, memMib: 4096, diskMib: 10_000 } },
    quiet: true,
    turns: 4,
    latencyMs: 20,
    environment: { ...environment, POLL_INTERVAL_MS: '60000' },
    mesos: { heartbeatMs: 60_000, allocationIntervalMs: 30_000, reregisterTimeoutMs: 600_000 },
    jenkins: { users: usersOf(['Job/Build']) },
    ...options,
  })
  farm.checker.warm.expected = true
  for (const { name, label, durationMs } of jobs) {
    farm.jenkins.createJob({ name, durationMs, concurrent: true, ...(label !== '' && { label }) })
  }
  return farm
}

export function deleteOldBuilds(farm: Farm): void {
  for (const { builds } of farm.jenkins.jobs) {
    while (builds.length > KEPT_BUILDS && builds[0]?.result !== null) builds.shift()
  }
}
