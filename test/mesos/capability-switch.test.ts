import { describe, expect, test } from '@jest/globals'
import { CapabilitySwitch } from '../../src/mesos/capability-switch.ts'
import { MesosError } from '../../src/mesos/errors.ts'
import { aLog } from '../support/log.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

function aSwitch(update: () => Promise<void>) {
  const clock = new VirtualClock()
  const { log, lines } = aLog()
  let wanted: readonly string[] = ['A']
  let calls = 0
  const capabilities = new CapabilitySwitch({
    wanted: () => wanted,
    clock,
    log,
    update: async () => {
      calls += 1
      if (calls > 100) return // lets a test end that would go round for ever
      await update()
    },
  })
  capabilities.subscribed(wanted, '1.11.0')
  return {
    capabilities,
    clock,
    lines,
    calls: () => calls,
    want: (names: readonly string[]) => {
      wanted = names
    },
  }
}

describe('an update that failed', () => {
  test('with the subscription is left to the next one, however late the end of this one is told', async () => {
    const rig = aSwitch(async () => {
      throw new MesosError('MESOS_SUBSCRIPTION_LOST', 'the subscription has ended')
    })
    rig.want(['A', 'B'])
    rig.capabilities.check()
    await settle()
    rig.capabilities.check()
    await settle()
    expect([rig.calls(), rig.lines]).toEqual([1, []])
    rig.capabilities.disconnected()
    rig.capabilities.subscribed(['A', 'B'], '1.11.0')
    await settle()
    expect(rig.calls()).toBe(1)
  })

  test('as the master refuses it is told once, and tried again for other capabilities only', async () => {
    const rig = aSwitch(async () => {
      throw new MesosError('MESOS_REFUSED', 'not supported')
    })
    rig.want(['A', 'B'])
    for (let at = 0; at < 3; at++) {
      rig.capabilities.check()
      await rig.clock.advance(60_000)
    }
    expect([rig.calls(), rig.lines.length]).toEqual([1, 1])
    rig.want(['A', 'C'])
    rig.capabilities.check()
    await settle()
    expect(rig.calls()).toBe(2)
  })
})
