import { isRecord } from './path.ts'
import { type Fields, fieldsIn, listIn, numberIn, objectsIn, textIn } from './read.ts'

/** How what was deployed is now. */
export interface Status {
  /** `1 staging, 1 stable` */
  readonly instances: string
  /** All that are wanted run, and are healthy where that is looked at. */
  readonly isWell: boolean
  /** Oldest first. */
  readonly failures: readonly Failure[]
  readonly addresses: readonly { readonly name: string; readonly address: string }[]
}

export interface Failure {
  /** Tells it from others. */
  readonly key: string
  readonly words: string
}

export const NO_STATUS: Status = { instances: 'no instances', isWell: false, failures: [], addresses: [] }

/** From `/v2/pods/ID::status`. */
export function podStatus(body: unknown): Status {
  if (!isRecord(body)) return NO_STATUS
  const instances = objectsIn(body, 'instances')
  const wanted = numberIn(fieldsIn(fieldsIn(body, 'spec'), 'scaling'), 'instances')
  return {
    instances: counted(instances.map((instance) => (textIn(instance, 'status') ?? 'unknown').toLowerCase())),
    isWell: wanted === 0 ? instances.length === 0 : textIn(body, 'status') === 'STABLE',
    failures: objectsIn(body, 'terminationHistory').map(podFailure).sort(byTime),
    addresses: instances.flatMap((instance) =>
      objectsIn(instance, 'containers').flatMap((container) =>
        objectsIn(container, 'endpoints').flatMap((endpoint) => {
          const port = numberIn(endpoint, 'allocatedHostPort')
          const host = textIn(instance, 'agentHostname')
          if (port === undefined || host === undefined) return []
          return [{ name: textIn(endpoint, 'name') ?? '', address: `${host}:${port}` }]
        }),
      ),
    ),
  }
}

function byTime(one: Failure, other: Failure): number {
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0
}

function podFailure(entry: Fields): Failure {
  const id = textIn(entry, 'instanceID') ?? ''
  const containers = objectsIn(entry, 'containers').map((container) => {
    const ended = fieldsIn(container, 'termination')
    const exitCode = numberIn(ended, 'exitCode')
    const said = [exitCode === undefined ? undefined : `exit code ${exitCode}`, textIn(ended, 'message')]
    const last = textIn(container, 'lastKnownState')
    // The id of a task ends with the container's name, and perhaps the number of the attempt.
    const [, name = ''] = /\.([^.]+?)(?:\.\d+)?$/.exec(textIn(container, 'containerId') ?? '') ?? []
    return `${name} ${said.filter((part) => part !== undefined && part !== '').join(', ') || last || 'ended'}`.trim()
  })
  const message = textIn(entry, 'message')
  const words = [message, ...containers].filter((part) => part !== undefined && part !== '').join('; ')
  return { key: `${textIn(entry, 'terminatedAt') ?? ''} ${id}`, words: words === '' ? 'it does not say why' : words }
}

/** From `/v2/apps/ID`, with counts, tasks and the last failure embedded. */
export function appStatus(body: unknown): Status {
  const app = isRecord(body) ? fieldsIn(body, 'app') : undefined
  if (app === undefined) return NO_STATUS
  const count = (name: string): number => numberIn(app, name) ?? 0
  const [wanted, running, healthy] = [count('instances'), count('tasksRunning'), count('tasksHealthy')]
  const looked = objectsIn(app, 'healthChecks').length > 0
  const parts = [
    [count('tasksStaged'), 'staging'],
    [running, 'running'],
    ...(looked ? [[healthy, 'healthy'] as const, [count('tasksUnhealthy'), 'unhealthy'] as const] : []),
  ] as const
  const shown = parts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`)
  const failure = fieldsIn(app, 'lastTaskFailure')
  const names = objectsIn(app, 'portDefinitions').map((definition) => textIn(definition, 'name'))
  return {
    instances: shown.join(', ') || 'no instances',
    isWell: running === wanted && (!looked || healthy >= wanted),
    failures: failure === undefined ? [] : [appFailure(failure)],
    addresses: objectsIn(app, 'tasks').flatMap((task) =>
      listIn(task, 'ports').map((port, index) => ({
        name: names[index] ?? `port ${index}`,
        address: `${textIn(task, 'host') ?? ''}:${String(port)}`,
      })),
    ),
  }
}

function appFailure(failure: Fields): Failure {
  const words = [textIn(failure, 'state'), textIn(failure, 'message')].filter(
    (part) => part !== undefined && part !== '',
  )
  const host = textIn(failure, 'host')
  const where = host === undefined ? '' : ` on ${host}`
  return { key: textIn(failure, 'timestamp') ?? words.join(), words: `${words.join(': ')}${where}` }
}

function counted(words: readonly string[]): string {
  const kinds = [...new Set(words)].map((word) => `${words.filter((each) => each === word).length} ${word}`)
  return kinds.join(', ') || 'no instances'
}
