/** Jenkins' version as numbers: `2.541.3` is `[2, 541, 3]`; `undefined` where it does not begin like one. */
function parseVersion(text: string | undefined): readonly number[] | undefined {
  const match = /^\d+(?:\.\d+)*/.exec(text ?? '')
  return match?.[0].split('.').map(Number)
}

/** An unknown version is taken for an old one: what old controllers bear, new ones bear too. */
export function isAtLeast(version: string | undefined, wanted: string): boolean {
  const have = parseVersion(version)
  const want = parseVersion(wanted)
  if (have === undefined || want === undefined) return false
  for (const [index, part] of want.entries()) {
    const other = have[index] ?? 0
    if (other !== part) return other > part
  }
  return true
}

/** WebSocket agents (JEP-222). */
export const WEBSOCKET = '2.217'

/**
 * From this LTS line on `java -jar agent.jar` takes `-url`, `-name` and `-webSocket` itself (remoting #677, which
 * made one of its two entry points; announced in Jenkins 2.440.1). Before, only `-jnlpUrl` does.
 */
export const AGENT_JAR_OPTIONS = '2.440'

/** From here on the secret of a node guards it, and `slave.jar` takes `-secret`; before, it refuses to start with one. */
export const SECRET_OPTION = '1.498'

/** From here on `/computer` tells the descriptions of nodes (JENKINS-42854 of 2017, in 2.52). */
export const DESCRIPTIONS = '2.52'

/** `-noReconnectAfter` came with remoting 3241 (#738); the first LTS line that bundles it is 2.462. */
export const NO_RECONNECT_AFTER = '2.462'

/** `agent.jar` got its name (JENKINS-35451); `slave.jar` before. */
export const AGENT_JAR_NAME = '2.78'

/** From here on an answered `toggleOffline` has waited for the queue pass under way. */
export const QUEUE_LOCK = '2.0'
