import { messageOf } from '../core/code-of.ts'
import type { Template } from '../core/template.ts'
import type { EnvReading, ReadFile } from './env.ts'
import type { Findings } from './findings.ts'
import { readRegistryAuth } from './registry-auth.ts'
import type { SettingName } from './settings.ts'
import { tellOf } from './tell.ts'
import { DEMO_TEMPLATE, type Surroundings, toTemplate } from './template.ts'
import { DEFAULTS } from './template-defaults.ts'
import { EXAMPLE, readTemplateDocument } from './template-document.ts'
import type { TemplateInput } from './template-schema.ts'
import { readWrittenTemplates, type WrittenTemplate } from './written-templates.ts'

/** The variables that make up the one template without a file, and the field that each of them fills. */
const AGENT_VARIABLES: Readonly<Partial<Record<SettingName, string>>> = {
  AGENT_LABELS: 'labels',
  AGENT_CPUS: 'cpus',
  AGENT_MEM_MIB: 'memMib',
  AGENT_EXECUTORS: 'executors',
  AGENT_IMAGE: 'container',
  AGENT_IDLE_TIMEOUT_SECONDS: 'idleTimeoutSeconds',
  AGENT_MAX: 'maxAgents',
  AGENT_MIN_IDLE: 'minIdle',
  AGENT_ONE_SHOT: 'oneShot',
  AGENT_COMMAND: 'agentCommand',
  AGENT_JVM_ARGS: 'jvmArgs',
  AGENT_SECRET_VIA: 'secretVia',
}

/** A template as it was written, and as the planner sees it. */
export interface NamedTemplate extends WrittenTemplate {
  readonly template: Template
}

/**
 * Templates from a file, from JSON, from the Mesos plugin, or one from AGENT_ variables; without any the demo's, if
 * Jenkins is embedded.
 * @param plugin the templates of JENKINS_CONFIG_XML as YAML
 */
export function readTemplates(
  reading: EnvReading,
  around: Surroundings,
  readFile: ReadFile,
  findings: Findings,
  plugin?: string,
): readonly NamedTemplate[] {
  const { env } = reading
  const isGiven = (name: SettingName): boolean => reading.given.has(name) || reading.bad.has(name)
  const agentVariables = (Object.keys(AGENT_VARIABLES) as SettingName[]).filter(isGiven)
  const sources = [
    ...(['JENKINS_CONFIG_XML', 'TEMPLATES_FILE', 'TEMPLATES'] as const).filter(isGiven),
    ...(agentVariables.length > 0 ? [agentVariables.join(', ')] : []),
  ]
  if (sources.length > 1) {
    findings.mistake(`Templates come from more than one place (${sources.join('; ')}): keep one of them.`)
  }
  const written: WrittenTemplate[] = []
  const add = (text: string, source: string): void => {
    const document = readTemplateDocument(text, source, findings)
    if (document !== undefined) written.push(...readWrittenTemplates(document, findings))
  }
  if (env.TEMPLATES_FILE !== undefined) {
    findings.file(env.TEMPLATES_FILE)
    try {
      add(readFile(env.TEMPLATES_FILE), env.TEMPLATES_FILE)
    } catch (thrown) {
      findings.mistake(`TEMPLATES_FILE cannot be read: ${messageOf(thrown)}.`)
    }
  }
  if (plugin !== undefined) add(plugin, 'JENKINS_CONFIG_XML')
  if (env.TEMPLATES !== undefined) add(env.TEMPLATES, 'TEMPLATES')
  if (agentVariables.length > 0) {
    written.push({ name: 'default', input: fromVariables(env), tell: tellOfVariables(findings) })
  }
  if (sources.length === 0) {
    if (around.jenkinsEmbedded) written.push({ name: 'demo', input: DEMO_TEMPLATE, tell: tellOfVariables(findings) })
    else {
      findings.mistake(
        `No template is given, so no agent can be made. Set AGENT_LABELS=linux for one with every default, ` +
          `or TEMPLATES_FILE to a file such as: ${EXAMPLE}`,
      )
    }
  }
  return written.map((each) => {
    const auth = readRegistryAuth(each.input, readFile, each.tell, findings)
    return { ...each, template: toTemplate(each.name, each.input, around, auth) }
  })
}

function tellOfVariables(findings: Findings): WrittenTemplate['tell'] {
  const names = Object.entries(AGENT_VARIABLES)
  const wordsOf = (field: string | undefined): string =>
    names.find(([, filled]) => filled === field)?.[0] ?? 'The AGENT_ variables'
  return tellOf(findings, ([field]) => ({ words: wordsOf(field), key: wordsOf(field) }), new Set())
}

/** Amounts are those of a whole agent, as a person without a file thinks of one. */
function fromVariables(env: EnvReading['env']): TemplateInput {
  const { AGENT_CPUS: cpus, AGENT_MEM_MIB: mem, AGENT_IMAGE: image } = env
  return {
    ...(env.AGENT_LABELS !== undefined && { labels: env.AGENT_LABELS }),
    ...(cpus !== undefined && { cpus: { agent: cpus, perExecutor: 0 } }),
    ...(mem !== undefined && {
      memMib: { agent: mem, perExecutor: 0, factor: 1 },
      heapMib: Math.min(DEFAULTS.memMib.agent, Math.floor(mem / 2)),
    }),
    ...(env.AGENT_EXECUTORS !== undefined && { executors: env.AGENT_EXECUTORS }),
    ...(image !== undefined && { container: { image } }),
    ...(env.AGENT_IDLE_TIMEOUT_SECONDS !== undefined && { idleTimeoutSeconds: env.AGENT_IDLE_TIMEOUT_SECONDS }),
    ...(env.AGENT_MAX !== undefined && { maxAgents: env.AGENT_MAX }),
    ...(env.AGENT_MIN_IDLE !== undefined && { minIdle: env.AGENT_MIN_IDLE }),
    ...(env.AGENT_ONE_SHOT !== undefined && { oneShot: env.AGENT_ONE_SHOT }),
    ...(env.AGENT_COMMAND !== undefined && { agentCommand: env.AGENT_COMMAND }),
    ...(env.AGENT_JVM_ARGS !== undefined && { jvmArgs: env.AGENT_JVM_ARGS }),
    ...(env.AGENT_SECRET_VIA !== undefined && { secretVia: env.AGENT_SECRET_VIA }),
  }
}
