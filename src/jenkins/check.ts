import { buildRight, untriedBuild } from './check-builds.ts'
import { nodeRights, untriedCreate, untriedRights } from './check-nodes.ts'
import type { JenkinsClient } from './client.ts'
import { readNodes } from './computers.ts'
import { JenkinsError } from './errors.ts'
import { attempt, type Finding, untried } from './finding.ts'
import type { JobSight } from './jobs.ts'
import type { Nodes } from './nodes.ts'
import { readQueue } from './queue.ts'
import { ComputerNames, WhoAmI } from './shapes.ts'

export interface CheckParts {
  readonly client: JenkinsClient
  readonly nodes: Nodes
  readonly jobs: JobSight
  /** Letters and digits that make the name of the throwaway node unique. */
  readonly id: string
  /** Whether the sidecar is to start lost builds again. */
  readonly builds: boolean
}

const JOBS = 'see jobs and the queue (Job/Read)'
const FIRST = 'grant Overall/Read first.'

/**
 * Tries with Jenkins all that the sidecar does. What can only be told by doing it (connect, take offline, delete) is
 * done on a node made for that, with a name and a description that say so. Every right is ok, missing, or said not to
 * have been tried, unless Jenkins cannot be asked at all.
 */
export async function checkJenkins(parts: CheckParts, signal?: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const who = await attempt('log in', () => whoAmI(parts.client, signal))
  findings.push(who)
  const nodes = await attempt('see nodes (Overall/Read)', async () => {
    const { computer } = await parts.client.getJson(
      `computer/api/json?tree=${encodeURIComponent('computer[displayName]')}`,
      ComputerNames,
      signal,
    )
    return `${computer.length} node${computer.length === 1 ? '' : 's'}, Jenkins ${parts.client.version ?? 'of unknown version'}`
  })
  findings.push(nodes)
  if (!nodes.ok) {
    // Nothing more can work.
    if (nodes.missingPermission === undefined) return findings
    findings.push(untried(JOBS, 'Job/Read', FIRST), untriedCreate(FIRST), ...untriedRights(FIRST))
    return parts.builds ? [...findings, untriedBuild(FIRST)] : findings
  }
  const reading = await understood(parts.client, signal)
  findings.push(reading.finding, await jobSight(parts, signal), ...(await nodeRights(parts, reading.nodes, signal)))
  if (parts.builds) findings.push(await buildRight(parts.client, signal))
  return findings
}

async function understood(client: JenkinsClient, signal: AbortSignal | undefined) {
  let nodes: Awaited<ReturnType<typeof readNodes>>['nodes'] = []
  const finding = await attempt('understand nodes', async () => {
    nodes = (await readNodes(client, () => undefined, signal)).nodes
    return `read: ${nodes.length}`
  })
  return { finding, nodes }
}

async function whoAmI(client: JenkinsClient, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { name, anonymous } = await client.getJson('whoAmI/api/json', WhoAmI, signal)
    return anonymous ? 'without a login; that is enough only for a Jenkins without security' : `as ${name}`
  } catch (thrown) {
    if (thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND')
      return 'Jenkins is too old to tell as whom'
    throw thrown
  }
}

async function jobSight(parts: CheckParts, signal: AbortSignal | undefined): Promise<Finding> {
  return await attempt(JOBS, async () => {
    const items = await readQueue(parts.client, signal)
    if (items.length === 0 && !(await parts.jobs.sees(signal))) {
      throw new JenkinsError(
        'JENKINS_FORBIDDEN',
        'not one job is visible, and Jenkins then shows an empty queue, whatever waits. If Jenkins really has no job yet, make one.',
        { permission: 'hudson.model.Item.Read' },
      )
    }
    return `${items.length} queue items`
  })
}
