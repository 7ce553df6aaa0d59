import { describe, expect, test } from '@jest/globals'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import { settle } from '../support/virtual-clock.ts'
import { ids, MASTER, offer, useSession } from './session-rig.ts'

const rig = useSession()

describe('subscribing', () => {
  test('says who we are and suppresses what is not wanted', async () => {
    const made = rig.make()
    made.want(new Set(['ci']))
    made.start(undefined, (event) => rig.seen.push(event))
    await settle()
    expect(rig.master.subscribes.map(({ call }) => call)).toEqual([
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
    expect(rig.master.subscribes[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
    })
    expect(rig.master.subscribes[0]?.headers).not.toHaveProperty('mesos-stream-id')
    expect(rig.seen).toEqual([{ kind: 'subscribed', frameworkId: 'F1', master: MASTER, version: '1.12.0' }])
    expect(rig.master.calls).toEqual([])
  })

  test('a stored id stands in both places', async () => {
    await rig.start({}, 'F-old')
    expect(rig.master.subscribes[0]?.call).toMatchObject({
      framework_id: { value: 'F-old' },
      subscribe: { framework_info: { id: { value: 'F-old' } }, suppressed_roles: ['ci', 'big'] },
    })
  })

  test('comes back with the id that it was given', async () => {
    await rig.start()
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect(rig.master.subscribes[1]?.call.framework_id).toEqual({ value: 'F1' })
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected', 'subscribed'])
  })

  test.each([
    [
      'the last chunk, with the connection open',
      (): void => {
        rig.master.stream.end()
      },
      /ended the event stream/,
    ],
    [
      'a broken connection',
      (): void => {
        rig.master.stream.cut()
      },
      /connection broke/,
    ],
    [
      'half a record and the end',
      (): void => {
        rig.master.stream.bytes(Buffer.from('99\n{"ty'))
        rig.master.stream.end()
      },
      /ended inside a record/,
    ],
    [
      'no record length',
      (): void => {
        rig.master.stream.bytes(Buffer.from('<html>'))
      },
      /not a number/,
    ],
    [
      'an event of the wrong shape',
      (): void => {
        rig.master.stream.push({ type: 'OFFERS', offers: {} })
      },
      /OFFERS \/offers/,
    ],
    [
      'a second SUBSCRIBED',
      (): void => {
        rig.master.stream.push(rig.master.subscribed('F2'))
      },
      /SUBSCRIBED twice/,
    ],
  ])('%s is the end, and it subscribes anew', async (_, act, why) => {
    await rig.start()
    await rig.give(offer('O1'))
    act()
    await settle()
    expect(rig.seen.at(-1)).toEqual({ kind: 'disconnected', why: expect.stringMatching(why) })
    await expect(rig.session?.accept(ids('O1'), [], 5)).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
    await rig.clock.advance(15_000)
    expect(rig.kinds().at(-1)).toBe('subscribed')
    await expect(rig.session?.accept(ids('O1'), [], 5)).rejects.toMatchObject({ code: 'MESOS_OFFER_GONE' })
    expect(rig.master.calls).toEqual([])
  })

  test('five heartbeats of silence are the end, any byte is a sign of life', async () => {
    await rig.start()
    await rig.clock.advance(74_000)
    rig.master.stream.bytes(Buffer.from('2'))
    await rig.clock.advance(74_999)
    expect(rig.kinds()).toEqual(['subscribed'])
    await rig.clock.advance(1)
    expect(rig.seen.at(-1)).toMatchObject({
      kind: 'disconnected',
      why: expect.stringContaining('nothing came for 75 s'),
    })
    await rig.clock.advance(15_000)
    expect(rig.kinds().at(-1)).toBe('subscribed')
  })

  test.each([
    [2, 10_000],
    [undefined, 75_000],
  ])('the master says how often its heart beats: %p s', async (seconds, limit) => {
    rig.master.heartbeatSeconds = seconds
    await rig.start()
    await rig.clock.advance(limit - 1)
    expect(rig.kinds()).toEqual(['subscribed'])
    await rig.clock.advance(1)
    expect(rig.kinds()).toContain('disconnected')
  })

  test('what an old stream still says is not heard', async () => {
    await rig.start()
    const old = rig.master.stream
    await rig.clock.advance(75_000)
    await rig.clock.advance(15_000)
    old.push({ type: 'ERROR', error: { message: 'Framework failed over' } })
    await rig.clock.advance(60_000)
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected', 'subscribed'])
    expect(rig.master.subscribes).toHaveLength(2)
  })

  test('a master that takes the connection and says nothing is left', async () => {
    rig.master.greets = false
    await rig.start()
    rig.master.stream.push({ type: 'HEARTBEAT' })
    await rig.clock.advance(30_000)
    expect(rig.seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining('nothing came for 30 s') }])
  })

  test('a heartbeat before SUBSCRIBED is taken, other events are not', async () => {
    rig.master.greets = false
    await rig.start()
    rig.master.stream.push({ type: 'HEARTBEAT' }, rig.master.subscribed('F1'))
    await settle()
    expect(rig.kinds()).toEqual(['subscribed'])
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    rig.master.stream.push({ type: 'OFFERS', offers: { offers: [offer('O1')] } })
    await settle()
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected', 'refused'])
    expect(rig.seen.at(-1)).toMatchObject({ why: expect.stringContaining('OFFERS before SUBSCRIBED') })
  })

  test('attempts come further and further apart, up to 15 s, and close together again after a good subscription', async () => {
    rig.network.down(MASTER)
    const times: number[] = []
    const detector = new FixedUrlDetector([MASTER])
    const begun = rig.clock.now()
    const find = detector.find.bind(detector)
    detector.find = (signal) => {
      times.push(rig.clock.now() - begun)
      return find(signal)
    }
    await rig.start({ detector })
    await rig.clock.advance(60_000)
    expect(times).toEqual([0, 1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000])
    rig.network.up(MASTER)
    await rig.clock.advance(15_000)
    rig.master.stream.push({ type: 'HEARTBEAT' })
    await rig.clock.advance(60_000)
    rig.master.stream.end()
    await settle()
    const lost = rig.clock.now() - begun
    await rig.clock.advance(1_000)
    expect(times.at(-1)).toBe(lost + 1_000)
    const changes = rig.kinds().filter((kind, index, all) => kind !== all[index - 1])
    expect(changes.slice(-3)).toEqual(['subscribed', 'disconnected', 'subscribed'])
  })
})
