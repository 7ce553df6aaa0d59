import type { Connection } from '../core/launch.ts'
import type { NodeSpec } from '../loop/ports.ts'
import { JenkinsError } from './errors.ts'
import { isAtLeast, WEBSOCKET } from './version.ts'

const INBOUND = 'hudson.slaves.JNLPLauncher'
const ALWAYS = 'hudson.slaves.RetentionStrategy$Always'

/** The kind of node by its class, and what controllers before 1.500 or so want: its descriptor's class. */
export const NODE_TYPES = ['hudson.slaves.DumbSlave', 'hudson.slaves.DumbSlave$DescriptorImpl'] as const
export type NodeType = (typeof NODE_TYPES)[number]

/**
 * The fields of `doCreateItem`. Only the field `name` names the node.
 * @throws JenkinsError on a node that Jenkins would take and then not be able to show or delete
 */
export function nodeForm(node: NodeSpec, type: NodeType, version: string | undefined): Record<string, string> {
  if (!Number.isInteger(node.executors) || node.executors < 1) {
    throw new JenkinsError(
      'JENKINS_REFUSED',
      `node ${node.name} must have at least one executor, not ${node.executors}: Jenkins would make a ghost of it that holds the name and cannot be deleted.`,
    )
  }
  const json = {
    name: node.name,
    nodeDescription: node.description,
    numExecutors: String(node.executors),
    remoteFS: node.remoteFs,
    labelString: node.labels.map(quoteLabel).join(' '),
    mode: node.mode,
    type,
    retentionStrategy: { 'stapler-class': ALWAYS, $class: ALWAYS },
    nodeProperties: { 'stapler-class-bag': 'true', ...propertiesOf(node) },
    launcher: { 'stapler-class': INBOUND, $class: INBOUND, webSocket: wantsWebSocket(node.connection, version) },
  }
  return { name: node.name, type, json: JSON.stringify(json) }
}

/** Each under the name of its class, with hyphens for dots: the bag says that they are class names. */
function propertiesOf({ properties }: NodeSpec): Record<string, unknown> {
  const env = Object.entries(properties?.environment ?? {}).map(([key, value]) => ({ key, value }))
  const locations = (properties?.toolLocations ?? []).map(({ type, name, home }) => ({
    key: `${descriptorOf(type)}@${name}`,
    home,
  }))
  return {
    ...(env.length > 0 && { 'hudson-slaves-EnvironmentVariablesNodeProperty': { env } }),
    ...(locations.length > 0 && { 'hudson-tools-ToolLocationNodeProperty': { locations } }),
  }
}

/** Jenkins keeps a kind of tool by the class of its descriptor, which nearly always is an inner class of this name. */
function descriptorOf(type: string): string {
  return /Descriptor(?:Impl)?$/.test(type) ? type : `${type}$DescriptorImpl`
}

/** The flag only shapes the JNLP file of the node; a node without it takes agents by WebSocket just the same. */
function wantsWebSocket(connection: Connection, version: string | undefined): boolean {
  if (connection === 'websocket') return true
  return connection !== 'tcp' && isAtLeast(version, WEBSOCKET)
}

/** Jenkins cuts the labels of a node at blanks, outside of quotes. */
function quoteLabel(label: string): string {
  return /[\s"'\\]/.test(label) ? `"${label.replaceAll(/["\\]/g, '\\$&')}"` : label
}
