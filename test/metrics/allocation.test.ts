import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NOW } from '../support/builders.ts'
import { anAgentView } from '../support/views.ts'
import { anAllocation } from './rig.ts'

const SHARE = { template: 'linux', cpus: 2, memBytes: 1024 }
const agent = (agentId: string, createdAt = NOW, state = 'online') =>
  anAgentView({ agentId, createdAt, state, cpus: 2, memMib: 1 })

describe('what agents were given, times the time', () => {
  test('counts an agent that lived between two scrapes', () => {
    const { meter, counted } = anAllocation()
    meter.begin('a', SHARE, NOW)
    meter.end('a', NOW + 30_000)
    expect(counted.get('linux')).toBe(60)
  })

  test('counts an agent that nobody launched here from the begin of this life on', () => {
    const { meter, counted } = anAllocation()
    meter.look({ now: NOW + 5_000, agents: [agent('old', NOW - 3_600_000)] })
    meter.look({ now: NOW + 10_000, agents: [agent('old', NOW - 3_600_000)] })
    expect(counted.get('linux')).toBe(20)
  })

  test('counts nothing for one that is planned: nothing was accepted for it yet', () => {
    const { meter, counted } = anAllocation()
    meter.look({ now: NOW + 5_000, agents: [agent('a', NOW, 'planned')] })
    expect(counted.size).toBe(0)
  })

  test('counts nothing twice where a view that was made before the end is looked at after it', () => {
    const { meter, counted } = anAllocation()
    meter.begin('a', SHARE, NOW)
    meter.end('a', NOW + 10_000)
    meter.look({ now: NOW + 9_500, agents: [agent('a')] })
    meter.look({ now: NOW + 11_000, agents: [] })
    expect(counted.get('linux')).toBe(20)
  })

  test('loses nothing where a view that was made before the launch is looked at after it', () => {
    const { meter, counted } = anAllocation()
    meter.begin('a', SHARE, NOW + 1_000)
    meter.look({ now: NOW + 500, agents: [] })
    meter.end('a', NOW + 11_000)
    expect(counted.get('linux')).toBe(20)
  })

  test('goes on with the next leader where this one ceased to lead', () => {
    const { meter, counted } = anAllocation()
    meter.begin('a', SHARE, NOW)
    meter.restart(NOW + 10_000)
    meter.restart(NOW + 60_000) // leads again
    meter.look({ now: NOW + 65_000, agents: [agent('a')] })
    expect(counted.get('linux')).toBe(20 + 10)
  })

  test('never goes down where the clock is set back', () => {
    const { meter, counted } = anAllocation()
    meter.begin('a', SHARE, NOW)
    meter.look({ now: NOW + 10_000, agents: [agent('a')] })
    meter.look({ now: NOW - 3_600_000, agents: [agent('a')] })
    meter.look({ now: NOW - 3_595_000, agents: [agent('a')] })
    expect(counted.get('linux')).toBe(20 + 10)
  })

  test('is the same however often it is scraped', () => {
    const lives = fc.array(fc.record({ from: fc.nat(1_000), seconds: fc.integer({ min: 1, max: 1_000 }) }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 700 }), (agents, every) => {
        const { meter, counted } = anAllocation()
        for (let second = 0; second <= 2_000; second++) {
          const at = NOW + second * 1000
          agents.forEach(({ from, seconds }, index) => {
            if (second === from) meter.begin(`a${index}`, SHARE, at)
            if (second === from + seconds) meter.end(`a${index}`, at)
          })
          if (second % every !== 0) continue
          const live = agents.flatMap(({ from, seconds }, index) =>
            from <= second && second < from + seconds ? [agent(`a${index}`, NOW + from * 1000)] : [],
          )
          meter.look({ now: at, agents: live })
        }
        expect(counted.get('linux')).toBeCloseTo(
          agents.reduce((sum, { seconds }) => sum + 2 * seconds, 0),
          6,
        )
      }),
      { numRuns: 50 },
    )
  })
})
