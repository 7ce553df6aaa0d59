import { describe, expect, test } from '@jest/globals'
import { settle } from '../support/virtual-clock.ts'
import { MASTER, useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'
import { events as recorded, trace } from './traces.ts'

const rig = useSession()

describe('what the master says of the framework', () => {
  test('removed: the id is forgotten and a new one comes at once', async () => {
    rig.master.greets = false
    await rig.start({}, 'F-old')
    rig.master.greets = true
    const [error] = recorded('10b-failover-timeout-expires', 'B')
    if (error === undefined) throw new Error('no ERROR in the trace')
    rig.master.stream.push(error)
    rig.master.stream.end()
    await settle()
    expect(rig.seen).toEqual([
      { kind: 'removed', why: 'Framework has been removed' },
      { kind: 'subscribed', frameworkId: 'F2', master: MASTER, version: '1.12.0' },
    ])
    expect(rig.master.subscribes[1]?.call).not.toHaveProperty('framework_id')
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
    rig.master.greets = false
    await rig.start()
    for (let i = 0; i < 3; i++) {
      rig.master.stream.push({ type: 'ERROR', error: { message } })
      rig.master.stream.end()
      await rig.clock.advance(15_000)
    }
    expect(rig.seen).toEqual([{ kind: 'refused', why: message }])
    expect(rig.master.subscribes).toHaveLength(4)
  })

  const unauthorized = trace('13-authentication').steps?.filter(
    ({ kind, response }) => kind === 'subscribe' && response !== undefined && response.status >= 400,
  )
  test.each((unauthorized ?? []).map((step) => [step.stream ?? '', step.response] as const))(
    'the recorded refusal of %s needs a person',
    async (_, response) => {
      if (response === undefined) throw new Error('no response in the trace')
      rig.master.refusals.push(answer(response.status, response.body))
      await rig.start()
      expect(rig.seen).toEqual([{ kind: 'refused', why: expect.stringContaining(response.body?.slice(0, 500) ?? '') }])
      await rig.clock.advance(15_000)
      expect(rig.kinds()).toEqual(['refused', 'subscribed'])
    },
  )

  test('something else than a master needs a person', async () => {
    rig.master.refusals.push(answer(200, '<html>'))
    await rig.start()
    expect(rig.seen).toMatchObject([{ kind: 'refused', why: expect.stringContaining('not a Mesos master') }])
  })
})
