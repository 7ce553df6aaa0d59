import { parseLabel } from './labels.ts'
import type { BuildState, JobState, Work } from './model.ts'
import { childOf, parseXml, textOf, type XmlElement } from './xml.ts'

export interface JobOptions {
  readonly name: string
  /** A label expression; none: any node. */
  readonly label?: string
  readonly durationMs?: number
  /** Share of one CPU that the build burns. */
  readonly cpu?: number
  readonly memMib?: number
  readonly exitCode?: number
  /** Several builds of it may run at once. */
  readonly concurrent?: boolean
  readonly parameters?: readonly {
    readonly name: string
    readonly defaultValue: string
    /** Nobody is told its value. */
    readonly password?: boolean
  }[]
}

const PASSWORD = 'hudson.model.PasswordParameterDefinition'
const LOAD = /^#\s*load\s+(.*)$/m

/**
 * The `config.xml` of a freestyle project. A load of its own making is written as a comment in the shell step,
 * `# load seconds=30 cpu=0.5 mem=64 exit=0`, which the demo agent understands.
 */
export function configOf(options: JobOptions): string {
  const seconds = (options.durationMs ?? 0) / 1000
  const load = `# load seconds=${seconds} cpu=${options.cpu ?? 0} mem=${options.memMib ?? 0} exit=${options.exitCode ?? 0}`
  const parameters = (options.parameters ?? []).map(({ name, defaultValue, password = false }) => {
    const tag = password ? PASSWORD : 'hudson.model.StringParameterDefinition'
    return `<${tag}><name>${escapeXml(name)}</name><defaultValue>${escapeXml(defaultValue)}</defaultValue></${tag}>`
  })
  const definitions = `<hudson.model.ParametersDefinitionProperty><parameterDefinitions>${parameters.join('')}</parameterDefinitions></hudson.model.ParametersDefinitionProperty>`
  const label = options.label === undefined ? '' : `<assignedNode>${escapeXml(options.label)}</assignedNode>`
  return `<?xml version='1.1' encoding='UTF-8'?>
<project><actions/><description/><keepDependencies>false</keepDependencies><properties>${parameters.length > 0 ? definitions : ''}</properties><scm class='hudson.scm.NullSCM'/>${label}<canRoam>${options.label === undefined}</canRoam><disabled>false</disabled><blockBuildWhenDownstreamBuilding>false</blockBuildWhenDownstreamBuilding><blockBuildWhenUpstreamBuilding>false</blockBuildWhenUpstreamBuilding><triggers class="vector"/><concurrentBuild>${options.concurrent ?? false}</concurrentBuild><builders><hudson.tasks.Shell><command>${load}</command></hudson.tasks.Shell></builders><publishers/><buildWrappers/></project>`
}

/** @throws where the text is no freestyle project; 1.395 wants it whole. */
export function jobFromConfig(name: string, config: string, old: boolean): JobState {
  const root = parseXml(config)
  if (root.name !== 'project') throw new Error(`<${root.name}> is no freestyle project`)
  const missing = ['scm', 'triggers', 'publishers', 'buildWrappers'].filter((tag) => childOf(root, tag) === undefined)
  if (old && missing.length > 0) throw new Error(`<${missing.join('>, <')}> missing`)
  const typed = textOf(root, 'assignedNode')
  return {
    name,
    config,
    labelExpression: typed === undefined || typed === '' ? null : quotedUnlessLabel(typed),
    concurrent: textOf(root, 'concurrentBuild') === 'true',
    disabled: textOf(root, 'disabled') === 'true',
    parameters: parametersOf(root),
    work: workOf(root),
    nextBuild: 1,
    builds: [],
  }
}

/** What cannot be read as an expression is one atom, and comes back in quotes. */
function quotedUnlessLabel(typed: string): string {
  return parseLabel(typed) === undefined ? `"${typed.replaceAll(/["\\]/g, '\\$&')}"` : typed
}

function parametersOf(root: XmlElement): JobState['parameters'] {
  const property = childOf(childOf(root, 'properties'), 'hudson.model.ParametersDefinitionProperty')
  const definitions = childOf(property, 'parameterDefinitions')?.children ?? []
  return definitions.map((definition) => ({
    name: textOf(definition, 'name') ?? '',
    defaultValue: textOf(definition, 'defaultValue') ?? '',
    password: definition.name === PASSWORD,
  }))
}

function workOf(root: XmlElement): Work {
  const steps = (childOf(root, 'builders')?.children ?? []).filter((step) => step.name === 'hudson.tasks.Shell')
  const script = steps.map((step) => textOf(step, 'command') ?? '').join('\n')
  const load = LOAD.exec(script)?.[1]
  if (load !== undefined) {
    const of = (key: string): number => Number(new RegExp(`\\b${key}=([\\d.]+)`).exec(load)?.[1] ?? 0)
    return { script: null, durationMs: of('seconds') * 1000, cpu: of('cpu'), memMib: of('mem'), exitCode: of('exit') }
  }
  const slept = [...script.matchAll(/\bsleep\s+(\d+(?:\.\d+)?)/g)].reduce((sum, match) => sum + Number(match[1]), 0)
  const exitCode = Number(/\bexit\s+(\d+)/.exec(script)?.[1] ?? 0)
  return { script, durationMs: slept * 1000, cpu: 0, memMib: 0, exitCode }
}

export function runningBuild(job: JobState): BuildState | undefined {
  return job.builds.findLast((build) => build.result === null)
}

export function buildOf(job: JobState, number: number): BuildState | undefined {
  return job.builds.findLast((build) => build.number === number)
}

/** Milliseconds: the mean of the last three builds that ended well, or of any; -1 where there is none. */
export function estimatedDuration(job: JobState): number {
  const ended = job.builds.filter((build) => build.durationMs !== null)
  const good = ended.filter((build) => build.result === 'SUCCESS')
  const last = (good.length > 0 ? good : ended).slice(-3)
  if (last.length === 0) return -1
  return Math.floor(last.reduce((sum, build) => sum + (build.durationMs ?? 0), 0) / last.length)
}

export function escapeXml(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
