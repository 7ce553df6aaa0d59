import { describe, expect, test } from '@jest/globals'
import { capabilitiesOf } from '../../src/mesos/framework-info.ts'
import { settle } from '../support/virtual-clock.ts'
import { MASTER, useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'
import { trace } from './traces.ts'

const rig = useSession()

describe('what a real master was seen to answer', () => {
  const answers = (trace('12d-master-start-and-no-leader').steps ?? []).flatMap(({ response }) =>
    typeof response?.status === 'number' && [404, 503].includes(response.status)
      ? [[response.status, response.body ?? ''] as const]
      : [],
  )

  test('while it starts: every answer is waited out, and none needs a person', async () => {
    expect(new Set(answers.map(([status, body]) => `${status} ${body}`))).toEqual(
      new Set(['404 404 Not Found.', '503 No leader elected', '503 Master has not finished recovery']),
    )
    rig.network.down(MASTER)
    for (const [status, body] of answers) rig.master.refusals.push(answer(status, body))
    await rig.start()
    await rig.clock.advance(3_000)
    rig.network.up(MASTER)
    await rig.clock.advance((answers.length + 1) * 15_000)
    expect(new Set(rig.kinds())).toEqual(new Set(['disconnected', 'subscribed']))
    expect(rig.kinds().at(-1)).toBe('subscribed')
  })

  const refused = (trace('21-update-framework').steps ?? []).flatMap(({ response }) =>
    response?.status === 400 && (response.body ?? '') !== '' ? [response.body ?? ''] : [],
  )

  test.each([...new Set(refused)].map((body) => [body.slice(0, 80), body] as const))(
    'to an UPDATE_FRAMEWORK: %s',
    async (_, body) => {
      let gpus = false
      const made = await rig.start({ capabilities: () => ({ gpus, regions: false }) })
      rig.master.onCall = ({ type }) => (type === 'UPDATE_FRAMEWORK' ? answer(400, body) : answer(202))
      gpus = true
      for (let round = 0; round < 3; round++) made.want(new Set(['ci']))
      await settle()
      await rig.beat(60_000)
      expect(rig.master.types.filter((type) => type === 'UPDATE_FRAMEWORK')).toHaveLength(1)
      expect(rig.kinds()).toEqual(['subscribed'])
    },
  )

  test('an UPDATE_FRAMEWORK has the shape of the recorded ones', async () => {
    const recorded = (trace('21-update-framework').steps ?? []).flatMap(({ request, response }) => {
      const body = request?.body as { readonly type?: string; readonly update_framework?: object } | undefined
      return body?.type === 'UPDATE_FRAMEWORK' && response?.status === 200 ? [body.update_framework ?? {}] : []
    })
    expect(recorded.length).toBeGreaterThan(0)
    let gpus = false
    const made = await rig.start({ capabilities: () => ({ gpus, regions: false }) })
    gpus = true
    made.want(new Set())
    await settle()
    const [call] = rig.master.calls.map((received) => received.call)
    const sent = call?.type === 'UPDATE_FRAMEWORK' ? call.update_framework : undefined
    const fields = new Set(recorded.flatMap((one) => Object.keys(one)))
    expect(Object.keys(sent ?? {}).filter((field) => !fields.has(field))).toEqual([])
  })
})

test('capabilities are those that Mesos knows by name', () => {
  expect(capabilitiesOf({ gpus: true, regions: true })).toEqual([
    'MULTI_ROLE',
    'PARTITION_AWARE',
    'TASK_KILLING_STATE',
    'RESERVATION_REFINEMENT',
    'GPU_RESOURCES',
    'REGION_AWARE',
  ])
})
