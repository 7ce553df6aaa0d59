import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { alwaysLeading } from '../../src/leader/always.ts'
import { Election } from '../../src/leader/election.ts'
import { openSession } from '../../src/zookeeper/open-session.ts'
import type { ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { aLog } from '../support/log.ts'
import { MortalClock } from '../support/mortal-clock.ts'
import { mortalConnect } from '../support/mortal-connect.ts'
import { Pause } from '../support/pause.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { WallClock } from '../support/wall-clock.ts'
import { SimulatedEnsemble } from '../support/zookeeper/simulated-ensemble.ts'

const TIMEOUT_MS = 10_000

/** An instance, as far as it takes part in the election. */
class Instance {
  readonly name: string
  readonly election: Election
  readonly told: string[] = []
  /** How often it asked for all candidates. */
  lists = 0
  leads = false
  readonly #pause = new Pause()
  readonly #machine: WallClock

  constructor(name: string, ensemble: SimulatedEnsemble, wall: WallClock) {
    this.name = name
    let letters = 0
    const { log } = aLog()
    this.#machine = new WallClock(wall)
    const alive = new AbortController().signal
    setMaxListeners(0, alive)
    const clock = new MortalClock(this.#machine, alive, this.#pause)
    const open = (): ZooKeeperSession => {
      const session = openSession({
        ensemble: ensemble.at('/sidecar'),
        sessionTimeoutMs: TIMEOUT_MS,
        clock,
        random: () => 0.5,
        log,
        connect: mortalConnect(ensemble.connect(name), alive, this.#pause),
      })
      const children: ZooKeeperSession['children'] = (path, watch) => {
        this.lists += 1
        return session.children(path, watch)
      }
      return new Proxy(session, {
        get: (target, key) => {
          if (key === 'children') return children
          const value: unknown = Reflect.get(target, key, target)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    }
    this.election = new Election({
      open,
      path: '/sidecar',
      me: { hostname: `${name}.test`, pid: 7, startedAt: '2026-01-01T00:00:00.000Z' },
      letters: (length) => `${name}${letters++}`.padStart(length, 'x'),
      clock,
      log,
    })
  }

  /**
   * It stands still; with its machine, whose monotonic clock then stands still as well.
   * @returns goes on, and answers whether it may act before it hears of anything
   */
  suspend(withMachine: boolean): () => boolean {
    const since = this.#machine.monotonic()
    this.#pause.pause()
    return () => {
      if (withMachine) this.#machine.sleptMs += this.#machine.monotonic() - since
      const mayAct = this.election.mayAct()
      this.#pause.resume()
      return mayAct
    }
  }

  start(): this {
    this.election.start((leading, why) => {
      this.leads = leading
      this.told.push(`${leading ? 'leading' : 'standing by'}: ${why}`)
    })
    return this
  }
}

let virtual: VirtualClock
let clock: WallClock
let ensemble: SimulatedEnsemble
let instances: Instance[]

beforeEach(() => {
  setUp()
})
afterEach(async () => {
  expect(await tearDown()).toBe(0)
})

function setUp(): void {
  virtual = new VirtualClock()
  clock = new WallClock(virtual)
  ensemble = new SimulatedEnsemble({ clock: virtual })
  instances = []
}

/** @returns timers that were left */
async function tearDown(): Promise<number> {
  const stopped = Promise.all(instances.map(({ election }) => election.stop()))
  await virtual.advance(10_000)
  await stopped
  ensemble.close()
  return virtual.pending
}

async function start(...names: readonly string[]): Promise<readonly Instance[]> {
  for (const name of names) {
    instances.push(new Instance(name, ensemble, clock).start())
    await advance(500)
  }
  return instances
}

function acting(): readonly string[] {
  return instances.filter(({ election }) => election.mayAct()).map(({ name }) => name)
}

/** Looks after each tick that never two act. */
async function advance(ms: number): Promise<void> {
  let over = false
  virtual.timer(ms, () => {
    over = true
  })
  await virtual.until(() => {
    expect(acting().length).toBeLessThan(2)
    return over
  }, ms)
}

async function timeUntil(done: () => boolean, limitMs: number): Promise<number> {
  const since = virtual.monotonic()
  let cancel: () => void = () => undefined
  const tick = (): void => {
    cancel = virtual.timer(50, tick)
  }
  tick()
  await virtual.until(
    () => {
      expect(acting().length).toBeLessThan(2)
      return done()
    },
    limitMs,
    'what was waited for',
  )
  cancel()
  return virtual.monotonic() - since
}

function candidates(): readonly string[] {
  return ensemble.paths.filter((path) => path.startsWith('/sidecar/leader/'))
}

test('the first one leads; the others stand by, in place to take over, and say who leads', async () => {
  const [a, b, c] = await start('a', 'b', 'c')
  expect(acting()).toEqual(['a'])
  expect(a?.told.at(-1)).toMatch(/^leading: elected/)
  for (const other of [b, c]) {
    expect(other?.told.at(-1)).toBe('standing by: process 7 on a.test, started at 2026-01-01T00:00:00.000Z leads')
    expect(other?.election.standsBy()).toBe(true)
    expect(other?.election.elected).toBeUndefined()
  }
  expect(a?.election.standsBy()).toBe(false)
  expect(candidates()).toContain(a?.election.elected?.node)
})

test('behind an earlier session of its own it says so, and does not call that another that leads', async () => {
  const [before] = await start('a')
  const data = Buffer.from('{"hostname":"b.test","pid":7,"startedAt":"2026-01-01T00:00:00.000Z"}')
  const made = before?.election.elected?.session.create('/sidecar/leader/earlier-', data, {
    ephemeral: true,
    sequential: true,
  })
  await advance(500)
  await made
  ensemble.remove(before?.election.elected?.node ?? '')
  await advance(1_000)
  const [, b] = await start('b')
  expect(acting()).toEqual([])
  expect(b?.told.at(-1)).toMatch(/^standing by: waiting for ZooKeeper to end an earlier session of this instance/)
  expect(b?.election.standsBy()).toBe(false)
  await before?.election.stop()
  await advance(500)
  expect(acting()).toEqual(['b'])
})

test('a leader that stops is followed at once, by the next one, and nobody else is woken', async () => {
  const [a, b, c, d] = await start('a', 'b', 'c', 'd')
  const lists = [c, d].map((one) => one?.lists)
  await a?.election.stop()
  await advance(200)
  expect(acting()).toEqual(['b'])
  expect([c, d].map((one) => one?.lists)).toEqual(lists)
  await c?.election.stop()
  await advance(200)
  expect(acting()).toEqual(['b'])
  await b?.election.stop()
  await advance(200)
  expect(acting()).toEqual(['d'])
})

test('a standby takes over within the session timeout of a leader that is gone', async () => {
  const [, b] = await start('a', 'b')
  ensemble.blockClient('a')
  expect(await timeUntil(() => b?.election.mayAct() === true, 30_000)).toBeLessThanOrEqual(TIMEOUT_MS + 500)
})

describe('invariant 9: a leader stops acting before its session can expire', () => {
  test('when nothing gets through: by the clock alone, before anybody tells it', async () => {
    const [a] = await start('a', 'b')
    await advance(60_000)
    ensemble.blockClient('a')
    const stopped = await timeUntil(() => a?.election.mayAct() === false, 30_000)
    expect(stopped).toBeLessThan(TIMEOUT_MS * 0.8)
    expect(a?.leads).toBe(false)
  })

  test('when its connection breaks: at once, and it leads again without an election', async () => {
    const [a] = await start('a', 'b')
    const node = a?.election.elected?.node
    ensemble.cutClient('a')
    await timeUntil(() => a?.leads === false, 1_000)
    await timeUntil(() => a?.leads === true, 5_000)
    expect(a?.election.elected?.node).toBe(node)
    expect(candidates()).toHaveLength(2)
  })

  test('when the clock is set back: as if it had not been', async () => {
    const [a, b] = await start('a', 'b')
    for (let hours = 0; hours < 3; hours++) {
      clock.offsetMs -= 3_600_000
      expect(acting()).toEqual(['a'])
      await advance(15_000)
      expect(acting()).toEqual(['a'])
    }
    ensemble.blockClient('a')
    clock.offsetMs -= 3_600_000
    expect(await timeUntil(() => a?.election.mayAct() === false, 30_000)).toBeLessThan(TIMEOUT_MS * 0.8)
    await timeUntil(() => b?.election.mayAct() === true, 30_000)
  })

  test('when the clock is set forth: at once, until ZooKeeper has confirmed the session again', async () => {
    const [a, b] = await start('a', 'b')
    await advance(20_000)
    const node = a?.election.elected?.node
    clock.offsetMs += 3_600_000
    expect(acting()).toEqual([])
    expect(await timeUntil(() => acting().length > 0, 30_000)).toBeLessThan(TIMEOUT_MS * 0.6)
    expect([acting(), a?.election.elected?.node]).toEqual([['a'], node])
    expect(b?.election.standsBy()).toBe(true)
  })

  test.each([
    ['a machine that was suspended: its monotonic clock stood still', true],
    ['a process that was stopped', false],
  ])('when it goes on after a minute, %s: before anybody tells it', async (_, suspended) => {
    const [a, b] = await start('a', 'b')
    await advance(20_000)
    const resume = a?.suspend(suspended)
    await advance(60_000)
    expect(acting()).toEqual(['b'])
    expect(a?.leads).toBe(true) // as it knows nothing yet
    expect(resume?.()).toBe(false)
    await timeUntil(() => a?.election.standsBy() === true, 30_000)
    expect([acting(), b?.leads, a?.leads]).toEqual([['b'], true, false])
  })

  test('when its machine was suspended for less than the timeout: for what is left of it, not for all of it', async () => {
    const [a] = await start('a', 'b')
    await advance(20_000)
    ensemble.blockClient('a')
    const resume = a?.suspend(true)
    await advance(2_500)
    expect(resume?.()).toBe(true)
    expect(await timeUntil(() => a?.election.mayAct() === false, 30_000)).toBeLessThan(2_500)
  })

  test.each([
    ['at once', 0],
    ['slowly', 100],
  ])('when its znode is deleted by hand, and ZooKeeper answers %s: another leads, it stands behind', async (_, ms) => {
    const [a, b] = await start('a', 'b')
    ensemble.delay(ms)
    ensemble.remove(a?.election.elected?.node ?? '')
    await timeUntil(() => b?.election.mayAct() === true && a?.election.standsBy() === true, 2_000)
    expect(candidates()).toHaveLength(2)
  })
})

test.each(['loseNextAnswer', 'loseNextRequest'] as const)(
  '%s while it becomes a candidate: it is one once',
  async (lose) => {
    await start('a')
    for (let calls = 1; calls < 4; calls++) {
      ensemble[lose](calls)
      const name = `b${calls}`
      const [, , ...all] = await start(name)
      expect(all.length).toBeGreaterThanOrEqual(0)
      await advance(10_000)
      expect(candidates().filter((path) => path.includes(name))).toHaveLength(1)
    }
    expect(acting()).toEqual(['a'])
  },
)

test('after its session expired an instance stands behind the others', async () => {
  const [a, b] = await start('a', 'b')
  ensemble.expire()
  await timeUntil(() => acting().length === 1 && candidates().length === 2, 30_000)
  expect([a, b].filter((one) => one?.election.standsBy())).toHaveLength(1)
})

test('without a quorum nobody acts and nobody stands by; with it one leads again', async () => {
  const [a, b] = await start('a', 'b')
  ensemble.loseQuorum()
  await advance(TIMEOUT_MS)
  expect(acting()).toEqual([])
  expect(a?.election.standsBy()).toBe(false)
  expect(b?.election.standsBy()).toBe(false)
  expect(a?.told.at(-1)).toMatch(/the connection to ZooKeeper is lost|expired/)
  await advance(60_000)
  ensemble.regainQuorum()
  await timeUntil(() => acting().length === 1, 60_000)
})

test.each([0, 1, 2])('server %i frozen: one leads all the same', async (server) => {
  await start('a', 'b')
  ensemble.freeze(server)
  await timeUntil(() => acting().length === 1, 60_000)
  await advance(60_000)
  expect(acting()).toHaveLength(1)
  ensemble.thaw(server)
  await advance(30_000)
  expect(acting()).toHaveLength(1)
})

test('an ensemble that is not there: it says so, and takes part when it is', async () => {
  ensemble.loseQuorum()
  const [a] = await start('a')
  await advance(20_000)
  expect(a?.told.at(-1)).toMatch(/^standing by: (connecting|no connection)/)
  expect(a?.election.standsBy()).toBe(false)
  ensemble.regainQuorum()
  await timeUntil(() => a?.election.mayAct() === true, 60_000)
})

test('invariant 9: whatever goes wrong with ZooKeeper, never do two act, and in the end one does', async () => {
  const fault = fc.record({
    what: fc.constantFrom(
      () => {
        ensemble.cutClient('a')
      },
      () => {
        ensemble.cutClient('b')
      },
      () => {
        ensemble.blockClient('a')
      },
      () => {
        ensemble.blockClient('b')
      },
      () => {
        ensemble.unblockClient('a')
      },
      () => {
        ensemble.unblockClient('b')
      },
      () => {
        ensemble.freeze(0)
      },
      () => {
        ensemble.thaw(0)
      },
      () => {
        ensemble.kill(1)
      },
      () => {
        ensemble.start(1)
      },
      () => {
        ensemble.isolate(2)
      },
      () => {
        ensemble.rejoin(2)
      },
      () => {
        ensemble.loseNextAnswer()
      },
      () => {
        ensemble.loseNextRequest()
      },
      () => {
        clock.offsetMs += 7_200_000
      },
      () => {
        clock.offsetMs -= 3_600_000
      },
    ),
    afterMs: fc.integer({ min: 1, max: 240 }).map((steps) => steps * 50),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), async (faults) => {
      await tearDown()
      setUp()
      await start('a', 'b', 'c')
      for (const { what, afterMs } of faults) {
        what()
        await advance(afterMs)
      }
      for (const name of ['a', 'b']) ensemble.unblockClient(name)
      ensemble.thaw(0)
      ensemble.start(1)
      ensemble.rejoin(2)
      await timeUntil(() => acting().length === 1, 60_000)
    }),
    { numRuns: 15, seed: 4 },
  )
}, 60_000)

test('with a state that nobody else can open an instance leads from the start', () => {
  const told: unknown[] = []
  alwaysLeading.start((...args) => told.push(args))
  expect(told).toEqual([[true, 'the only instance on its state']])
  expect([alwaysLeading.mayAct(), alwaysLeading.standsBy()]).toEqual([true, false])
})
