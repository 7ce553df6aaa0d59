import { given, type Variables } from './env.ts'
import type { Findings } from './findings.ts'
import type { SettingName } from './settings.ts'

/** Settings that may hold `${NAME}`: addresses and ports, which a pod learns only when it is placed. */
export const REFERRING = [
  'JENKINS_URL',
  'JENKINS_AGENT_URL',
  'STATE_URL',
  'HTTP_HOST',
  'HTTP_PORT',
  'PUBLIC_URL',
  'AGENT_HTTP_HOST',
  'AGENT_HTTP_PORT',
  'SIDECAR_URL',
] as const satisfies readonly SettingName[]

/** What Marathon and Mesos set, and nothing else: no variable that could hold a secret. */
const REFERABLE =
  /^(?:HOST|PORT\d*|PORT_[A-Z0-9_]+|ENDPOINT_[A-Z0-9_]+|EP_(?:HOST|CONTAINER)_[A-Z0-9_]+|MESOS_(?:SANDBOX|CONTAINER_IP|TASK_ID))$/
const KINDS =
  'HOST, PORT, PORT0, PORT_…, ENDPOINT_…, EP_HOST_…, EP_CONTAINER_…, MESOS_SANDBOX, MESOS_CONTAINER_IP, MESOS_TASK_ID'
const REFERENCE = /\$\{([^{}]*)\}/g

export interface Resolved {
  /** References replaced by what they stand for; a setting with a wrong one is left out. */
  readonly variables: Variables
  readonly bad: ReadonlySet<SettingName>
  /** The names that each setting refers to. */
  readonly used: ReadonlyMap<string, readonly string[]>
}

/** Settings with what Marathon says in place of each `${NAME}`. */
export function resolveReferences(variables: Variables, findings: Pick<Findings, 'mistake'>): Resolved {
  const resolved: Record<string, string | undefined> = { ...variables }
  const bad = new Set<SettingName>()
  const used = new Map<string, readonly string[]>()
  for (const name of REFERRING) {
    const text = given(variables, name)
    if (text === undefined || !text.includes('$')) continue
    const names: string[] = []
    const mistakes: string[] = []
    // What stands before an @ is a password, or part of one: nothing of it is read, and nothing is shown.
    const start = text.lastIndexOf('@') + 1
    const rest = text.slice(start).replace(REFERENCE, (_whole, to: string) => {
      const value = REFERABLE.test(to) ? given(variables, to) : undefined
      if (value === undefined) mistakes.push(wordsFor(name, to, variables))
      names.push(to)
      return value ?? ''
    })
    const bare = /\$\{?([A-Z][A-Z0-9_]*)/.exec(rest)?.[1]
    if (bare !== undefined && REFERABLE.test(bare)) mistakes.push(`${name}: write \${${bare}}, with both braces.`)
    used.set(name, names)
    resolved[name] = mistakes.length > 0 ? undefined : text.slice(0, start) + rest
    if (mistakes.length > 0) bad.add(name)
    for (const mistake of mistakes) findings.mistake(mistake)
  }
  return { variables: resolved, bad, used }
}

function wordsFor(name: SettingName, to: string, variables: Variables): string {
  if (!REFERABLE.test(to)) {
    const shown = /^\w{1,40}$/.test(to) ? `\${${to}}` : 'a reference that is no name'
    return `${name} holds ${shown}: only what Marathon and Mesos set may stand there (${KINDS}).`
  }
  const there = Object.keys(variables).filter((each) => REFERABLE.test(each) && given(variables, each) !== undefined)
  const words = there.length === 0 ? 'nothing of that kind is set: is this a pod?' : `set are ${list(there)}.`
  return `${name} refers to \${${to}}, which is not set; ${words}`
}

function list(names: readonly string[]): string {
  const most = 20
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return names.toSorted().slice(0, most).join(', ') + more
}
