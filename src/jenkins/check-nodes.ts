import type { JenkinsNode } from '../core/jenkins-reading.ts'
import { isAnchor, isOurOffline, offlineReason } from '../core/markers.ts'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'
import { attempt, type Finding, untried } from './finding.ts'
import { type Nodes, pathOf } from './nodes.ts'

const NAME = 'jenkins-mesos-sidecar-check-'
const CREATE = 'create nodes'
const SECRETS = 'read the secrets of agents'
const OFFLINE = 'take nodes offline'
const DELETE = 'delete nodes'

interface Parts {
  readonly client: JenkinsClient
  readonly nodes: Nodes
  /** Letters and digits that make the name of the throwaway node unique. */
  readonly id: string
}

/**
 * Tries the rights on nodes on a throwaway node, which goes at the end whatever happens. One that an earlier check had
 * to leave is used again. Who may not create nodes is tried with the nodes there are, as far as that changes nothing.
 * @param there the nodes that Jenkins has
 */
export async function nodeRights(
  parts: Parts,
  there: readonly JenkinsNode[],
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const left = there.find(({ name, idle }) => name.startsWith(NAME) && idle)?.name
  const name = left ?? `${NAME}${parts.id}`
  const create = await attempt(CREATE, () => createNode(parts, name, signal))
  if (create.ok) return [create, ...(await tryOn(parts, name, signal))]
  // The outcome may be unknown: then the node goes all the same.
  if (create.missingPermission === undefined) {
    await parts.nodes.delete(name).catch(() => 'missing')
    return [create, ...untriedRights('no node could be made.')]
  }
  if (left !== undefined) return [create, ...(await tryOn(parts, left, signal))]
  return [create, ...(await tryWithout(parts.client, there, signal))]
}

/** Nothing was done on any node. */
export function untriedRights(why: string): readonly Finding[] {
  return [
    untried(SECRETS, 'Agent/Connect', why),
    untried(OFFLINE, 'Agent/Disconnect', why),
    untried(DELETE, 'Agent/Delete', why),
  ]
}

export function untriedCreate(why: string): Finding {
  return untried(CREATE, 'Agent/Create', why)
}

async function createNode({ client, nodes }: Parts, name: string, signal: AbortSignal | undefined): Promise<string> {
  // Refused for its empty name only after the permission was looked at: nothing is made without the right to.
  await emptyName(client, signal)
  const outcome = await nodes.create(
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
  return outcome === 'created' ? `made ${name}` : `${name} is there from an earlier check`
}

async function tryOn(
  { client, nodes }: Parts,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  try {
    findings.push(
      await attempt(SECRETS, () => readSecret(client, name, signal)),
      await attempt(OFFLINE, async () => {
        await nodes.setOffline(name, offlineReason('check'), signal)
        return 'done'
      }),
    )
  } finally {
    // Without the signal: a check that is broken off cleans up, too.
    const remove = await attempt(DELETE, async () => ((await nodes.delete(name)) === 'deleted' ? 'done' : 'gone'))
    findings.push(
      remove.ok
        ? remove
        : { ...remove, fix: `${remove.fix ?? ''} Delete the node ${name} by hand, it was left.`.trim() },
    )
  }
  return findings
}

/** On one of our anchors, which are offline by us, with calls that leave it as it is. */
async function tryWithout(
  client: JenkinsClient,
  there: readonly JenkinsNode[],
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const anchor = there.find(isAnchorAtRest)
  if (anchor === undefined)
    return untriedRights('that needs a node, and there is no anchor yet; grant Agent/Create first.')
  const { name } = anchor
  return [
    await orUntried(SECRETS, 'Agent/Connect', name, () => readSecret(client, name, signal)),
    await orUntried(OFFLINE, 'Agent/Disconnect', name, async () => {
      // It is offline for this reason already.
      const reason = encodeURIComponent(anchor.offlineReason)
      await client.post(`${pathOf(name)}changeOfflineCause?offlineMessage=${reason}`, {}, signal)
      return `done on ${name}`
    }),
    untried(DELETE, 'Agent/Delete', 'Jenkins tells only by deleting a node; grant Agent/Create first.'),
  ]
}

function isAnchorAtRest({ description, temporarilyOffline, offlineReason: why }: JenkinsNode): boolean {
  return isAnchor(description) && temporarilyOffline && isOurOffline(why)
}

/** A node that does not know the call, or is just going, says nothing about the right. */
async function orUntried(what: string, permission: string, node: string, act: () => Promise<string>): Promise<Finding> {
  return await attempt(what, act).then((finding) =>
    finding.ok || finding.missingPermission !== undefined
      ? finding
      : untried(what, permission, `node ${node} gave no answer to that; grant Agent/Create first.`),
  )
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

/** Reading it leaves one warning in Jenkins' log. */
async function readSecret(client: JenkinsClient, name: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    await client.get(`${pathOf(name)}jenkins-agent.jnlp`, signal)
  } catch (thrown) {
    if (!(thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND')) throw thrown
    await client.get(`${pathOf(name)}slave-agent.jnlp`, signal)
  }
  return `read, of ${name}`
}
