/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   Recorded JSON is looked into freely. */
import { readFileSync } from 'node:fs'
import type { HttpHandler, HttpResponse } from '../../../src/embedded/http.ts'
import { EmbeddedMesos, type EmbeddedMesosOptions } from '../../../src/embedded/mesos/embedded-mesos.ts'
import type { HostSpec } from '../../../src/embedded/mesos/host-spec.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'
import { FakeRunner } from './fake-runner.ts'

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON is looked into freely
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any

export const HOST: HostSpec = {
  hostname: '127.0.0.1',
  authority: '127.0.0.1:5151',
  resources: { cpus: 8, memMib: 8192, diskMib: 8192, ports: [{ begin: 31000, end: 31200 }] },
  attributes: { os: 'linux' },
}

export const CAPABILITIES = ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT']

export function recorded(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../../fixtures/mesos/${name}.json`, import.meta.url), 'utf8'))
}

export interface World {
  readonly clock: VirtualClock
  readonly mesos: EmbeddedMesos
  readonly runner: FakeRunner
}

export async function world(options: Partial<EmbeddedMesosOptions> = {}, given?: World): Promise<World> {
  const clock = given?.clock ?? new VirtualClock()
  const runner = given?.runner ?? new FakeRunner(clock)
  const mesos = await EmbeddedMesos.start({
    clock,
    hosts: [HOST],
    runnerFor: () => runner,
    masterAuthority: '127.0.0.1:5150',
    ...options,
  })
  return { clock, mesos, runner }
}

export async function ask(
  handler: HttpHandler,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): Promise<HttpResponse> {
  return handler({
    method,
    path,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body),
    signal: new AbortController().signal,
    remote: '127.0.0.1',
  })
}

export function text({ body }: HttpResponse): string {
  if (!Buffer.isBuffer(body)) throw new Error('a stream, not a body')
  return body.toString()
}

export async function json(handler: HttpHandler, path: string): Promise<Json> {
  return JSON.parse(text(await ask(handler, 'GET', path)))
}

export interface Received {
  readonly at: number
  readonly event: Json
  /** As they came, length included. */
  readonly bytes: number
}

/** What a client needs of a world. */
export interface Reachable {
  readonly clock: VirtualClock
  readonly mesos: Pick<EmbeddedMesos, 'masterHandler'>
}

/** A framework as plain as can be: writes down what comes, acknowledges if told to. */
export class Client {
  readonly received: Received[] = []
  readonly #world: Reachable
  readonly #abort = new AbortController()
  readonly #acknowledge: boolean
  response!: HttpResponse
  frameworkId = ''
  ended: 'open' | 'ended' | 'reset' = 'open'

  private constructor(world: Reachable, acknowledge: boolean) {
    this.#world = world
    this.#acknowledge = acknowledge
  }

  static async subscribe(
    world: Reachable,
    info: Json = {},
    { id, suppressed, acknowledge = true }: { id?: string; suppressed?: string[]; acknowledge?: boolean } = {},
  ): Promise<Client> {
    const framework = {
      user: 'root',
      name: 'rec',
      roles: ['ci'],
      capabilities: CAPABILITIES.map((type) => ({ type })),
      checkpoint: true,
      failover_timeout: 0,
      ...info,
      ...(id === undefined ? {} : { id: { value: id } }),
    }
    return Client.of(
      world,
      {
        type: 'SUBSCRIBE',
        ...(id === undefined ? {} : { framework_id: { value: id } }),
        subscribe: {
          framework_info: framework,
          ...(suppressed === undefined ? {} : { suppressed_roles: suppressed }),
        },
      },
      acknowledge,
    )
  }

  /** With a SUBSCRIBE as it was recorded. */
  static async of(world: Reachable, call: Json, acknowledge = true): Promise<Client> {
    const client = new Client(world, acknowledge)
    client.response = await world.mesos.masterHandler({
      method: 'POST',
      path: '/api/v1/scheduler',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify(call)),
      signal: client.#abort.signal,
      remote: '127.0.0.1',
    })
    if (client.response.status === 200) void client.#read()
    await settle()
    return client
  }

  get streamId(): string {
    return headerOf(this.response, 'Mesos-Stream-Id')
  }

  get events(): Json[] {
    return this.received.map(({ event }) => event)
  }

  get updates(): Json[] {
    return this.events.filter(({ type }) => type === 'UPDATE').map(({ update }) => update.status)
  }

  get offers(): Json[] {
    return this.events.filter(({ type }) => type === 'OFFERS').flatMap(({ offers }) => offers.offers)
  }

  get lastOffer(): Json {
    const last = this.offers.at(-1)
    if (last === undefined) throw new Error('no offer came')
    return last
  }

  states(taskId: string): string[] {
    return this.updates.filter(({ task_id }) => task_id.value === taskId).map(({ state }) => state)
  }

  async send(call: Json, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    const response = await ask(
      this.#world.mesos.masterHandler,
      'POST',
      '/api/v1/scheduler',
      {
        'content-type': 'application/json',
        accept: 'application/json',
        'mesos-stream-id': this.streamId,
        ...headers,
      },
      JSON.stringify({ framework_id: { value: this.frameworkId }, ...call }),
    )
    await settle()
    return response
  }

  async accept(tasks: readonly Json[], { offer = this.lastOffer, refuse = 0 }: { offer?: Json; refuse?: number } = {}) {
    return this.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [
          { type: 'LAUNCH', launch: { task_infos: tasks.map((task) => ({ agent_id: offer.agent_id, ...task })) } },
        ],
        filters: { refuse_seconds: refuse },
      },
    })
  }

  /** LAUNCH_GROUP, with a DEFAULT executor that has what it needs. */
  async acceptGroup(tasks: readonly Json[], executor: Json = {}, offer: Json = this.lastOffer) {
    const given = tasks.map((each) => ({ agent_id: offer.agent_id, ...each }))
    return this.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [offer.id],
        operations: [
          {
            type: 'LAUNCH_GROUP',
            launch_group: {
              executor: {
                executor_id: { value: 'instance-1' },
                type: 'DEFAULT',
                resources: [scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 10)],
                ...executor,
              },
              task_group: { tasks: given },
            },
          },
        ],
        filters: { refuse_seconds: 0 },
      },
    })
  }

  async acknowledge(status: Json): Promise<HttpResponse> {
    return this.send({
      type: 'ACKNOWLEDGE',
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    })
  }

  /** The connection breaks. */
  async leave(): Promise<void> {
    this.#abort.abort()
    await settle()
  }

  async #read(): Promise<void> {
    let left = Buffer.alloc(0)
    try {
      for await (const chunk of this.response.body as AsyncIterable<Uint8Array>) {
        left = Buffer.concat([left, chunk])
        for (;;) {
          const newline = left.indexOf('\n')
          const length = Number(left.subarray(0, newline).toString())
          if (newline < 0 || left.length < newline + 1 + length) break
          const event = JSON.parse(left.subarray(newline + 1, newline + 1 + length).toString())
          left = left.subarray(newline + 1 + length)
          this.#take(event, newline + 1 + length)
        }
      }
      this.ended = 'ended'
    } catch {
      this.ended = 'reset'
    }
  }

  #take(event: Json, bytes: number): void {
    this.received.push({ at: this.#world.clock.now(), event, bytes })
    if (event.type === 'SUBSCRIBED') this.frameworkId = event.subscribed.framework_id.value
    const status = event.update?.status
    if (this.#acknowledge && status?.uuid !== undefined) void this.acknowledge(status)
  }
}

export function headerOf({ headers }: HttpResponse, name: string): string {
  return headers.find(([key]) => key === name)?.[1] ?? ''
}

export function task(id: string, command = 'sleep 300', extra: Json = {}): Json {
  return {
    name: `t-${id}`,
    task_id: { value: id },
    resources: [scalar('cpus', 0.5), scalar('mem', 64)],
    command: { shell: true, value: command },
    ...extra,
  }
}

export function scalar(name: string, value: number): Json {
  return { name, type: 'SCALAR', scalar: { value } }
}

/** Ids, dates and pids masked: what two recordings of the same thing have in common. */
export function masked(value: Json): Json {
  const text = JSON.stringify(value)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-(?:S|O)?\d+)?/g, 'ID')
    .replaceAll(/"uuid":"[^"]+"/g, '"uuid":"UUID"')
    .replaceAll(/"timestamp":[\d.]+/g, '"timestamp":0')
    .replaceAll(/"executor_pid":\d+/g, '"executor_pid":0')
    .replaceAll(/"nanoseconds":\d+/g, '"nanoseconds":0')
  return JSON.parse(text)
}
