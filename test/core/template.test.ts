import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { executorsFor, resourcesOf } from '../../src/core/template.ts'
import { aTemplate } from '../support/builders.ts'

describe('resources, to the MiB as the Mesos plugin gave them', () => {
  test.each([
    [512, 128, 1, 704],
    [512, 128, 5, 1268],
    [512, 512, 1, 1127],
    [640, 512, 1, 1268],
    [128, 1024, 1, 1268],
    [640, 640, 2, 2112],
    [1024, 1024, 3, 4506],
    [32, 100, 1, 146],
  ])('(%i + n × %i) × 1.1 MiB for n = %i is %i MiB', (agent, perExecutor, executors, expected) => {
    const template = aTemplate({ memMib: { agent, perExecutor, factor: 1.1 } })
    expect(resourcesOf(template, executors)['mem']).toBe(expected * 1000)
  })

  test.each([1, 1.1, 1.2, 1.25])('are never less than asked for and less than 1 MiB more (factor %d)', (factor) => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 65_536 }), fc.integer({ min: 0, max: 65_536 }), (agent, perExecutor) => {
        const mem = (resourcesOf(aTemplate({ memMib: { agent, perExecutor, factor } }), 1)['mem'] ?? 0) / 1000
        const exact = (BigInt(agent + perExecutor) * BigInt(Math.round(factor * 100)) + 99n) / 100n
        expect(BigInt(mem)).toBe(exact)
      }),
    )
  })

  test('CPUs are agent + n × perExecutor thousandths', () => {
    expect(resourcesOf(aTemplate({ cpus: { agent: 100, perExecutor: 900 } }), 3)['cpus']).toBe(2_800)
  })

  test('disk is asked for only where the template has some', () => {
    expect(resourcesOf(aTemplate({ diskMib: 0 }), 1)).not.toHaveProperty('disk')
    expect(resourcesOf(aTemplate({ diskMib: 1024.5 }), 1)['disk']).toBe(1_024_500)
  })
})

test.each([
  [1, 1, 5, 1],
  [1, 4, 3, 3],
  [1, 4, 9, 4],
  [3, 4, 1, 3],
  [2, 2, 0, 2],
])('executors of min %i, max %i for %i items are %i', (min, max, excess, expected) => {
  expect(executorsFor(aTemplate({ executors: { min, max } }), excess)).toBe(expected)
})
