import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parseStringPromise } from 'xml2js'
import type { Connection } from '../core/launch.ts'
import type { AgentSecret } from '../loop/ports.ts'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'
import { pathOf } from './nodes.ts'
import {
  AGENT_JAR_NAME,
  AGENT_JAR_OPTIONS,
  isAtLeast,
  NO_RECONNECT_AFTER,
  SECRET_OPTION,
  WEBSOCKET,
} from './version.ts'

const JNLP = 'jenkins-agent.jnlp'
/** Its name before 2.264 (JENKINS-35452); served to this day. */
const OLD_JNLP = 'slave-agent.jnlp'

const Launch = Compile(
  Type.Object({
    jnlp: Type.Object({
      'application-desc': Type.Tuple([Type.Object({ argument: Type.Optional(Type.Array(Type.String())) })]),
    }),
  }),
)

/**
 * What the agent of a node needs to connect, from the node's JNLP file.
 * @param agentUrl Jenkins as agents reach it, with a trailing slash. The file names Jenkins' configured URL instead,
 *   which agents on other hosts may not reach; with `jnlpUrl` they follow the file all the same.
 */
export async function readAgentSecret(
  client: JenkinsClient,
  agentUrl: string,
  name: string,
  connection: Connection,
  signal?: AbortSignal,
): Promise<AgentSecret> {
  const { file, text } = await readJnlp(client, name, signal)
  const args = await argumentsOf(text, name)
  const { version } = client
  return {
    secret: takesSecret(version, file) && /^[0-9a-f]{64}$/i.test(args[0] ?? '') ? (args[0] ?? '') : '',
    connection: resolve(connection, version, args.includes('-webSocket')),
    url: agentUrl,
    jnlpUrl: `${agentUrl}${pathOf(name)}${file}`,
    jarUrl: `${agentUrl}jnlpJars/${isAtLeast(version, AGENT_JAR_NAME) ? 'agent.jar' : 'slave.jar'}`,
    noReconnectAfter: isAtLeast(version, NO_RECONNECT_AFTER),
  }
}

/** A version that is not told, and a file of the old name only: the agent program may refuse the option. */
function takesSecret(version: string | undefined, file: string): boolean {
  return version === undefined ? file === JNLP : isAtLeast(version, SECRET_OPTION)
}

/**
 * WebSocket where controller and node have it, else TCP; but an agent program that does not take these as options
 * is told the JNLP file, which says the same.
 */
function resolve(
  connection: Connection,
  version: string | undefined,
  webSocketNode: boolean,
): Exclude<Connection, 'auto'> {
  if (connection === 'jnlpUrl' || !isAtLeast(version, AGENT_JAR_OPTIONS)) return 'jnlpUrl'
  if (connection !== 'auto') return connection
  return isAtLeast(version, WEBSOCKET) && webSocketNode ? 'websocket' : 'tcp'
}

async function readJnlp(
  client: JenkinsClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly file: string; readonly text: string }> {
  try {
    return { file: JNLP, text: (await client.get(`${pathOf(name)}${JNLP}`, signal)).text }
  } catch (thrown) {
    if (!(thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND')) throw thrown
  }
  return { file: OLD_JNLP, text: (await client.get(`${pathOf(name)}${OLD_JNLP}`, signal)).text }
}

/** Its error tells nothing of the text: the secret is in it. */
async function argumentsOf(text: string, name: string): Promise<readonly string[]> {
  const parsed: unknown = await parseStringPromise(text, { explicitCharkey: false, trim: true }).catch(() => undefined)
  if (!Launch.Check(parsed)) {
    throw new JenkinsError(
      'JENKINS_MALFORMED',
      `the agent file of node ${name} is not the JNLP that Jenkins makes. Is it an inbound node, and is it really Jenkins that answers?`,
    )
  }
  return parsed.jnlp['application-desc'][0].argument ?? []
}
