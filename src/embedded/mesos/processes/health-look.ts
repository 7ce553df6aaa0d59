import { spawn } from 'node:child_process'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { connect } from 'node:net'
import type { Clock } from '../../../core/clock.ts'
import { messageOf } from '../../../core/code-of.ts'
import type { ReceivedHealthCheck } from '../received.ts'
import { readRunInstructions } from './checkpoint.ts'
import { signalOne } from './process-tree.ts'
import type { TaskFolders } from './sandbox.ts'

interface Limits {
  readonly clock: Clock
  readonly timeoutMs: number
}

/** One look at a running task: `undefined` where it is well, else why not. */
export async function lookAtHealth(
  check: ReceivedHealthCheck,
  folders: TaskFolders,
  { clock, timeoutMs }: Limits,
): Promise<string | undefined> {
  const late = new AbortController()
  const cancel = clock.timer(timeoutMs, () => {
    late.abort(new Error(`no answer within ${timeoutMs / 1000} s`))
  })
  try {
    if (check.http !== undefined) return await lookByHttp(check.http, late.signal)
    if (check.tcp !== undefined) {
      await lookByTcp(check.tcp.port, late.signal)
      return undefined
    }
    return await lookByCommand(check.command ?? {}, folders, late.signal)
  } catch (error) {
    return messageOf(late.signal.aborted ? late.signal.reason : error)
  } finally {
    cancel()
  }
}

async function lookByHttp(
  { port, path = '/', scheme = 'http', statuses = [] }: NonNullable<ReceivedHealthCheck['http']>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const url = `${scheme}://127.0.0.1:${port}${path}`
  const { statusCode = 0 } = await new Promise<IncomingMessage>((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      response.resume()
      resolve(response)
    }
    const request =
      scheme === 'https'
        ? getHttps(url, { signal, rejectUnauthorized: false, agent: false }, take)
        : getHttp(url, { signal, agent: false }, take)
    request.once('error', reject)
  })
  const good = statuses.length === 0 ? statusCode >= 200 && statusCode < 400 : statuses.includes(statusCode)
  return good ? undefined : `${url} answered ${statusCode}`
}

async function lookByTcp(port: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const stop = (): void => {
      socket.destroy()
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      resolve()
    })
  })
}

/** In the sandbox, as the task's user, with its environment: by the mark in there it ends with the task. */
async function lookByCommand(
  command: NonNullable<ReceivedHealthCheck['command']>,
  { checkpoint }: TaskFolders,
  signal: AbortSignal,
): Promise<string | undefined> {
  const reading = readRunInstructions(checkpoint)
  if (reading.kind !== 'read') return 'the checkpoint of the task cannot be read'
  const { sandbox, environment, uid, gid } = reading.value.run
  const value = command.value ?? ''
  const shell = command.shell ?? true
  const own = (command.environment?.variables ?? []).map(({ name, value: text }) => [name, text] as const)
  const [argv0 = value, ...args] = shell ? ['sh', '-c', value] : (command.arguments ?? [value])
  const child = spawn(shell ? '/bin/sh' : value, args, {
    argv0,
    cwd: sandbox,
    env: { ...environment, ...Object.fromEntries(own), MESOS_SANDBOX: sandbox },
    detached: true,
    stdio: 'ignore',
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  const stop = (): void => {
    if (child.pid !== undefined) signalOne(-child.pid, 'SIGKILL')
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status, killedBy) => {
        if (signal.aborted) reject(signal.reason as Error)
        else resolve(status === 0 ? undefined : `its command ended with ${status ?? killedBy ?? 'nothing'}`)
      })
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
