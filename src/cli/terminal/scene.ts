import type { View } from '../../loop/view-types.ts'
import type { LogTail } from './log-tail.ts'

/** All that the summary shows. */
export interface Scene {
  readonly version: string
  /** Where the page, the API and the metrics are. */
  readonly url: string
  readonly view: View
  /** What the program has to say to the person at the terminal, the newest last. */
  readonly notices: readonly string[]
  readonly log: Pick<LogTail, 'size' | 'lines'>
}
