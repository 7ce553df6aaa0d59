import { permissionName } from './answers.ts'
import type { JenkinsClient } from './client.ts'
import { readNodes } from './computers.ts'
import { JenkinsError } from './errors.ts'
import type { JobSight } from './jobs.ts'
import { type Nodes, pathOf } from './nodes.ts'
import { readQueue } from './queue.ts'
import { ComputerNames, WhoAmI } from './shapes.ts'

/** One thing that the sidecar needs of Jenkins. */
export interface Finding {
  readonly ok: boolean
  /** What was looked at, as `take nodes offline`. */
  readonly what: string
  /** What was found, for a person. */
  readonly detail: string
  /** As the security settings name it, `Agent/Create`; only where that is what is missing. */
  readonly missingPermission?: string
  /** What to do about it; `undefined` if `ok`. */
  readonly fix?: string
}

export interface CheckParts {
  readonly client: JenkinsClient
  readonly nodes: Nodes
  readonly jobs: JobSight
  /** Letters and digits that make the name of the throwaway node unique. */
  readonly id: string
}

/** The rights on nodes, in the order in which they are tried on the throwaway node. */
const AGENT_RIGHTS = 'Agent/Create, Agent/Connect, Agent/Disconnect and Agent/Delete'

/**
 * Tries with Jenkins all that the sidecar does. What can only be told by doing it (connect, take offline, delete) is
 * done on a node made for that, with a name and a description that say so, and removed at the end whatever happens.
 * Reading its agent file leaves one warning in Jenkins' log.
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
  if (!nodes.ok) return findings // nothing more can work
  findings.push(
    await attempt(
      'understand nodes',
      async () => `read: ${(await readNodes(parts.client, () => undefined, signal)).nodes.length}`,
    ),
    await jobSight(parts, signal),
    ...(await nodeRights(parts, signal)),
  )
  return findings
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
  return await attempt('see jobs and the queue (Job/Read)', async () => {
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

async function nodeRights(parts: CheckParts, signal: AbortSignal | undefined): Promise<readonly Finding[]> {
  const { client, nodes } = parts
  const name = `jenkins-mesos-sidecar-check-${parts.id}`
  const create = await attempt('create nodes', async () => {
    // Refused for its empty name only after the permission was looked at: nothing is made without the right to.
    await emptyName(client, signal)
    await nodes.create(
      {
        name,
        description: 'Made by jenkins-mesos-sidecar check to try its permissions; may be deleted.',
        remoteFs: '/tmp',
        executors: 1,
        mode: 'EXCLUSIVE',
        labels: [],
        connection: 'auto',
      },
      signal,
    )
    return `made ${name}`
  })
  if (!create.ok) {
    const fix = `Grant ${AGENT_RIGHTS}, then check again: without the first the others cannot be tried.`
    // The outcome may be unknown: then the node goes all the same.
    if (create.missingPermission === undefined) await nodes.delete(name).catch(() => 'missing')
    return [{ ...create, fix }]
  }
  const findings: Finding[] = [create]
  try {
    findings.push(
      await attempt('read the secrets of agents', async () => {
        await readJnlp(client, name, signal)
        return 'read'
      }),
      await attempt('take nodes offline', async () => {
        await nodes.setOffline(name, 'jenkins-mesos-sidecar: check', signal)
        return 'done'
      }),
    )
  } finally {
    // Without the signal: a check that is broken off cleans up, too.
    const remove = await attempt('delete nodes', async () =>
      (await nodes.delete(name)) === 'deleted' ? 'done' : 'gone',
    )
    findings.push(
      remove.ok
        ? remove
        : { ...remove, fix: `${remove.fix ?? ''} Delete the node ${name} by hand, it was left.`.trim() },
    )
  }
  return findings
}

async function emptyName(client: JenkinsClient, signal: AbortSignal | undefined): Promise<void> {
  try {
    await client.post('computer/doCreateItem', { name: '', type: 'hudson.slaves.DumbSlave', json: '{}' }, signal)
  } catch (thrown) {
    // 400 for the name, or whatever an old controller says to it: only a missing right ends it here.
    if (thrown instanceof JenkinsError && (thrown.code === 'JENKINS_REFUSED' || thrown.code === 'JENKINS_UNAVAILABLE'))
      return
    throw thrown
  }
}

async function readJnlp(client: JenkinsClient, name: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await client.get(`${pathOf(name)}jenkins-agent.jnlp`, signal)
  } catch (thrown) {
    if (!(thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND')) throw thrown
    await client.get(`${pathOf(name)}slave-agent.jnlp`, signal)
  }
}

async function attempt(what: string, act: () => Promise<string>): Promise<Finding> {
  try {
    return { ok: true, what, detail: await act() }
  } catch (thrown) {
    if (!(thrown instanceof JenkinsError)) throw thrown
    const permission = thrown.permission === undefined ? undefined : permissionName(thrown.permission)
    return {
      ok: false,
      what,
      detail: thrown.message,
      ...(permission !== undefined && { missingPermission: permission, fix: `Grant ${permission} to the user.` }),
      ...(permission === undefined && { fix: 'See the message.' }),
    }
  }
}
