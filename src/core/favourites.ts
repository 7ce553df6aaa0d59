import type { QueueItem } from './jenkins-reading.ts'
import { type JobHosts, jobOfItem } from './job-hosts.ts'

const NOWHERE: readonly string[] = []

/** Hosts where the workspaces of the jobs may be that an agent is wanted for; those of the oldest item come first. */
export function favouriteHosts(items: readonly QueueItem[], jobHosts: JobHosts): readonly string[] {
  const hosts = new Set<string>()
  for (const item of items) {
    const job = jobOfItem(item)
    for (const hostname of (job !== undefined && jobHosts[job]) || NOWHERE) hosts.add(hostname)
  }
  return [...hosts]
}
