/** Jenkins' sentences, as far as clients see them: today's in English and the known German ones, and those of 1.395. */
export interface Messages {
  readonly noNodes: (label: string) => string
  readonly allOffline: (label: string) => string
  readonly nodeOffline: (node: string) => string
  /** Of a label or a node: the wording is the same. */
  readonly waitingOn: (name: string) => string
  readonly waiting: string
  readonly reserved: (node: string) => string
  readonly lacksLabel: (node: string, label: string) => string
  readonly notAccepting: (node: string) => string
  readonly slotInUse: string
  readonly shuttingDown: string
  readonly quiet: (span: string) => string
  readonly buildRunning: (build: string, eta: string) => string
  readonly inProgress: string
  readonly finishedWaiting: string
  readonly disconnectedBy: (user: string, message: string) => string
  readonly startedBy: (user: string) => string
  readonly nodeExists: (name: string) => string
}

const ENGLISH: Messages = {
  noNodes: (label) => `There are no nodes with the label ‘${label}’`,
  allOffline: (label) => `All nodes of label ‘${label}’ are offline`,
  nodeOffline: (node) => `‘${node}’ is offline`,
  waitingOn: (name) => `Waiting for next available executor on ‘${name}’`,
  waiting: 'Waiting for next available executor',
  reserved: (node) => `‘${node}’ is reserved for jobs with matching label expression`,
  lacksLabel: (node, label) => `‘${node}’ doesn’t have label ‘${label}’`,
  notAccepting: (node) => `‘${node}’ is not accepting tasks`,
  slotInUse: 'Executor slot already in use',
  shuttingDown: 'Jenkins is about to shut down',
  quiet: (span) => `In the quiet period. Expires in ${span}`,
  buildRunning: (build, eta) => `Build ${build} is already in progress (ETA: ${eta})`,
  inProgress: 'A build is already in progress',
  finishedWaiting: 'Finished waiting',
  disconnectedBy: (user, message) => `Disconnected by ${user}${message === '' ? '' : ` : ${message}`}`,
  startedBy: (user) => `Started by user ${user}`,
  nodeExists: (name) => `Agent called ‘${name}’ already exists`,
}

const GERMAN: Messages = {
  ...ENGLISH,
  noNodes: (label) => `Es gibt keine Knoten mit dem Label „${label}“`,
  allOffline: (label) => `Alle Knoten des Labels „${label}“ sind offline`,
  waiting: 'Warte auf den nächsten freien Build-Prozessor',
  disconnectedBy: (user, message) => `Getrennt durch Benutzer ${user}${message === '' ? '' : ` : ${message}`}`,
  startedBy: (user) => `Gestartet durch Benutzer ${user}`,
  nodeExists: (name) => `Ein Agent mit dem Namen „${name}“ existiert bereits.`,
}

/** Plain quotes or none, and a label without nodes reads like one whose nodes are offline. */
const OLD: Messages = {
  ...ENGLISH,
  noNodes: (label) => `All nodes of label '${label}' are offline`,
  allOffline: (label) => `All nodes of label '${label}' are offline`,
  nodeOffline: (node) => `${node} is offline`,
  waitingOn: (name) => `Waiting for next available executor on ${name}`,
  reserved: () => 'Waiting for next available executor',
  lacksLabel: () => 'Waiting for next available executor',
  notAccepting: () => 'Waiting for next available executor',
  shuttingDown: 'Hudson is about to shut down',
  nodeExists: (name) => `Slave called '${name}' already exists`,
}

export function messagesFor(acceptLanguage: string | undefined, old: boolean): Messages {
  if (old) return OLD
  return /^\s*de\b/i.test(acceptLanguage ?? '') ? GERMAN : ENGLISH
}

/** A span of time as Jenkins writes it: `29 sec`, `4.9 sec`, `0.12 sec`, `2 min 5 sec`, `1 hr 3 min`. */
export function timeSpan(ms: number): string {
  const left = Math.max(0, Math.floor(ms))
  const [days, hours, minutes] = [
    Math.floor(left / 86_400_000),
    Math.floor(left / 3_600_000) % 24,
    Math.floor(left / 60_000) % 60,
  ]
  const seconds = Math.floor(left / 1000) % 60
  if (days > 0) return `${days} day${days === 1 ? '' : 's'} ${hours} hr`
  if (hours > 0) return `${hours} hr ${minutes} min`
  if (minutes > 0) return `${minutes} min ${seconds} sec`
  if (seconds >= 10) return `${seconds} sec`
  if (seconds >= 1) return `${Math.floor(left / 100) / 10} sec`
  return left >= 100 ? `${Math.floor(left / 10) / 100} sec` : `${left} ms`
}
