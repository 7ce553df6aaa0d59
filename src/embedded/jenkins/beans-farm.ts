import { buildBean, jobBean } from './beans-jobs.ts'
import type { Computer, Running } from './computer.ts'
import { buildOf, estimatedDuration } from './jobs.ts'
import { labelOf } from './labels.ts'
import type { NodeState } from './model.ts'
import { escapeHtml } from './pages.ts'
import { classed, type Scene } from './scene.ts'
import { type Exported, exported, inlined, type Property, property, visible } from './tree-query.ts'

export function computerSet(scene: Scene): Exported {
  const online = scene.jenkins.farm.computers.filter((computer) => computer.online)
  return exported(scene, classed(scene, 'hudson.model.ComputerSet'), [
    property('busyExecutors', () => sum(online, ({ busy }) => busy)),
    inlined('computer', () => scene.jenkins.farm.computers.map((computer) => computerBean(scene, computer))),
    property('displayName', () => (scene.old ? 'nodes' : 'Nodes')),
    property('totalExecutors', () => sum(online, ({ executors }) => executors.length)),
  ])
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0)
}

export function computerBean(scene: Scene, computer: Computer): Exported {
  const offlineIcon = computer.online ? 'symbol-computer' : 'symbol-computer-offline'
  const properties: Property<Computer>[] = [
    property('actions', () => []),
    property('assignedLabels', () => [...computer.labels].map((label) => labelBean(scene, label, true))),
    property('description', () => computer.node.description),
    property('displayName', () => (scene.old && computer.builtIn ? 'master' : computer.displayName)),
    property('executors', () => computer.executors.map((running, number) => executorBean(scene, running, number))),
    property('icon', () => (scene.old ? (computer.online ? 'computer.png' : 'computer-x.png') : offlineIcon)),
    property('iconClassName', () => offlineIcon),
    property('idle', () => computer.busy === 0),
    property('jnlpAgent', () => computer.node.inbound),
    property('launchSupported', () => !computer.node.inbound),
    property('loadStatistics', () => loadStatistics(scene, 'hudson.model.Label$1')),
    property('manualLaunchAllowed', () => true),
    property('monitorData', () => monitorData(scene, computer)),
    property('numExecutors', () => computer.node.executors),
    property('offline', () => !computer.online),
    property('offlineCause', () => offlineCause(scene, computer)),
    property('offlineCauseReason', () => offlineReason(computer)),
    property('oneOffExecutors', () => []),
    property('temporarilyOffline', () => computer.node.temporarilyOffline !== null),
  ]
  if (!computer.builtIn) {
    properties.push(property('absoluteRemotePath', () => (computer.connected ? computer.node.remoteFs : null)))
  }
  const unknownThen = ['assignedLabels', 'iconClassName', 'offlineCauseReason', 'absoluteRemotePath']
  const shown = scene.old ? properties.filter(({ name }) => !unknownThen.includes(name)) : properties
  const className = computer.builtIn ? 'hudson.model.Hudson$MasterComputer' : 'hudson.slaves.SlaveComputer'
  return exported(computer, classed(scene, className), shown)
}

function executorBean(scene: Scene, running: Running | null, number: number): Exported {
  const job = running === null ? undefined : scene.jenkins.jobs.get(running.job)
  const build = running === null || job === undefined ? undefined : buildOf(job, running.number)
  const elapsed = build === undefined ? 0 : scene.jenkins.clock.now() - build.startedAt
  const estimated = job === undefined ? -1 : estimatedDuration(job)
  return exported(number, undefined, [
    property('currentExecutable', () =>
      job === undefined || build === undefined ? null : buildBean(scene, job, build),
    ),
    property('idle', () => running === null),
    property('likelyStuck', () => estimated > 0 && elapsed > 10 * Math.max(estimated, 60_000)),
    property('number', () => number),
    property('progress', () =>
      running === null || estimated <= 0 ? -1 : Math.min(99, Math.floor((100 * elapsed) / estimated)),
    ),
  ])
}

function offlineReason({ node, brokenAt }: Computer): string {
  // Escaped here, and again in the cause's own text: quotes arrive twice escaped.
  if (node.temporarilyOffline !== null) return escapeHtml(escapeHtml(node.temporarilyOffline.message))
  return brokenAt === null ? '' : 'Connection was broken'
}

function offlineCause(scene: Scene, { node, brokenAt }: Computer): Exported | null {
  const cause = node.temporarilyOffline
  if (scene.old) return cause === null && brokenAt === null ? null : exported(node, undefined, [])
  if (cause !== null) {
    return exported(cause, 'hudson.slaves.OfflineCause$UserCause', [
      property('timestamp', ({ at }) => at),
      property('description', ({ by, message }) => scene.say.disconnectedBy(by, escapeHtml(message))),
    ])
  }
  if (brokenAt === null) return null
  return exported(brokenAt, 'hudson.slaves.OfflineCause$ChannelTermination', [property('timestamp', (at) => at)])
}

const MONITORS = [
  'SwapSpaceMonitor',
  'TemporarySpaceMonitor',
  'DiskSpaceMonitor',
  'ArchitectureMonitor',
  'ResponseTimeMonitor',
  'ClockMonitor',
]

/** The monitors look at everything once it is this old. */
const MONITORED_AFTER_MS = 10_000

/** What the monitors last saw: nothing of a new node, nulls where no agent ever was. */
function monitorData(
  scene: Scene,
  { monitoredAt, createdAt, node, builtIn }: Computer,
): ReadonlyMap<string, null | string | Exported> {
  const isNew = scene.jenkins.clock.now() - createdAt < MONITORED_AFTER_MS
  if (isNew && (monitoredAt === null || builtIn)) return new Map()
  if (monitoredAt === null) return new Map(MONITORS.map((name) => [`hudson.node_monitors.${name}`, null]))
  const entry = (className: string, values: Readonly<Record<string, number | string>>): Exported =>
    exported(
      values,
      classed(scene, className),
      Object.entries(values).map(([name, value]) => visible(name, () => value, 999)),
    )
  const disk = (path: string): Exported =>
    entry('hudson.node_monitors.DiskSpaceMonitorDescriptor$DiskSpace', {
      timestamp: monitoredAt,
      path,
      size: 77_857_075_200,
      threshold: 1_073_741_824,
      totalSize: 270_553_174_016,
      warningThreshold: 2_147_483_648,
    })
  const monitors = 'hudson.node_monitors'
  return new Map<string, null | string | Exported>([
    [
      `${monitors}.SwapSpaceMonitor`,
      entry(`${monitors}.SwapSpaceMonitor$MemoryUsage2`, {
        availablePhysicalMemory: 23_962_824_704,
        availableSwapSpace: 0,
        totalPhysicalMemory: 25_276_502_016,
        totalSwapSpace: 0,
      }),
    ],
    [`${monitors}.TemporarySpaceMonitor`, disk('/tmp')],
    [`${monitors}.DiskSpaceMonitor`, disk(builtIn ? '/var/jenkins_home' : (node.remoteFs ?? ''))],
    [`${monitors}.ArchitectureMonitor`, 'Linux (amd64)'],
    [
      `${monitors}.ResponseTimeMonitor`,
      entry(`${monitors}.ResponseTimeMonitor$Data`, { timestamp: monitoredAt, average: builtIn ? 0 : 253 }),
    ],
    [`${monitors}.ClockMonitor`, entry('hudson.util.ClockDifference', { diff: 0 })],
  ])
}

/** `declared`: its type is known from the property, so it names no class. */
export function labelBean(scene: Scene, expression: string, declared: boolean): Exported {
  const label = labelOf(expression)
  const isAtom = label.kind === 'LabelAtom'
  const nodes = () => scene.jenkins.farm.nodesOf(expression)
  const computers = () => nodes().flatMap(({ computer }) => (computer?.online === true ? [computer] : []))
  const tied = () =>
    scene.jenkins.jobList.filter(
      ({ labelExpression }) => labelExpression !== null && labelOf(labelExpression).name === label.name,
    )
  const kind = isAtom ? 'hudson.model.labels.LabelAtom' : `hudson.model.labels.LabelExpression$${label.kind}`
  const properties: Property<string>[] = [
    property('actions', () => []),
    property('busyExecutors', () => sum(computers(), ({ busy }) => busy)),
    property('clouds', () => []),
    property('description', () => (isAtom ? null : 'invalid label')),
    property('idleExecutors', () => sum(computers(), ({ idleExecutors }) => idleExecutors)),
    property('loadStatistics', () => loadStatistics(scene, 'hudson.model.Label$1')),
    visible('name', () => label.name),
    property('nodes', () => nodes().map(({ node, computer }) => nodeBean(scene, node, computer?.builtIn ?? false))),
    property('offline', () => computers().length === 0),
    property('tiedJobs', () => tied().map((job) => jobBean(scene, job))),
    property('totalExecutors', () => sum(computers(), ({ executors }) => executors.length)),
  ]
  if (isAtom && !scene.old) properties.push(property('propertiesList', () => []))
  const shown = scene.old && declared ? [] : properties
  return exported(expression, declared ? undefined : classed(scene, kind), shown)
}

function nodeBean(scene: Scene, node: NodeState, builtIn: boolean): Exported {
  return exported(node, classed(scene, builtIn ? 'hudson.model.Hudson' : 'hudson.slaves.DumbSlave'), [
    property('assignedLabels', () =>
      [...node.labelString.split(/\s+/), node.name].filter(Boolean).map((one) => labelBean(scene, one, true)),
    ),
    property('mode', () => node.mode),
    property('nodeDescription', () => node.description),
    visible('nodeName', () => node.name),
    property('numExecutors', () => node.executors),
  ])
}

const SERIES = [
  'availableExecutors',
  'busyExecutors',
  'connectingExecutors',
  'definedExecutors',
  'idleExecutors',
  'onlineExecutors',
  'queueLength',
  'totalExecutors',
]

/** Moving averages; here they stand at what is measured now, which is nothing that a client should use. */
export function loadStatistics(scene: Scene, className: string): Exported {
  const overall = className === 'hudson.model.OverallLoadStatistics'
  const online = scene.jenkins.farm.computers.filter((computer) => computer.online)
  const busy = sum(online, (computer) => computer.busy)
  const total = sum(online, (computer) => computer.executors.length)
  const latest: Readonly<Record<string, number>> = {
    busyExecutors: busy,
    availableExecutors: total - busy,
    idleExecutors: total - busy,
    onlineExecutors: total,
    totalExecutors: total,
    queueLength: scene.jenkins.queue.items.length,
    totalQueueLength: scene.jenkins.queue.items.length,
  }
  const series = (name: string): Exported =>
    exported(
      name,
      undefined,
      ['hour', 'min', 'sec10'].map((picker) =>
        property(picker, () =>
          exported(picker, undefined, [
            visible('history', () => [latest[name] ?? 0]),
            visible('latest', () => latest[name] ?? 0),
          ]),
        ),
      ),
    )
  const names = overall ? [...SERIES, 'totalQueueLength'] : SERIES
  return exported(
    scene,
    classed(scene, className),
    names.map((name) => property(name, () => series(name))),
  )
}
