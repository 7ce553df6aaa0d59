import type { JenkinsNode, QueueItem } from './jenkins-reading.ts'
import type { AgentRecord } from './model.ts'

/** Hosts where builds of a job ran last, the latest first. By the job's path; the job that was added last comes last. */
export type JobHosts = Readonly<Record<string, readonly string[]>>

const MOST_JOBS = 2_000
const MOST_HOSTS = 3

/**
 * `job/team/job/app/` of the address of a job, of one of its builds, or of a step of one. Without host and context
 * path, which differ with the address that Jenkins was asked by.
 */
function jobOf(url: string): string | undefined {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '')
  return /(?:^|\/)((?:job\/[^/]+(?:\/|$))+)/.exec(path)?.[1]?.replace(/\/?$/, '/')
}

export function jobOfItem({ jobUrl }: QueueItem): string | undefined {
  return jobOf(jobUrl)
}

/** Remembers where builds run now. @returns the same value where nothing is new */
export function rememberJobs(
  before: JobHosts,
  records: readonly AgentRecord[],
  nodes: ReadonlyMap<string, JenkinsNode>,
): JobHosts {
  const changed = [...runningJobs(records, nodes)].flatMap(([job, running]): [string, readonly string[]][] => {
    const known = before[job] ?? []
    const here = [...known.filter((host) => running.has(host)), ...[...running].filter((host) => !known.includes(host))]
    const hosts = [...here, ...known.filter((host) => !running.has(host))].slice(0, MOST_HOSTS)
    return hosts.join() === known.join() ? [] : [[job, hosts]]
  })
  if (changed.length === 0) return before
  const again = new Set(changed.map(([job]) => job))
  const kept = Object.entries(before).filter(([job]) => !again.has(job))
  return Object.fromEntries([...kept, ...changed].slice(-MOST_JOBS))
}

function runningJobs(
  records: readonly AgentRecord[],
  nodes: ReadonlyMap<string, JenkinsNode>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const hosts = new Map<string, Set<string>>()
  for (const { agentId, hostname } of records) {
    if (hostname === undefined) continue
    for (const { url } of nodes.get(agentId)?.running ?? []) {
      const job = jobOf(url)
      if (job === undefined) continue
      const known = hosts.get(job)
      if (known === undefined) hosts.set(job, new Set([hostname]))
      else known.add(hostname)
    }
  }
  return hosts
}
