import { describe, expect, test } from '@jest/globals'
import type { Wants } from '../../src/mesos/framework-info.ts'
import { settle } from '../support/virtual-clock.ts'
import { useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'

const rig = useSession()
let wants: Wants
const capabilities = (): Wants => wants
const ALWAYS = ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT']

async function start(gpus = false): Promise<void> {
  wants = { gpus, regions: false }
  rig.make({ capabilities }).want(new Set(['ci']))
  rig.session?.start(undefined, (event) => rig.seen.push(event))
  await settle()
}

/** As each round does. */
async function want(...roles: readonly string[]): Promise<void> {
  rig.session?.want(new Set(roles))
  await settle()
}

const said = (index: number): readonly string[] | undefined => {
  const call = rig.master.subscribes[index]?.call
  return call?.type === 'SUBSCRIBE' ? call.subscribe.framework_info.capabilities?.map(({ type }) => type) : undefined
}

describe('capabilities', () => {
  test('GPUs and regions are asked for only while a template wants them', async () => {
    await start()
    expect(said(0)).toEqual(ALWAYS)
    wants = { gpus: true, regions: true }
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect(said(1)).toEqual([...ALWAYS, 'GPU_RESOURCES', 'REGION_AWARE'])
  })

  test('a change is told at once, with the roles as they are', async () => {
    await start()
    wants = { gpus: true, regions: false }
    await want('ci')
    await want('ci')
    expect(rig.master.calls.map(({ call }) => call)).toEqual([
      {
        framework_id: { value: 'F1' },
        type: 'UPDATE_FRAMEWORK',
        update_framework: {
          framework_info: {
            user: 'ci',
            name: 'Jenkins',
            id: { value: 'F1' },
            roles: ['ci', 'big'],
            capabilities: [...ALWAYS, 'GPU_RESOURCES'].map((type) => ({ type })),
            checkpoint: true,
            failover_timeout: 604_800,
            hostname: 'sidecar.test',
            webui_url: 'http://sidecar.test/',
          },
          suppressed_roles: ['big'],
        },
      },
    ])
    wants = { gpus: false, regions: false }
    await want('ci')
    expect(rig.master.types).toEqual(['UPDATE_FRAMEWORK', 'UPDATE_FRAMEWORK'])
  })

  test('a role that is switched in the same breath is as it is wanted in the end', async () => {
    await start()
    wants = { gpus: true, regions: false }
    await want('big')
    const told = new Set<string>(['ci'])
    for (const { call } of rig.master.calls) {
      if (call.type === 'SUPPRESS') for (const role of call.suppress?.roles ?? []) told.delete(role)
      if (call.type === 'REVIVE') for (const role of call.revive?.roles ?? []) told.add(role)
      if (call.type !== 'UPDATE_FRAMEWORK') continue
      told.clear()
      for (const role of ['ci', 'big']) {
        if (!call.update_framework.suppressed_roles?.includes(role)) told.add(role)
      }
    }
    expect([...told]).toEqual(['big'])
  })

  test('a change between SUBSCRIBE and SUBSCRIBED is made up for', async () => {
    rig.master.greets = false
    await start()
    wants = { gpus: true, regions: false }
    rig.master.stream.push(rig.master.subscribed('F1'))
    await settle()
    expect(rig.master.types).toEqual(['UPDATE_FRAMEWORK'])
  })

  test.each(['1.8.1', '0.28.2', undefined])('Mesos %s hears of it with the next subscription', async (version) => {
    rig.master.version = version
    await start()
    wants = { gpus: true, regions: false }
    await want('ci')
    await want('ci')
    expect(rig.master.calls).toEqual([])
    expect(rig.logged.filter((line) => line.includes('the next subscription'))).toHaveLength(1)
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect(said(1)).toContain('GPU_RESOURCES')
    expect(rig.master.calls).toEqual([])
  })

  test.each(['1.9.0', '1.12.0', '2.0'])('Mesos %s is told', async (version) => {
    rig.master.version = version
    await start()
    wants = { gpus: true, regions: false }
    await want('ci')
    expect(rig.master.types).toEqual(['UPDATE_FRAMEWORK'])
  })

  test('a refusal is told once and costs nothing', async () => {
    await start()
    rig.master.onCall = () => answer(400, "'UpdateFramework' call is not valid: no")
    wants = { gpus: true, regions: false }
    for (let i = 0; i < 3; i++) await want('ci')
    expect(rig.master.types).toEqual(['UPDATE_FRAMEWORK'])
    expect(rig.logged.filter((line) => line.startsWith('warn Mesos was not told'))).toHaveLength(1)
    expect(rig.kinds()).toEqual(['subscribed'])
  })
})
