import type { AppHealthCheck } from './app-schema.ts'
import { commandOf } from './command.ts'
import type { PodContainer } from './pod-schema.ts'

/** Mesos does it; else Marathon itself. */
export function isOfMesos({ protocol }: AppHealthCheck): boolean {
  return protocol === 'COMMAND' || protocol.startsWith('MESOS_')
}

/** As TaskInfo has it. */
export function podHealthCheck(
  check: NonNullable<PodContainer['healthCheck']>,
  portOf: (name: string) => number,
): object {
  const { http, tcp, exec } = check
  const what =
    http === undefined
      ? tcp === undefined
        ? { type: 'COMMAND', command: commandOf(exec?.command) }
        : { type: 'TCP', tcp: { port: portOf(tcp.endpoint) } }
      : {
          type: 'HTTP',
          http: { port: portOf(http.endpoint), path: http.path ?? '/', scheme: (http.scheme ?? 'HTTP').toLowerCase() },
        }
  return { ...what, ...timesOf(check) }
}

export function appHealthCheck(check: AppHealthCheck, ports: readonly number[]): object {
  const { protocol, command, path } = check
  const port = portOfCheck(check, ports)
  if (protocol === 'COMMAND') {
    return { type: 'COMMAND', command: commandOf({ shell: command?.value }), ...timesOf(check) }
  }
  if (protocol === 'MESOS_TCP') return { type: 'TCP', tcp: { port }, ...timesOf(check) }
  const scheme = protocol === 'MESOS_HTTPS' ? 'https' : 'http'
  return { type: 'HTTP', http: { port, path: path ?? '/', scheme }, ...timesOf(check) }
}

export function portOfCheck({ port, portIndex = 0 }: AppHealthCheck, ports: readonly number[]): number {
  return port ?? ports[portIndex] ?? 0
}

function timesOf(check: {
  readonly delaySeconds: number
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly maxConsecutiveFailures: number
  readonly gracePeriodSeconds: number
}): object {
  return {
    delay_seconds: check.delaySeconds,
    interval_seconds: check.intervalSeconds,
    timeout_seconds: check.timeoutSeconds,
    consecutive_failures: check.maxConsecutiveFailures,
    grace_period_seconds: check.gracePeriodSeconds,
  }
}
