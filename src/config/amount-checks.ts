import type { Caps } from '../core/model.ts'
import { amount, fromMilli } from '../core/resources.ts'
import { resourcesOf, type Template } from '../core/template.ts'
import type { NamedTemplate } from './templates.ts'

/** How much one agent is given, and how much all of them may have. */
export function checkAmounts(named: NamedTemplate, caps: Caps): void {
  checkExecutors(named)
  checkScalars(named)
  checkCaps(named, caps)
  const { input, template, tell } = named
  if (template.cpus.agent + template.executors.min * template.cpus.perExecutor < 10) {
    tell.mistake(['cpus'], 'an agent needs 0.01 CPU or more; Mesos gives no less')
  }
  const memMib = fromMilli(leastOf(template, 'mem'))
  const { heapMib } = template.launch
  if (heapMib > memMib) {
    const path = input.heapMib === undefined ? ['memMib', 'agent'] : ['heapMib']
    tell.warn(path, `the heap of ${heapMib} MiB is more than the ${memMib} MiB of an agent, which will be killed`)
  }
}

function leastOf(template: Template, name: string): number {
  return amount(resourcesOf(template, template.executors.min), name)
}

function checkExecutors({ input, template: { executors, oneShot, maxBuilds }, tell }: NamedTemplate): void {
  if (executors.min > executors.max) tell.mistake(['executors'], 'min must not be more than max')
  if (oneShot && (executors.min !== 1 || executors.max !== 1)) {
    tell.mistake(['oneShot'], 'means one build an agent, so executors must be 1; leave executors out, or set it to 1')
  }
  if (oneShot && maxBuilds !== undefined && maxBuilds > 1) {
    tell.mistake(['maxBuilds'], 'must be left out with oneShot, which means one build')
  }
  if (input.keepIdle === true && input.idleTimeoutSeconds !== undefined) {
    tell.mistake(['keepIdle'], 'is true, so idleTimeoutSeconds would do nothing: keep one of them')
  }
}

/** Fields of their own, by the names that Mesos has for them. */
const OWN_FIELDS: Readonly<Record<string, string>> = {
  cpus: 'cpus',
  mem: 'memMib',
  disk: 'diskMib',
  ports: 'ports',
}

function checkScalars({ input, tell }: NamedTemplate): void {
  for (const [name, value] of Object.entries(input.scalars ?? {})) {
    const path = ['scalars', name]
    const field = Object.hasOwn(OWN_FIELDS, name) ? OWN_FIELDS[name] : undefined
    if (field !== undefined) tell.mistake(path, `has a field of its own: use ${field}`)
    if (name === 'gpus' && !Number.isInteger(value)) tell.mistake(path, 'must be a whole number')
    if (name === 'gpus' && input.gpus !== undefined) tell.mistake(path, 'is given by the field gpus, too: keep that')
    if (!/^[A-Za-z0-9_.-]+$/.test(name)) tell.mistake(path, 'is no name for a resource of Mesos')
  }
}

function checkCaps({ input, template, tell }: NamedTemplate, caps: Caps): void {
  const cpus = leastOf(template, 'cpus')
  const mem = leastOf(template, 'mem')
  const { maxCpus, maxMem } = template
  if (maxCpus !== undefined && maxCpus < cpus) {
    tell.mistake(['maxCpus'], `one agent needs ${fromMilli(cpus)} CPUs, so there would never be one`)
  }
  if (maxMem !== undefined && maxMem < mem) {
    tell.mistake(['maxMemMib'], `one agent needs ${fromMilli(mem)} MiB, so there would never be one`)
  }
  if (caps.maxCpus !== undefined && caps.maxCpus < cpus) {
    tell.warn(['cpus'], `one agent needs ${fromMilli(cpus)} CPUs, more than MAX_CPUS: there will never be one`)
  }
  if (caps.maxMem !== undefined && caps.maxMem < mem) {
    tell.warn(['memMib'], `one agent needs ${fromMilli(mem)} MiB, more than MAX_MEM_MIB: there will never be one`)
  }
  if (input.maxAgents !== undefined && input.maxAgents > caps.maxAgents) {
    tell.warn(['maxAgents'], `is more than MAX_AGENTS, ${caps.maxAgents}, which holds over all templates`)
  }
}
