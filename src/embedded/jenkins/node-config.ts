import { escapeXml } from './jobs.ts'
import type { NodeState, ToolLocation } from './model.ts'
import { parseXml, textOf } from './xml.ts'

const KNOWN_LAUNCHERS = [
  'hudson.slaves.JNLPLauncher',
  'hudson.slaves.CommandLauncher',
  'hudson.plugins.sshslaves.SSHLauncher',
]

/** What Jenkins says to a name: `undefined` where it is good. */
export function badName(name: string): string | undefined {
  if (name === '') return "Query parameter 'name' is required"
  if (name === '.' || name === '..') return `“${name}” is not an allowed name`
  const unsafe = /[?*/\\%!@#$^&|<>[\]:;]/.exec(name)?.[0]
  return unsafe === undefined ? undefined : `‘${unsafe}’ is an unsafe character`
}

/**
 * A node from the `json` field of the form. Whatever is left out has a default; executors that are no number, or none,
 * make a ghost: a node that holds its name and nothing else.
 * @throws where Jenkins answers 500
 */
export function nodeFromForm(name: string, type: string | null, json: string | null, old: boolean): NodeState {
  const wanted = old ? 'hudson.slaves.DumbSlave$DescriptorImpl' : 'hudson.slaves.DumbSlave'
  if (type !== wanted) throw new Error(`no such type of node: ${type ?? 'none'}`)
  if (Buffer.byteLength(name) > 250) throw new Error('File name too long')
  const form: unknown = JSON.parse(json ?? '')
  if (!isObject(form)) throw new Error('the form is no object')
  const mode = form['mode'] ?? 'NORMAL'
  if (mode !== 'NORMAL' && mode !== 'EXCLUSIVE') throw new Error('no such mode')
  const launcher = classOf(form['launcher'])
  if (launcher !== undefined && !KNOWN_LAUNCHERS.includes(launcher)) throw new Error(`no such launcher: ${launcher}`)
  const executors = form['numExecutors']
  const asNumber = executors === undefined ? 1 : Number(scalar(executors))
  const settings = isObject(form['launcher']) ? form['launcher'] : {}
  const { webSocket, workDirSettings } = settings
  return {
    name,
    description: textOrNull(form['nodeDescription']),
    remoteFs: textOrNull(form['remoteFS']),
    executors: Number.isInteger(asNumber) ? asNumber : 0,
    mode,
    labelString: textOrNull(form['labelString']) ?? '',
    inbound: launcher === 'hudson.slaves.JNLPLauncher',
    webSocket: webSocket === true || webSocket === 'true',
    workDirDisabled: isObject(workDirSettings) && String(workDirSettings['disabled']) === 'true',
    retention: classOf(form['retentionStrategy']) ?? null,
    environment: environmentOf(form['nodeProperties']),
    toolLocations: toolLocationsOf(form['nodeProperties']),
    temporarilyOffline: null,
  }
}

function environmentOf(properties: unknown): NodeState['environment'] {
  return listIn(properties, 'hudson-slaves-EnvironmentVariablesNodeProperty', 'env')
    .map((entry) => [textOrNull(entry['key']) ?? '', textOrNull(entry['value']) ?? ''] as const)
    .sort(([one], [other]) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))
}

/** Tools whose descriptor Jenkins does not have stay, with a type of their own that nobody asks for. */
function toolLocationsOf(properties: unknown): readonly ToolLocation[] {
  return listIn(properties, 'hudson-tools-ToolLocationNodeProperty', 'locations').map((entry) => {
    const key = textOrNull(entry['key']) ?? ''
    const at = key.indexOf('@')
    if (at < 0) throw new Error(`begin 0, end -1, length ${key.length}`)
    return { type: key.slice(0, at), name: key.slice(at + 1), home: textOrNull(entry['home']) ?? '' }
  })
}

/** The class names in the bag count only where it says that it is one. A list of one may be that one. */
function listIn(properties: unknown, name: string, field: string): readonly Readonly<Record<string, unknown>>[] {
  const isBag = isObject(properties) && String(properties['stapler-class-bag']) === 'true'
  const property = isBag ? properties[name] : undefined
  const found = isObject(property) ? property[field] : undefined
  const list: readonly unknown[] = Array.isArray(found) ? (found as readonly unknown[]) : [found]
  return list.filter(isObject)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : scalar(value)
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function classOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const name = value['stapler-class'] ?? value['$class']
  return typeof name === 'string' ? name : undefined
}

/** `config.xml` of a node. */
export function nodeXml(node: NodeState): string {
  const tag = (name: string, value: string | null): string[] =>
    value === null ? [] : [`  <${name}>${escapeXml(value)}</${name}>`]
  const launcher = [
    '  <launcher class="hudson.slaves.JNLPLauncher">',
    '    <workDirSettings>',
    `      <disabled>${node.workDirDisabled}</disabled>`,
    '      <internalDir>remoting</internalDir>',
    '      <failIfWorkDirIsMissing>false</failIfWorkDirIsMissing>',
    '    </workDirSettings>',
    `    <webSocket>${node.webSocket}</webSocket>`,
    '  </launcher>',
  ]
  const variables = node.environment.flatMap(([key, value]) => [
    `          <string>${escapeXml(key)}</string>`,
    `          <string>${escapeXml(value)}</string>`,
  ])
  const environment = [
    '    <hudson.slaves.EnvironmentVariablesNodeProperty>',
    '      <envVars serialization="custom">',
    '        <unserializable-parents/>',
    '        <tree-map>',
    '          <default>',
    '            <comparator class="java.lang.String$CaseInsensitiveComparator"/>',
    '          </default>',
    `          <int>${node.environment.length}</int>`,
    ...variables,
    '        </tree-map>',
    '      </envVars>',
    '    </hudson.slaves.EnvironmentVariablesNodeProperty>',
  ]
  const { toolLocations = [] } = node
  const location = 'hudson.tools.ToolLocationNodeProperty_-ToolLocation'
  const locations = toolLocations.flatMap(({ type, name, home }) => [
    `        <${location}>`,
    `          <type>${escapeXml(type)}</type>`,
    `          <name>${escapeXml(name)}</name>`,
    `          <home>${escapeXml(home)}</home>`,
    `        </${location}>`,
  ])
  const tools = [
    '    <hudson.tools.ToolLocationNodeProperty>',
    '      <locations>',
    ...locations,
    '      </locations>',
    '    </hudson.tools.ToolLocationNodeProperty>',
  ]
  const properties = [
    ...(node.environment.length === 0 ? [] : environment),
    ...(toolLocations.length === 0 ? [] : tools),
  ]
  return [
    '<?xml version="1.1" encoding="UTF-8"?>',
    '<slave>',
    ...tag('name', node.name),
    ...tag('description', node.description),
    ...tag('remoteFS', node.remoteFs),
    ...tag('numExecutors', String(node.executors)),
    ...tag('mode', node.mode),
    ...(node.retention === null ? [] : [`  <retentionStrategy class="${escapeXml(node.retention)}"/>`]),
    ...(node.inbound ? launcher : []),
    ...tag('label', node.labelString),
    ...(properties.length === 0
      ? ['  <nodeProperties/>']
      : ['  <nodeProperties>', ...properties, '  </nodeProperties>']),
    '</slave>',
  ].join('\n')
}

/** Takes over what a posted `config.xml` says. @throws where it is none */
export function changeNode(node: NodeState, xml: string): void {
  const root = parseXml(xml)
  if (root.name !== 'slave') throw new Error(`<${root.name}> is no node`)
  node.description = textOf(root, 'description') ?? node.description
  node.remoteFs = textOf(root, 'remoteFS') ?? node.remoteFs
  node.labelString = textOf(root, 'label') ?? ''
  node.mode = textOf(root, 'mode') === 'EXCLUSIVE' ? 'EXCLUSIVE' : 'NORMAL'
  const executors = Number(textOf(root, 'numExecutors') ?? node.executors)
  node.executors = Number.isInteger(executors) ? executors : 0
}
