import type { Clock } from '../../core/clock.ts'
import type { Access } from './auth.ts'
import type { Farm } from './farm.ts'
import type { Messages } from './messages.ts'
import type { JobState } from './model.ts'
import type { Queue } from './queue.ts'

/** Jenkins as the remote API shows it. */
export interface JenkinsView {
  readonly clock: Clock
  /** Its root URL, with a trailing slash. */
  readonly url: string
  readonly access: Access
  readonly farm: Farm
  readonly queue: Queue
  readonly jobs: ReadonlyMap<string, JobState>
  /** Those that the caller may read, by name. */
  readonly jobList: readonly JobState[]
}

/** What is shown, and in which words. */
export interface Scene {
  readonly jenkins: JenkinsView
  readonly say: Messages
  readonly old: boolean
}

/** Class names came with Jenkins 1.6xx. */
export function classed(scene: Scene, name: string): string | undefined {
  return scene.old ? undefined : name
}
