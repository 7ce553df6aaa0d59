import { describe, expect, test } from '@jest/globals'
import { MesosError } from '../../src/mesos/errors.ts'
import type { Terms } from '../../src/mesos/framework-info.ts'
import { TermsSwitch } from '../../src/mesos/terms-switch.ts'
import { aLog } from '../support/log.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

function aSwitch(update: () => Promise<void>) {
  const clock = new VirtualClock()
  const { log, lines } = aLog()
  const termsOf = (capabilities: readonly string[]): Terms => ({
    capabilities,
    filters: undefined,
    constraints: undefined,
  })
  let wanted = termsOf(['A'])
  let calls = 0
  const terms = new TermsSwitch({
    wanted: () => wanted,
    clock,
    log,
    update: async () => {
      calls += 1
      if (calls > 100) return // lets a test end that would go round for ever
      await update()
    },
  })
  terms.subscribed(wanted, '1.11.0')
  return {
    terms,
    clock,
    lines,
    calls: () => calls,
    want: (names: readonly string[]) => {
      wanted = termsOf(names)
    },
  }
}

describe('an update that failed', () => {
  test('with the subscription is left to the next one, however late the end of this one is told', async () => {
    const rig = aSwitch(async () => {
      throw new MesosError('MESOS_SUBSCRIPTION_LOST', 'the subscription has ended')
    })
    rig.want(['A', 'B'])
    rig.terms.check()
    await settle()
    rig.terms.check()
    await settle()
    expect([rig.calls(), rig.lines]).toEqual([1, []])
    rig.terms.disconnected()
    rig.terms.subscribed({ capabilities: ['A', 'B'], filters: undefined, constraints: undefined }, '1.11.0')
    await settle()
    expect(rig.calls()).toBe(1)
  })

  test('as the master refuses it is told once, and tried again for other capabilities only', async () => {
    const rig = aSwitch(async () => {
      throw new MesosError('MESOS_REFUSED', 'not supported')
    })
    rig.want(['A', 'B'])
    for (let at = 0; at < 3; at++) {
      rig.terms.check()
      await rig.clock.advance(60_000)
    }
    expect([rig.calls(), rig.lines.length]).toEqual([1, 1])
    rig.want(['A', 'C'])
    rig.terms.check()
    await settle()
    expect(rig.calls()).toBe(2)
  })
})
