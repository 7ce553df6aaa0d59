import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Client, type Dispatcher } from 'undici'
import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { AgentId, FrameworkId, Instant } from '../core/model.ts'
import { type TlsFiles, tlsOptions } from '../core/tls.ts'
import type { AgentUsage, UsageHost, UsagePort } from '../loop/ports.ts'
import { type Authorizer, none } from './auth/authorizer.ts'
import { deadline } from './deadline.ts'
import { MesosError } from './errors.ts'
import { type Dispatch, type HttpCall, readText, send } from './http.ts'

const CONCURRENCY = 8
const TIMEOUT_MS = 5_000
/** Some hundred containers are some hundred kB. */
const MAX_BYTES = 16 * 1024 * 1024

export interface MesosUsageOptions {
  /** Ours; `undefined` before the first subscription: nothing is read then. */
  readonly frameworkId: () => FrameworkId | undefined
  readonly clock: Clock
  readonly log: Log
  /** Of the Mesos agents' endpoints, which offers do not tell. */
  readonly scheme?: 'http' | 'https'
  readonly authorize?: Authorizer
  readonly tls?: TlsFiles | undefined
  /** Called once a host, as long as it is asked; what it gives is destroyed when the host is left out, and at `close`. */
  readonly dispatcher?: Dispatch
}

const Containers = Compile(Type.Array(Type.Unknown()))
const Entry = Compile(
  Type.Object({
    framework_id: Type.String(),
    executor_id: Type.String(),
    statistics: Type.Object({
      timestamp: Type.Optional(Type.Number()),
      cpus_user_time_secs: Type.Optional(Type.Number()),
      cpus_system_time_secs: Type.Optional(Type.Number()),
      cpus_limit: Type.Optional(Type.Number()),
      cpus_soft_limit: Type.Optional(Type.Number()),
      mem_rss_bytes: Type.Optional(Type.Number()),
      mem_limit_bytes: Type.Optional(Type.Number()),
    }),
  }),
)

/** CPU and memory of our agents, from the hosts' own `/containers`; which fields there are, their isolators decide. */
export class MesosUsage implements UsagePort {
  readonly #options: MesosUsageOptions
  readonly #dispatchers = new Map<string, Dispatcher>()
  /** Hosts that refuse now: told once, not once a host. */
  readonly #refused = new Set<string>()

  constructor(options: MesosUsageOptions) {
    this.#options = options
  }

  async read(hosts: readonly UsageHost[], signal?: AbortSignal): Promise<readonly AgentUsage[]> {
    const frameworkId = this.#options.frameworkId()
    if (frameworkId === undefined) return []
    const origins = [...new Set(hosts.map(({ address }) => `${this.#options.scheme ?? 'http'}://${address}`))]
    await this.#forgetAllBut(origins)
    const found: AgentUsage[] = []
    const waiting = origins.values()
    const work = async (): Promise<void> => {
      for (const origin of waiting) found.push(...(await this.#readHost(origin, frameworkId, signal)))
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    return found
  }

  async close(): Promise<void> {
    await this.#forgetAllBut([])
  }

  async #readHost(
    origin: string,
    frameworkId: FrameworkId,
    signal: AbortSignal | undefined,
  ): Promise<readonly AgentUsage[]> {
    try {
      const containers = await this.#containers(origin, signal)
      this.#accepted(origin)
      const now = this.#options.clock.now()
      return containers.flatMap((container) => toUsage(container, frameworkId, now) ?? [])
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      this.#warn(origin, error)
      return []
    }
  }

  async #containers(origin: string, signal: AbortSignal | undefined): Promise<readonly unknown[]> {
    const { authorize, clock } = this.#options
    const what = `GET ${origin}/containers`
    const limit = deadline(clock, signal)
    limit.set(TIMEOUT_MS, () => new MesosError('MESOS_UNREACHABLE', `${what}: no answer within ${TIMEOUT_MS / 1000} s`))
    const call: HttpCall = {
      dispatcher: this.#dispatcher(origin),
      origin,
      method: 'GET',
      path: '/containers',
      headers: { accept: 'application/json' },
      authorize: authorize ?? none,
      signal: limit.signal,
      what,
    }
    try {
      const response = await send(call)
      const text = await readText(call, response)
      const status = response.statusCode
      if (status === 403) {
        const hint = 'the principal needs the right to read /containers of hosts'
        throw new MesosError('MESOS_UNAUTHORIZED', `${what}: 403 (${hint})`, { status })
      }
      if (status !== 200) throw new MesosError('MESOS_UNREACHABLE', `${what}: ${status}`, { status })
      return parse(text, what)
    } finally {
      limit.disarm()
    }
  }

  /** A refusal stays until a person acts, so it is told once; all else may pass by itself. */
  #warn(origin: string, error: unknown): void {
    const { log } = this.#options
    const why = messageOf(error)
    if (!(error instanceof MesosError) || error.code !== 'MESOS_UNAUTHORIZED') {
      log.debug({ origin, why }, 'no usage from this host')
    } else {
      if (this.#refused.size === 0) log.warn({ origin, why }, 'hosts do not let us read usage: there is no usage data')
      this.#refused.add(origin)
    }
  }

  #accepted(origin: string): void {
    if (this.#refused.delete(origin) && this.#refused.size === 0) {
      this.#options.log.info({}, 'hosts let us read usage again')
    }
  }

  #dispatcher(origin: string): Dispatcher {
    const known = this.#dispatchers.get(origin)
    if (known !== undefined) return known
    const { dispatcher, tls } = this.#options
    const made = dispatcher === undefined ? connection(origin, tls) : dispatcher(origin)
    this.#dispatchers.set(origin, made)
    return made
  }

  async #forgetAllBut(origins: readonly string[]): Promise<void> {
    const kept = new Set(origins)
    const old = [...this.#dispatchers].filter(([origin]) => !kept.has(origin))
    for (const [origin] of old) {
      this.#dispatchers.delete(origin)
      this.#refused.delete(origin)
    }
    await Promise.all(old.map(([, dispatcher]) => dispatcher.destroy()))
  }
}

function connection(origin: string, tls: TlsFiles | undefined): Dispatcher {
  const connect = tlsOptions(tls)
  return new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: MAX_BYTES, connect })
}

function parse(text: string, what: string): readonly unknown[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new MesosError('MESOS_MALFORMED', `${what}: not JSON`, { cause })
  }
  if (!Containers.Check(json)) throw new MesosError('MESOS_MALFORMED', `${what}: not a list`)
  return json
}

/** `undefined` where it is another framework's, or has no statistics (yet). */
function toUsage(container: unknown, frameworkId: FrameworkId, now: Instant): AgentUsage | undefined {
  if (!Entry.Check(container) || container.framework_id !== frameworkId) return undefined
  const { statistics } = container
  const { timestamp, cpus_user_time_secs: user, cpus_system_time_secs: system } = statistics
  return {
    // The executor that Mesos makes for a command has the task's id.
    agentId: container.executor_id as AgentId,
    at: timestamp === undefined ? now : Math.round(timestamp * 1000),
    cpuSeconds: user === undefined && system === undefined ? undefined : (user ?? 0) + (system ?? 0),
    cpusLimit: statistics.cpus_limit ?? statistics.cpus_soft_limit,
    memRssBytes: statistics.mem_rss_bytes,
    memLimitBytes: statistics.mem_limit_bytes,
  }
}
