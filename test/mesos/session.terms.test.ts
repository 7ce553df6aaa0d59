import { describe, expect, test } from '@jest/globals'
import type { Wants } from '../../src/mesos/framework-info.ts'
import { settle } from '../support/virtual-clock.ts'
import { useSession } from './session-rig.ts'
import { answer, Stream } from './stub-master.ts'

const rig = useSession()
let wants: Wants
const asking = (os: string): Wants => ({
  gpus: false,
  regions: false,
  needs: [{ role: 'ci', constraints: [{ field: 'os', operator: 'IS', value: os }], least: { cpus: 100, mem: 64_000 } }],
})
const NOTHING: Wants = { gpus: false, regions: false }

async function start(): Promise<void> {
  rig.make({ capabilities: () => wants }).want(new Set(['ci']))
  rig.session?.start(undefined, (event) => rig.seen.push(event))
  await settle()
}

async function reload(now: Wants): Promise<void> {
  wants = now
  for (let round = 0; round < 3; round++) {
    rig.session?.want(new Set(['ci']))
    await settle()
  }
}

/** Which `os` each call asks for. */
const subscribed = () =>
  rig.master.subscribes.map(({ call }) => (call.type === 'SUBSCRIBE' ? osOf(call.subscribe) : ''))
const updated = () =>
  rig.master.calls.map(({ call }) => (call.type === 'UPDATE_FRAMEWORK' ? osOf(call.update_framework) : call.type))
function osOf(said: {
  readonly framework_info: { readonly offer_filters?: object }
  readonly offer_constraints?: object
}): unknown {
  const [, os] = /"text_equals":\{"value":"(\w+)"/.exec(JSON.stringify(said.offer_constraints ?? {})) ?? []
  return os === undefined && said.framework_info.offer_filters === undefined ? 'nothing' : os
}
const warnings = () => rig.logged.filter((line) => line.startsWith('warn'))

describe('what is asked of hosts', () => {
  test('stands in SUBSCRIBE, and an UPDATE_FRAMEWORK tells when templates have changed', async () => {
    wants = asking('linux')
    await start()
    expect([subscribed(), updated()]).toEqual([['linux'], []])
    await reload(asking('windows'))
    await reload(NOTHING)
    expect(updated()).toEqual(['windows', 'nothing'])
  })

  test.each([
    ['1.8.1', []],
    [undefined, []],
    ['1.10.0', []],
    ['1.11.0', ['windows']],
  ])('is told Mesos %s anew only if it looks at it', async (version, calls) => {
    rig.master.version = version
    wants = asking('linux')
    await start()
    await reload(asking('windows'))
    expect([updated(), warnings()]).toEqual([calls, []])
  })

  test('and refused by an update is not asked for again, and not what was asked before', async () => {
    wants = asking('linux')
    await start()
    rig.master.onCall = (_call, index) =>
      index === 0 ? answer(400, 'Offer constraints are not valid: no') : answer(202)
    await reload(asking('windows'))
    expect(updated()).toEqual(['windows', 'nothing'])
    expect(warnings()).toHaveLength(1)
    await reload(asking('solaris'))
    expect(updated()).toEqual(['windows', 'nothing', 'solaris'])
    expect(rig.kinds()).toEqual(['subscribed'])
  })

  test('and refused as another capability is told goes without it', async () => {
    wants = NOTHING
    await start()
    rig.master.onCall = (_call, index) => (index === 0 ? answer(400, 'no') : answer(202))
    await reload({ ...asking('linux'), gpus: true })
    expect(updated()).toEqual(['linux', 'nothing'])
  })

  test.each([
    ['a bad request', answer(400, 'Failed to convert JSON into Call protobuf: no')],
    ['an error', undefined],
  ])('and refused by a subscription with %s is left out of the next one', async (_what, refusal) => {
    const words = 'Offer constraints are not valid: too big'
    const stream = new Stream()
    stream.push({ type: 'ERROR', error: { message: words } })
    stream.end()
    const headers = [
      ['Content-Type', 'application/json'],
      ['Mesos-Stream-Id', 's'],
    ] as const
    rig.master.refusals.push(refusal ?? { status: 200, headers, body: stream })
    wants = asking('linux')
    await start()
    await rig.clock.advance(1_000)
    expect([subscribed(), rig.kinds(), warnings().length]).toEqual([['linux', 'nothing'], ['subscribed'], 1])
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect([subscribed(), warnings().length]).toEqual([['linux', 'nothing', 'nothing'], 1])
  })

  test('is not to blame where a subscription is refused for other things', async () => {
    rig.master.refusals.push(answer(401, 'no'))
    wants = asking('linux')
    await start()
    await rig.clock.advance(15_000)
    expect([subscribed(), rig.kinds()]).toEqual([
      ['linux', 'linux'],
      ['refused', 'subscribed'],
    ])
  })
})

describe('where nothing is offered', () => {
  test('all hosts are looked at for a moment, once a minute, so that people are told what they have', async () => {
    wants = asking('linux')
    await start()
    await rig.beat(29_000)
    expect(updated()).toEqual([])
    await rig.beat(2_000)
    expect([...new Set(updated())]).toEqual(['nothing', 'REVIVE'])
    await rig.beat(3_000)
    expect(updated().filter((call) => call !== 'REVIVE')).toEqual(['nothing', 'linux'])
    await rig.beat(60_000)
    expect(updated().filter((call) => call !== 'REVIVE')).toEqual(['nothing', 'linux', 'nothing', 'linux'])
  })

  test('a subscription that ends meanwhile says it all again', async () => {
    wants = asking('linux')
    await start()
    await rig.beat(31_000)
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect([subscribed(), updated().at(-1)]).toEqual([['linux', 'linux'], 'REVIVE'])
  })
})
