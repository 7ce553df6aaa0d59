import type { Farm } from '../support/farm.ts'
import { pauseTemplates, resumeTemplates } from '../support/farm-operator.ts'
import { LINUX, type TemplateOptions } from '../support/farm-options.ts'

/** What happens in a day, but for the blow. */
export interface DayPlan {
  readonly templates: Readonly<Record<string, TemplateOptions>>
  readonly environment: Readonly<Record<string, string>>
  /** Label, when it is asked for, how long it takes. */
  readonly builds: readonly (readonly [label: string, atMs: number, durationMs: number])[]
  /** When the first host loses its power, and when it is back. */
  readonly lostAtMs: number
  readonly backAtMs: number
  /** Agents that are left in the end. */
  readonly warm: number
  /** Anchors of images that jobs named stay for a while, and say nothing. */
  readonly fades?: RegExp
  readonly also?: (farm: Farm) => void
}

const PATIENT = { ...LINUX, connectTimeoutSeconds: 30, unreachableTimeoutSeconds: 40 }

/** 20 builds of four templates, one of them one-shot and one with a warm pool; some wait for caps. */
const plain: DayPlan = {
  templates: {
    linux: { ...LINUX, idleTimeoutSeconds: 6, connectTimeoutSeconds: 30, maxAgents: 3, unreachableTimeoutSeconds: 40 },
    big: {
      ...LINUX,
      labels: ['big'],
      cpus: { agent: 1, perExecutor: 0.5 },
      executors: { min: 1, max: 2 },
      idleTimeoutSeconds: 4,
      connectTimeoutSeconds: 30,
      maxAgents: 2,
      unreachableTimeoutSeconds: 40,
    },
    once: {
      ...LINUX,
      labels: ['once'],
      oneShot: true,
      connectTimeoutSeconds: 30,
      maxAgents: 2,
      unreachableTimeoutSeconds: 40,
    },
    warm: {
      ...LINUX,
      labels: ['warm'],
      idleTimeoutSeconds: 5,
      connectTimeoutSeconds: 30,
      maxAgents: 2,
      minIdle: 1,
      unreachableTimeoutSeconds: 40,
    },
  },
  environment: { MAX_AGENTS: '7' },
  builds: [
    ...Array.from({ length: 5 }, () => ['linux', 0, 4_000] as const),
    ...Array.from({ length: 3 }, () => ['once', 500, 3_000] as const),
    ...Array.from({ length: 3 }, () => ['big', 3_000, 5_000] as const),
    ...Array.from({ length: 2 }, () => ['warm', 4_000, 4_000] as const),
    ...Array.from({ length: 3 }, () => ['linux', 17_000, 4_000] as const),
    ...Array.from({ length: 2 }, () => ['big', 18_000, 4_000] as const),
    ...Array.from({ length: 2 }, () => ['once', 19_000, 2_000] as const),
  ],
  lostAtMs: 8_000,
  backAtMs: 26_000,
  warm: 1,
}

const PAUSED_AT_MS = 800
const RESUMED_AT_MS = 14_000
const ASKED_AGAIN_MS = 1_000

/**
 * Agents that go after two builds and stand apart, whose builds are started again when their host is lost; agents with
 * images that jobs name, and a pause that an operator asks for until it is answered, and takes back later.
 */
const policies: DayPlan = {
  templates: {
    apart: {
      ...PATIENT,
      labels: ['apart'],
      maxBuilds: 2,
      maxAgents: 3,
      idleTimeoutSeconds: 6,
      constraints: [['hostname', 'UNIQUE']],
      rescheduleLostBuilds: true,
    },
    docker: {
      ...PATIENT,
      labels: ['docker'],
      maxAgents: 2,
      idleTimeoutSeconds: 5,
      container: { type: 'DOCKER', image: 'base/image:1', customImages: true },
    },
  },
  environment: { CONNECT_TIMEOUT_SECONDS: '30' },
  builds: [
    ...Array.from({ length: 4 }, () => ['apart', 0, 4_000] as const),
    ['docker:library/node:20', 0, 3_000],
    ['docker:library/node:20', 500, 3_000],
    ['docker', 3_000, 3_000],
    ...Array.from({ length: 3 }, () => ['apart', 9_000, 25_000] as const),
  ],
  lostAtMs: 20_000,
  backAtMs: 90_000,
  warm: 0,
  fades: /^anchor-docker-./,
  also: (farm) => {
    const until = (ask: (answered: () => void) => void): void => {
      let isAnswered = false
      ask(() => {
        isAnswered = true
      })
      farm.virtual.timer(ASKED_AGAIN_MS, () => {
        if (!isAnswered) until(ask)
      })
    }
    farm.virtual.timer(PAUSED_AT_MS, () => {
      until((answered) => pauseTemplates(farm, 'docker', answered))
    })
    farm.virtual.timer(RESUMED_AT_MS, () => {
      until((answered) => resumeTemplates(farm, 'docker', answered))
    })
  },
}

export const DAYS = { plain, policies } as const
export type DayName = keyof typeof DAYS
