import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { resourcesOf, type Template } from '../../src/core/template.ts'
import { templatesIn } from './read-yaml.ts'

function templateOf(agentCpus: number, agentMib: number, executorCpus: number, executorMib: number): Template {
  const cpus = `cpus: { agent: ${agentCpus}, perExecutor: ${executorCpus} }`
  const mem = `memMib: { agent: ${agentMib}, perExecutor: ${executorMib} }`
  const [template] = templatesIn(`templates: { t: { executors: { max: 50 }, ${cpus}, ${mem} } }`)
  if (template === undefined) throw new Error('no template')
  return template
}

// slaveCpus, slaveMem, executorCpus, executorMem and n; then what the plugin asked for, its memory rounded up to whole MiB.
test.each([
  [0.2, 512, 0.1, 128, 1, 0.3, 704],
  [0.2, 512, 0.1, 128, 2, 0.4, 845],
  [0.1, 512, 0.1, 128, 1, 0.2, 704],
  [0.1, 512, 0.9, 2048, 1, 1, 2816],
  [0.1, 512, 0.9, 2048, 2, 1.9, 5069],
  [0.1, 512, 0.9, 1024, 1, 1, 1690],
  [0.1, 512, 0.9, 10240, 1, 1, 11828],
  [0.1, 32, 0, 0, 1, 0.1, 36],
  [1, 1000, 0.333, 1000, 3, 1.999, 4400],
])('the plugin’s %d CPU and %d MiB, %d and %d for each of %d executors: %d CPU and %d MiB', (...row) => {
  const [agentCpus, agentMib, executorCpus, executorMib, executors, cpus, mem] = row
  const template = templateOf(agentCpus, agentMib, executorCpus, executorMib)
  expect(resourcesOf(template, executors)).toEqual({ cpus: Math.round(cpus * 1000), mem: mem * 1000 })
  expect(template.launch.heapMib).toBe(agentMib)
})

const BASE = templateOf(0.1, 512, 0.1, 128)

test('memory is that of the plugin for all amounts, without a MiB more for the noise of binary fractions', () => {
  const mib = fc.integer({ min: 1, max: 100_000 })
  fc.assert(
    fc.property(mib, mib, fc.integer({ min: 1, max: 50 }), (agent, perExecutor, executors) => {
      const template = { ...BASE, memMib: { agent, perExecutor, factor: 1.1 } }
      const tenths = 11n * (BigInt(agent) + BigInt(executors) * BigInt(perExecutor))
      expect(resourcesOf(template, executors)['mem']).toBe(Number((tenths + 9n) / 10n) * 1000)
    }),
    { numRuns: 2000 },
  )
})
