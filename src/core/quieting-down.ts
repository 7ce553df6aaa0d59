import type { JenkinsReading, QueueItem } from './jenkins-reading.ts'
import { readReason } from './queue-reason.ts'

/** It waits for nothing but the end of Jenkins' shutting down. */
export function isShuttingDown(item: QueueItem): boolean {
  return (
    item.buildable && item.why?.endsWith('about to shut down') === true && readReason(item.why).kind === 'shuttingDown'
  )
}

/**
 * Jenkins starts no build any more, until it is restarted or that is cancelled. Every item that could be built says so;
 * where there is none, what Jenkins told of itself lately counts.
 */
export function isQuietingDown(reading: JenkinsReading): boolean {
  const buildable = reading.queue.filter(({ buildable: can, pending }) => can && !pending)
  return buildable.length > 0 ? buildable.some(isShuttingDown) : reading.quietingDown === true
}
