import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FrameworkId, MesosAgentId, OfferId } from '../../src/core/model.ts'
import type { MesosEvent, TaskStatus } from '../../src/loop/ports.ts'
import type { Authorizer } from '../../src/mesos/auth/authorizer.ts'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import type { Call } from '../../src/mesos/protocol.ts'
import { MesosSession, type MesosSessionOptions } from '../../src/mesos/session.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { launchOf } from './launches.ts'
import { answer, StubMaster } from './stub-master.ts'
import { events as recorded, trace } from './traces.ts'

const MASTER = 'http://m1:5050'
const OTHER = 'http://m2:5050'

let clock: VirtualClock
let network: MemoryNetwork
let master: StubMaster
let seen: MesosEvent[]
let logged: string[]
let session: MesosSession | undefined

beforeEach(() => {
  clock = new VirtualClock()
  network = new MemoryNetwork()
  master = new StubMaster()
  network.serve(MASTER, master.handler)
  seen = []
  logged = []
})
afterEach(async () => {
  await session?.stop()
  session = undefined
  await settle()
  expect(clock.pending).toBe(0)
  expect(network.open).toBe(0)
})

const log = Object.fromEntries(
  (['debug', 'info', 'warn', 'error'] as const).map((level) => [
    level,
    (fields: object, message: string) => logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
  ]),
) as unknown as MesosSessionOptions['log']

function make(over: Partial<MesosSessionOptions> = {}): MesosSession {
  session = new MesosSession({
    framework: {
      user: 'ci',
      name: 'Jenkins',
      roles: ['ci', 'big'],
      failoverTimeoutSeconds: 604_800,
      principal: undefined,
      hostname: 'sidecar.test',
      webuiUrl: 'http://sidecar.test/',
    },
    detector: new FixedUrlDetector([MASTER]),
    clock,
    random: () => 1,
    log,
    dispatcher: (origin) => network.dispatcher(origin),
    ...over,
  })
  return session
}

async function start(over: Partial<MesosSessionOptions> = {}, id?: string): Promise<MesosSession> {
  const made = make(over)
  made.start(id as FrameworkId | undefined, (event) => seen.push(event))
  await settle()
  return made
}

const kinds = (): readonly string[] => seen.map(({ kind }) => kind)
const ids = (...names: readonly string[]) => names as unknown as OfferId[]

function offer(id: string, over: object = {}): object {
  return {
    id: { value: id },
    framework_id: { value: 'F1' },
    agent_id: { value: 'S0' },
    hostname: 'h0',
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, allocation_info: { role: 'ci' } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 4096 }, allocation_info: { role: 'ci' } },
    ],
    allocation_info: { role: 'ci' },
    ...over,
  }
}

async function give(...offers: readonly object[]): Promise<void> {
  master.stream.push({ type: 'OFFERS', offers: { offers } })
  await settle()
}

describe('subscribing', () => {
  test('says who we are and suppresses what is not wanted', async () => {
    const made = make()
    made.want(new Set(['ci']))
    made.start(undefined, (event) => seen.push(event))
    await settle()
    expect(master.subscribes.map(({ call }) => call)).toEqual([
      {
        type: 'SUBSCRIBE',
        subscribe: {
          framework_info: {
            user: 'ci',
            name: 'Jenkins',
            roles: ['ci', 'big'],
            capabilities: ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT'].map(
              (type) => ({ type }),
            ),
            checkpoint: true,
            failover_timeout: 604_800,
            hostname: 'sidecar.test',
            webui_url: 'http://sidecar.test/',
          },
          suppressed_roles: ['big'],
        },
      },
    ])
    expect(master.subscribes[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
    })
    expect(master.subscribes[0]?.headers).not.toHaveProperty('mesos-stream-id')
    expect(seen).toEqual([{ kind: 'subscribed', frameworkId: 'F1', master: MASTER, version: '1.12.0' }])
    expect(master.calls).toEqual([])
  })

  test('a stored id stands in both places', async () => {
    await start({}, 'F-old')
    expect(master.subscribes[0]?.call).toMatchObject({
      framework_id: { value: 'F-old' },
      subscribe: { framework_info: { id: { value: 'F-old' } }, suppressed_roles: ['ci', 'big'] },
    })
  })

  test('comes back with the id that it was given', async () => {
    await start()
    master.stream.end()
    await clock.advance(15_000)
    expect(master.subscribes[1]?.call.framework_id).toEqual({ value: 'F1' })
    expect(kinds()).toEqual(['subscribed', 'disconnected', 'subscribed'])
  })

  test.each([
    [
      'the last chunk, with the connection open',
      (): void => {
        master.stream.end()
      },
      /ended the event stream/,
    ],
    [
      'a broken connection',
      (): void => {
        master.stream.cut()
      },
      /connection broke/,
    ],
    [
      'half a record and the end',
      (): void => {
        master.stream.bytes(Buffer.from('99\n{"ty'))
        master.stream.end()
      },
      /ended inside a record/,
    ],
    [
      'no record length',
      (): void => {
        master.stream.bytes(Buffer.from('<html>'))
      },
      /not a number/,
    ],
    [
      'an event of the wrong shape',
      (): void => {
        master.stream.push({ type: 'OFFERS', offers: {} })
      },
      /OFFERS \/offers/,
    ],
    [
      'a second SUBSCRIBED',
      (): void => {
        master.stream.push(master.subscribed('F2'))
      },
      /SUBSCRIBED twice/,
    ],
  ])('%s is the end, and it subscribes anew', async (_, act, why) => {
    await start()
    await give(offer('O1'))
    act()
    await settle()
    expect(seen.at(-1)).toEqual({ kind: 'disconnected', why: expect.stringMatching(why) })
    await expect(session?.accept(ids('O1'), [], 5)).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
    await clock.advance(15_000)
    expect(kinds().at(-1)).toBe('subscribed')
    await expect(session?.accept(ids('O1'), [], 5)).rejects.toMatchObject({ code: 'MESOS_OFFER_GONE' })
    expect(master.calls).toEqual([])
  })

  test('five heartbeats of silence are the end, any byte is a sign of life', async () => {
    await start()
    await clock.advance(74_000)
    master.stream.bytes(Buffer.from('2'))
    await clock.advance(74_999)
    expect(kinds()).toEqual(['subscribed'])
    await clock.advance(1)
    expect(seen.at(-1)).toMatchObject({ kind: 'disconnected', why: expect.stringContaining('nothing came for 75 s') })
    await clock.advance(15_000)
    expect(kinds().at(-1)).toBe('subscribed')
  })

  test.each([
    [2, 10_000],
    [undefined, 75_000],
  ])('the master says how often its heart beats: %p s', async (seconds, limit) => {
    master.heartbeatSeconds = seconds
    await start()
    await clock.advance(limit - 1)
    expect(kinds()).toEqual(['subscribed'])
    await clock.advance(1)
    expect(kinds()).toContain('disconnected')
  })

  test('what an old stream still says is not heard', async () => {
    await start()
    const old = master.stream
    await clock.advance(75_000)
    await clock.advance(15_000)
    old.push({ type: 'ERROR', error: { message: 'Framework failed over' } })
    await clock.advance(60_000)
    expect(kinds()).toEqual(['subscribed', 'disconnected', 'subscribed'])
    expect(master.subscribes).toHaveLength(2)
  })

  test('a master that takes the connection and says nothing is left', async () => {
    master.greets = false
    await start()
    master.stream.push({ type: 'HEARTBEAT' })
    await clock.advance(30_000)
    expect(seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining('nothing came for 30 s') }])
  })

  test('a heartbeat before SUBSCRIBED is taken, other events are not', async () => {
    master.greets = false
    await start()
    master.stream.push({ type: 'HEARTBEAT' }, master.subscribed('F1'))
    await settle()
    expect(kinds()).toEqual(['subscribed'])
    master.stream.end()
    await clock.advance(15_000)
    master.stream.push({ type: 'OFFERS', offers: { offers: [offer('O1')] } })
    await settle()
    expect(kinds()).toEqual(['subscribed', 'disconnected', 'refused'])
    expect(seen.at(-1)).toMatchObject({ why: expect.stringContaining('OFFERS before SUBSCRIBED') })
  })

  test('attempts come further and further apart, up to 15 s, and close together again after a good subscription', async () => {
    network.down(MASTER)
    const times: number[] = []
    const detector = new FixedUrlDetector([MASTER])
    const begun = clock.now()
    const find = detector.find.bind(detector)
    detector.find = (signal) => {
      times.push(clock.now() - begun)
      return find(signal)
    }
    await start({ detector })
    await clock.advance(60_000)
    expect(times).toEqual([0, 1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000])
    network.up(MASTER)
    await clock.advance(15_000)
    master.stream.push({ type: 'HEARTBEAT' })
    await clock.advance(60_000)
    master.stream.end()
    await settle()
    const lost = clock.now() - begun
    await clock.advance(1_000)
    expect(times.at(-1)).toBe(lost + 1_000)
    const changes = kinds().filter((kind, index, all) => kind !== all[index - 1])
    expect(changes.slice(-3)).toEqual(['subscribed', 'disconnected', 'subscribed'])
  })
})

describe('finding the leader', () => {
  const follower = trace('12c-follower-answers').exchanges[0]?.response
  const location = (to: string): readonly [string, string] => [
    'Location',
    (follower?.headers['Location'] ?? '').replace('127.0.0.1:5320', to),
  ]

  test('goes at once where the follower points, with its own path', async () => {
    const leader = new StubMaster()
    network.serve(OTHER, leader.handler)
    master.refusals.push(answer(307, '', [location('m2:5050')]))
    await start()
    expect(seen).toMatchObject([{ kind: 'subscribed', master: OTHER }])
    expect(leader.subscribes).toHaveLength(1)
  })

  test('a dead leader is waited for: the follower is asked until it knows better', async () => {
    const dead = answer(307, '', [location('m2:5050')])
    master.refusals.push(dead, dead, dead)
    await start()
    expect(seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining('ECONNREFUSED') }])
    await clock.advance(10_000)
    expect(seen.at(-1)).toMatchObject({ kind: 'subscribed', master: MASTER })
    expect(master.subscribes).toHaveLength(4)
  })

  test('masters that point at each other are not asked without end', async () => {
    const other = new StubMaster()
    network.serve(OTHER, other.handler)
    for (let i = 0; i < 100; i++) {
      master.refusals.push(answer(307, '', [location('m2:5050')]))
      other.refusals.push(answer(307, '', [location('m1:5050')]))
    }
    await start()
    expect(master.subscribes.length + other.subscribes.length).toBe(10)
    expect(logged.at(-1)).toContain('do not agree')
  })

  test.each([
    [404, '404 Not Found.'],
    [503, 'No leader elected'],
    [503, 'Master has not finished recovery'],
  ])('%i %s is told and tried again', async (status, body) => {
    master.refusals.push(answer(status, body))
    await start()
    expect(seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining(body) }])
    await clock.advance(1_000)
    expect(kinds()).toEqual(['disconnected', 'subscribed'])
  })

  test('a detector that knows of another leader ends the subscription', async () => {
    const detector = new FixedUrlDetector([MASTER])
    let lost: ((why: string) => void) | undefined
    detector.watch = (_origin, onLost) => {
      lost = onLost
      return () => undefined
    }
    await start({ detector })
    lost?.('another master leads')
    await settle()
    expect(seen.at(-1)).toEqual({ kind: 'disconnected', why: 'another master leads' })
  })
})

test('what comes in one piece behind the event that ended a subscription is not heard', async () => {
  const detector = new FixedUrlDetector([MASTER])
  let lost: ((why: string) => void) | undefined
  detector.watch = (_origin, onLost) => {
    lost = onLost
    return () => undefined
  }
  const made = make({ detector })
  made.start(undefined, (event) => {
    seen.push(event)
    if (event.kind === 'rescind') lost?.('another master leads')
  })
  await settle()
  master.stream.push(
    { type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } },
    { type: 'ERROR', error: { message: 'Framework failed over' } },
  )
  await clock.advance(15_000)
  expect(kinds()).toEqual(['subscribed', 'rescind', 'disconnected', 'subscribed'])
})

describe('what the master says of the framework', () => {
  test('removed: the id is forgotten and a new one comes at once', async () => {
    master.greets = false
    await start({}, 'F-old')
    master.greets = true
    const [error] = recorded('10b-failover-timeout-expires', 'B')
    if (error === undefined) throw new Error('no ERROR in the trace')
    master.stream.push(error)
    master.stream.end()
    await settle()
    expect(seen).toEqual([
      { kind: 'removed', why: 'Framework has been removed' },
      { kind: 'subscribed', frameworkId: 'F2', master: MASTER, version: '1.12.0' },
    ])
    expect(master.subscribes[1]?.call).not.toHaveProperty('framework_id')
  })

  test('failed over: stands back until told to take over', async () => {
    const made = await start()
    const error = recorded('09-second-subscribe-same-id', 'A').find(({ type }) => type === 'ERROR')
    master.stream.push(error ?? {})
    master.stream.end()
    await clock.advance(3_600_000)
    expect(kinds()).toEqual(['subscribed', 'disconnected', 'failedOver'])
    expect(master.subscribes).toHaveLength(1)
    await expect(made.reconcile([])).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
    made.resume()
    await settle()
    expect(kinds().at(-1)).toBe('subscribed')
    expect(master.subscribes[1]?.call.framework_id).toEqual({ value: 'F1' })
  })

  test('standing back ends with the session', async () => {
    const made = await start()
    master.stream.push({ type: 'ERROR', error: { message: 'Framework failed over' } })
    await settle()
    await made.stop()
    expect(kinds().at(-1)).toBe('failedOver')
  })

  const refusals = [
    ...new Set(
      trace('09d-bad-framework-info').steps?.flatMap(({ event }) =>
        event?.type === 'ERROR' ? event.error.message : [],
      ),
    ),
  ]
  test('the trace holds refusals', () => {
    expect(refusals.length).toBeGreaterThan(10)
  })

  test.each(refusals)('"%s" is told once and tried again slowly', async (message) => {
    master.greets = false
    await start()
    for (let i = 0; i < 3; i++) {
      master.stream.push({ type: 'ERROR', error: { message } })
      master.stream.end()
      await clock.advance(15_000)
    }
    expect(seen).toEqual([{ kind: 'refused', why: message }])
    expect(master.subscribes).toHaveLength(4)
  })

  const unauthorized = trace('13-authentication').steps?.filter(
    ({ kind, response }) => kind === 'subscribe' && response !== undefined && response.status >= 400,
  )
  test.each((unauthorized ?? []).map((step) => [step.stream ?? '', step.response] as const))(
    'the recorded refusal of %s needs a person',
    async (_, response) => {
      if (response === undefined) throw new Error('no response in the trace')
      master.refusals.push(answer(response.status, response.body))
      await start()
      expect(seen).toEqual([{ kind: 'refused', why: expect.stringContaining(response.body?.slice(0, 500) ?? '') }])
      await clock.advance(15_000)
      expect(kinds()).toEqual(['refused', 'subscribed'])
    },
  )

  test('something else than a master needs a person', async () => {
    master.refusals.push(answer(200, '<html>'))
    await start()
    expect(seen).toMatchObject([{ kind: 'refused', why: expect.stringContaining('not a Mesos master') }])
  })
})

describe('authentication', () => {
  test('every request carries what the authorizer gives, and a newer one after a 401', async () => {
    const asked: (string | undefined)[] = []
    const authorize: Authorizer = async (_origin, rejected) => {
      asked.push(rejected)
      return rejected === undefined ? 'token=old' : 'token=new'
    }
    master.refusals.push(answer(401, '401 Unauthorized.'))
    const made = await start({ authorize })
    await made.reconcile([])
    expect(master.subscribes.map(({ headers }) => headers['authorization'])).toEqual(['token=old', 'token=new'])
    expect(master.calls.map(({ headers }) => headers['authorization'])).toEqual(['token=old'])
    expect(asked).toEqual([undefined, 'token=old', undefined])
  })

  test('a header that stays the same is not sent twice', async () => {
    master.refusals.push(answer(401, '401 Unauthorized.'))
    await start({ authorize: async () => 'Basic eA==' })
    expect(master.subscribes).toHaveLength(1)
    expect(kinds()).toEqual(['refused'])
  })
})

describe('events', () => {
  test('are told in the words of the program and in order', async () => {
    await start()
    const offers = [offer('O1'), offer('O2', { allocation_info: { role: 'big' } })]
    master.stream.push(
      { type: 'OFFERS', offers: { offers } },
      { type: 'RESCIND', rescind: { offer_id: { value: 'O2' } } },
      { type: 'UPDATE', update: { status: { task_id: { value: 'a1' }, state: 'TASK_RUNNING', uuid: 'dQ==' } } },
      { type: 'FAILURE', failure: { agent_id: { value: 'S0' }, executor_id: { value: 'a1' }, status: 0 } },
      { type: 'FAILURE', failure: { agent_id: { value: 'S0' } } },
      { type: 'HEARTBEAT' },
    )
    await settle()
    expect(seen.slice(1)).toMatchObject([
      {
        kind: 'offers',
        offers: [
          { id: 'O1', role: 'ci', free: { cpus: 4000, mem: 4_096_000 } },
          { id: 'O2', role: 'big' },
        ],
      },
      { kind: 'rescind', offerId: 'O2' },
      { kind: 'status', status: { taskId: 'a1', state: 'TASK_RUNNING', uuid: 'dQ==' } },
      { kind: 'hostLost', mesosAgentId: 'S0' },
    ])
  })

  test('unknown ones are ignored, with one word in the log', async () => {
    await start()
    master.stream.push({ type: 'NEW_THING' }, { type: 'NEW_THING' }, { type: 'INVERSE_OFFERS', inverse_offers: {} })
    await settle()
    expect(kinds()).toEqual(['subscribed'])
    expect(logged.filter((line) => line.includes('are ignored'))).toHaveLength(2)
  })

  test('a listener that throws loses nothing but its event', async () => {
    const made = make()
    made.start(undefined, ({ kind }) => {
      if (kind === 'subscribed') throw new Error('no')
      seen.push({ kind: 'refused', why: kind })
    })
    await settle()
    await give(offer('O1'))
    expect(seen).toEqual([{ kind: 'refused', why: 'offers' }])
    expect(logged.some((line) => line.startsWith('error an event was not taken'))).toBe(true)
  })

  test('nothing is told after stop', async () => {
    const made = await start()
    const stopped = made.stop()
    master.stream.push({ type: 'OFFERS', offers: { offers: [offer('O1')] } })
    await stopped
    await settle()
    expect(kinds()).toEqual(['subscribed'])
    await expect(made.decline(ids('O1'), 5)).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
  })

  test('a session is started once', async () => {
    const made = await start()
    expect(() => {
      made.start(undefined, () => undefined)
    }).toThrow(/started before/)
  })
})

describe('calls', () => {
  const status: TaskStatus = {
    taskId: launchOf().agentId,
    mesosAgentId: 'S0' as MesosAgentId,
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    reason: undefined,
    message: undefined,
    uuid: 'dXVpZA==',
    at: undefined,
  }
  const body = (index = 0): Call | undefined => master.calls[index]?.call

  test('carry the framework, the stream and what they are about', async () => {
    const made = await start()
    await made.kill(status.taskId, status.mesosAgentId)
    await made.kill(status.taskId, undefined)
    await made.acknowledge(status)
    await made.reconcile([])
    await made.reconcile([{ taskId: status.taskId, mesosAgentId: status.mesosAgentId }])
    const framework_id = { value: 'F1' }
    const task = { task_id: { value: 'linux-1' }, agent_id: { value: 'S0' } }
    expect(master.calls.map(({ call }) => call)).toEqual([
      { framework_id, type: 'KILL', kill: task },
      { framework_id, type: 'KILL', kill: { task_id: { value: 'linux-1' } } },
      { framework_id, type: 'ACKNOWLEDGE', acknowledge: { ...task, uuid: 'dXVpZA==' } },
      { framework_id, type: 'RECONCILE', reconcile: {} },
      { framework_id, type: 'RECONCILE', reconcile: { tasks: [task] } },
    ])
    expect(new Set(master.calls.map(({ headers }) => headers['mesos-stream-id']))).toEqual(new Set(['stream-1']))
  })

  test.each([{ uuid: undefined }, { mesosAgentId: undefined }])(
    'a status with %j is not acknowledged',
    async (over) => {
      const made = await start()
      await made.acknowledge({ ...status, ...over })
      expect(master.calls).toEqual([])
    },
  )

  test('ACCEPT launches on what was offered', async () => {
    const made = await start()
    await give(offer('O1'), offer('O2'))
    const launches = [launchOf({ agentId: 'a' }), launchOf({ agentId: 'b', resources: { cpus: 7000, mem: 1000 } })]
    await made.accept(ids('O1', 'O2'), launches, 5)
    expect(body()).toMatchObject({
      type: 'ACCEPT',
      accept: {
        offer_ids: [{ value: 'O1' }, { value: 'O2' }],
        operations: [
          {
            type: 'LAUNCH',
            launch: {
              task_infos: [
                { task_id: { value: 'a' }, agent_id: { value: 'S0' } },
                {
                  task_id: { value: 'b' },
                  resources: [{ name: 'cpus', scalar: { value: 7 } }, { scalar: { value: 1 } }],
                },
              ],
            },
          },
        ],
        filters: { refuse_seconds: 5 },
      },
    })
  })

  test('an offer is answered once', async () => {
    const made = await start()
    await give(offer('O1'), offer('O2'))
    const both = [made.accept(ids('O1'), [launchOf()], 5), made.accept(ids('O1'), [launchOf()], 5)]
    expect((await Promise.allSettled(both)).map(({ status: how }) => how)).toEqual(['fulfilled', 'rejected'])
    await made.decline(ids('O1', 'O2', 'O3'), 300)
    await made.decline(ids('O2'), 300)
    expect(master.types).toEqual(['ACCEPT', 'DECLINE'])
    expect(body(1)).toMatchObject({ decline: { offer_ids: [{ value: 'O2' }], filters: { refuse_seconds: 300 } } })
  })

  test('an offer that is rescinded while its ACCEPT waits is not accepted', async () => {
    const made = await start()
    await give(offer('O1'))
    let release: () => void = () => undefined
    master.onCall = () =>
      new Promise((resolve) => {
        release = () => {
          resolve(answer(202))
        }
      })
    const first = made.reconcile([])
    const accepted = made.accept(ids('O1'), [launchOf()], 5)
    const told = expect(accepted).rejects.toMatchObject({ code: 'MESOS_OFFER_GONE', retryable: false })
    master.stream.push({ type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } })
    await settle()
    release()
    await first
    await told
    expect(master.types).toEqual(['RECONCILE'])
  })

  test.each([
    ['of two hosts', [offer('O1'), offer('O2', { agent_id: { value: 'S1' } })], {}],
    ['of two roles', [offer('O1'), offer('O2', { allocation_info: { role: 'big' } })], {}],
    ['that hold too little', [offer('O1'), offer('O2')], { resources: { cpus: 8001 } }],
  ])('offers %s are refused before anything is sent, and can be declined', async (_, offers, over) => {
    const made = await start()
    await give(...offers)
    await expect(made.accept(ids('O1', 'O2'), [launchOf(over)], 5)).rejects.toMatchObject({ code: 'MESOS_REFUSED' })
    expect(master.calls).toEqual([])
    await made.decline(ids('O1', 'O2'), 5)
    expect(master.types).toEqual(['DECLINE'])
  })

  test('a call that the master refuses leaves the offer and the subscription', async () => {
    const made = await start()
    await give(offer('O1'))
    master.onCall = (_, index) => (index === 0 ? answer(400, 'Failed to validate scheduler::Call: x') : answer(202))
    await expect(made.accept(ids('O1'), [launchOf()], 5)).rejects.toMatchObject({ code: 'MESOS_REFUSED' })
    await made.decline(ids('O1'), 5)
    expect(master.types).toEqual(['ACCEPT', 'DECLINE'])
    expect(kinds()).toEqual(['subscribed', 'offers'])
  })

  test('are sent one after the other, in order', async () => {
    const made = await start()
    const waiting: (() => void)[] = []
    master.onCall = () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(answer(202))
        })
      })
    const all = ['a', 'b', 'c'].map((name) => made.kill(launchOf({ agentId: name }).agentId, undefined))
    for (let i = 0; i < 3; i++) {
      await settle()
      expect(master.calls).toHaveLength(i + 1)
      waiting[i]?.()
    }
    await Promise.all(all)
    expect(master.calls.map(({ call }) => (call.type === 'KILL' ? call.kill.task_id.value : ''))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  test.each([
    [403, 'Framework is not subscribed', 'MESOS_SUBSCRIPTION_LOST'],
    [400, "The stream ID 'x' included in this request didn't match the stream ID y", 'MESOS_SUBSCRIPTION_LOST'],
    [400, 'Framework cannot be found', 'MESOS_SUBSCRIPTION_LOST'],
    [503, 'Master has not finished recovery', 'MESOS_RECOVERING'],
    [307, '', 'MESOS_NOT_LEADING'],
  ])('%i %s to a call ends the subscription and fails what waits', async (code, text, expected) => {
    const made = await start()
    master.onCall = () => answer(code, text)
    const calls = [made.reconcile([]), made.reconcile([])].map((call) => expect(call).rejects)
    await Promise.all([
      calls[0]?.toMatchObject({ code: expected }),
      calls[1]?.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' }),
    ])
    await settle()
    expect(master.calls).toHaveLength(1)
    expect(kinds()).toEqual(['subscribed', 'disconnected'])
    await clock.advance(15_000)
    expect(kinds().at(-1)).toBe('subscribed')
  })

  test('a call without an answer ends the subscription after 15 s', async () => {
    const made = await start()
    master.onCall = () => new Promise(() => undefined)
    const failed = expect(made.reconcile([])).rejects.toMatchObject({
      code: 'MESOS_UNREACHABLE',
      message: expect.stringContaining('no answer within 15 s'),
    })
    await clock.advance(15_000)
    await failed
    expect(kinds()).toEqual(['subscribed', 'disconnected'])
  })

  test('a call under way when the stream ends may have been carried out, one that waits was not', async () => {
    const made = await start()
    master.onCall = () => new Promise(() => undefined)
    const calls = [made.reconcile([]), made.reconcile([])].map((call) => expect(call).rejects)
    await settle()
    master.stream.end()
    await Promise.all([
      calls[0]?.toMatchObject({ code: 'MESOS_UNREACHABLE' }),
      calls[1]?.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' }),
    ])
  })

  test('before the first subscription fail at once', async () => {
    await expect(make().reconcile([])).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST', retryable: true })
  })

  test('after TEARDOWN nothing is subscribed again', async () => {
    const made = await start()
    await made.teardown()
    master.stream.end()
    await clock.advance(600_000)
    expect(master.types).toEqual(['TEARDOWN'])
    expect(master.subscribes).toHaveLength(1)
  })
})

describe('roles', () => {
  const want = (...roles: readonly string[]): void => session?.want(new Set(roles))
  const told = (): readonly string[] =>
    master.calls.map(({ call }) => {
      if (call.type === 'REVIVE') return `REVIVE ${call.revive?.roles?.join() ?? ''}`
      return call.type === 'SUPPRESS' ? `SUPPRESS ${call.suppress?.roles?.join() ?? ''}` : call.type
    })
  const beat = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10_000) {
      await clock.advance(Math.min(left, 10_000))
      master.stream.push({ type: 'HEARTBEAT' })
      await settle()
    }
  }

  test('are switched only when something changes', async () => {
    await start()
    want('ci')
    want('ci')
    await settle()
    want('ci')
    await settle()
    want('ci', 'big')
    await settle()
    want()
    await settle()
    want()
    await settle()
    expect(told()).toEqual(['REVIVE ci', 'REVIVE big', 'SUPPRESS ci,big'])
  })

  test('are revived again after 30 s without offers', async () => {
    await start()
    want('ci')
    await beat(29_000)
    await give(offer('O1'))
    await beat(29_000)
    expect(told()).toEqual(['REVIVE ci'])
    await beat(1_000)
    expect(told()).toEqual(['REVIVE ci', 'REVIVE ci'])
    await beat(30_000)
    expect(told()).toHaveLength(3)
    want()
    await beat(90_000)
    expect(told().slice(3)).toEqual(['SUPPRESS ci'])
  })

  test('stand in the next SUBSCRIBE as they are then', async () => {
    await start()
    want('big')
    await settle()
    master.stream.end()
    await clock.advance(15_000)
    expect(master.subscribes[1]?.call).toMatchObject({ subscribe: { suppressed_roles: ['ci'] } })
    expect(told()).toEqual(['REVIVE big'])
    await beat(30_000)
    expect(told()).toEqual(['REVIVE big', 'REVIVE big'])
  })

  test('a change between SUBSCRIBE and SUBSCRIBED is made up for', async () => {
    master.greets = false
    await start()
    want('ci')
    master.stream.push(master.subscribed('F1'))
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
  })

  test('a call that was refused is tried again, at once with the next wish', async () => {
    await start()
    master.onCall = (_, index) => (index < 2 ? answer(400, 'no') : answer(202))
    want('ci')
    await beat(15_000)
    expect(told()).toEqual(['REVIVE ci', 'REVIVE ci'])
    want('ci')
    await settle()
    expect(told()).toHaveLength(3)
    await beat(20_000)
    expect(told()).toHaveLength(3)
  })

  test('a lost subscription is no reason to try again', async () => {
    await start()
    master.onCall = () => answer(403, 'Framework is not subscribed')
    want('ci')
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
    await clock.advance(15_000)
    expect(master.subscribes[1]?.call).toMatchObject({ subscribe: { suppressed_roles: ['big'] } })
  })

  test('that the framework does not have are left out and named', async () => {
    await start()
    want('ci', 'stray')
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
    expect(logged.at(-1)).toContain('stray')
  })
})
