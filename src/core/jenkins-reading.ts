import type { Instant, Mode } from './model.ts'

/** A node as `/computer` tells it; the built-in node and nodes of others included. */
export interface JenkinsNode {
  readonly name: string
  readonly builtIn: boolean
  readonly description: string
  /** Its labels, without its own name; `undefined` where Jenkins (before 2.x) does not tell. */
  readonly labels: readonly string[] | undefined
  readonly executors: number
  /** Builds running now, flyweight tasks included. */
  readonly running: readonly RunningBuild[]
  readonly idle: boolean
  readonly offline: boolean
  readonly temporarilyOffline: boolean
  /** Plain text, unescaped; `''` where there is none. */
  readonly offlineReason: string
  /** `undefined` where Jenkins does not tell. */
  readonly mode: Mode | undefined
}

export interface RunningBuild {
  /** `job/app/17/` or the like: identifies the build. */
  readonly url: string
  readonly name: string
}

export interface QueueItem {
  /** Jenkins' id, or job and start where an old controller has none. */
  readonly id: string
  readonly job: string
  readonly jobUrl: string
  readonly why: string | undefined
  readonly stuck: boolean
  readonly blocked: boolean
  readonly buildable: boolean
  readonly pending: boolean
  /** When it became buildable. */
  readonly buildableSince: Instant | undefined
  readonly queuedSince: Instant | undefined
  /** Of the job, freestyle only: the item's own label may be another. */
  readonly labelExpression: string | undefined
}

/** One reading of Jenkins: computers first, then the queue. */
export interface JenkinsReading {
  /** When the first of the two requests was begun. */
  readonly readAt: Instant
  /** Changes with each start of the controller; `undefined` where it does not tell. */
  readonly session: string | undefined
  readonly version: string | undefined
  readonly nodes: readonly JenkinsNode[]
  readonly queue: readonly QueueItem[]
  /** The user sees at least one job: without Job/Read the queue is empty for want of rights, not of items. */
  readonly seesJobs: boolean
  /** It starts no build until it is restarted, as far as it was asked lately; the queue may say so, too. */
  readonly quietingDown?: boolean | undefined
}
