import { readAgentArgs } from './agent-args.ts'
import { MOST_CPUS, MOST_MIB, readDisk, readIdle } from './amounts.ts'
import { readAttributes1 } from './attributes.ts'
import { readContainer } from './container.ts'
import { Draft } from './draft.ts'
import type { Field } from './field.ts'
import { readJvmArgs } from './jvm-args.ts'
import { readLabels } from './labels.ts'
import { readNodeProperties } from './node-properties.ts'
import type { Report } from './report.ts'
import { Section } from './section.ts'
import { readUris } from './uris.ts'

/** What the plugin's memory is multiplied with, for what Java takes beside its heap. */
const FACTOR = 1.1

/** `MesosSlaveInfo` of the first generation. */
export function readFirstTemplate(field: Field, where: string, report: Report): Draft {
  const section = new Section(field, where, report)
  const draft = new Draft(where)
  readLabels(section, draft, {
    labels: 'labelString',
    unlabelled: 'labels: none; only jobs without a label run here, as with the plugin',
  })
  const most = readExecutors(section, draft)
  readCpus(section, draft)
  readMemory(section, draft, most)
  readDisk(
    section,
    draft,
    'diskNeeded',
    'which the plugin asked for and never compared with offers; here it must be there',
  )
  readIdle(section, draft)
  readAttributes1(section, draft)
  readJvmArgs(section, draft)
  readAgentArgs(section, draft)
  const remoteFs = section.text('remoteFSRoot')
  if (remoteFs !== undefined) draft.set('remoteFs', remoteFs, 'remoteFSRoot')
  section.taken('remoteFSRoot', remoteFs === undefined ? 'remoteFs: jenkins, the default' : 'remoteFs')
  readNodeProperties(section, draft)
  readUris(section, draft)
  readContainer(section, draft)
  section.rest()
  return draft
}

/** @returns the most executors of one agent */
function readExecutors(section: Section, draft: Draft): number {
  const bounds = { least: 0, most: 1000 }
  const least = Math.trunc(section.number('minExecutors', { fallback: 1, ...bounds }))
  const most = Math.trunc(section.number('maxExecutors', { fallback: 2, ...bounds }))
  const min = Math.max(1, least)
  const max = Math.max(min, most)
  draft.set('executors', { min, max }, 'minExecutors, maxExecutors')
  if (least < 1) section.changed('minExecutors', 'executors.min: 1, as the plugin took 0 for 1')
  else section.taken('minExecutors', 'executors.min')
  const words = 'n = max(min, min(builds that wait, max))'
  if (most < min) section.changed('maxExecutors', `executors.max: ${max}; it was less than min, so n was always ${min}`)
  else section.taken('maxExecutors', `executors.max: ${words}`)
  return max
}

function readCpus(section: Section, draft: Draft): void {
  const bounds = { fallback: 0.1, least: 0, most: MOST_CPUS }
  const agent = section.number('slaveCpus', bounds)
  const perExecutor = section.number('executorCpus', bounds)
  const formula = `CPU = ${agent} + n * ${perExecutor}, as before`
  const { executors } = draft.fields
  const min = typeof executors === 'object' ? (executors.min ?? 1) : 1
  // Mesos gives no less.
  const short = agent + min * perExecutor < 0.01
  draft.set('cpus', { agent: short ? 0.01 : agent, perExecutor }, 'slaveCpus, executorCpus')
  if (short) section.changed('slaveCpus', `cpus.agent: 0.01, the least that Mesos gives`)
  else section.taken('slaveCpus', `cpus.agent: ${formula}`)
  section.taken('executorCpus', 'cpus.perExecutor')
}

function readMemory(section: Section, draft: Draft, executors: number): void {
  const agent = Math.ceil(section.number('slaveMem', { fallback: 512, least: 1, most: MOST_MIB }))
  const perExecutor = Math.ceil(section.number('executorMem', { fallback: 128, least: 0, most: MOST_MIB }))
  draft.set('memMib', { agent, perExecutor, factor: FACTOR }, 'slaveMem, executorMem; the plugin multiplied with 1.1')
  const one = mibOf(agent, perExecutor, 1)
  const all = executors === 1 ? '' : `, ${mibOf(agent, perExecutor, executors)} MiB with ${executors}`
  section.taken(
    'slaveMem',
    `memMib.agent: (${agent} + n * ${perExecutor}) * ${FACTOR} = ${one} MiB with one executor${all}, as before; -Xmx${agent}m, as before`,
  )
  section.taken('executorMem', 'memMib.perExecutor')
}

function mibOf(agent: number, perExecutor: number, executors: number): number {
  return Math.ceil(Math.round((agent + executors * perExecutor) * FACTOR * 1e6) / 1e6)
}
