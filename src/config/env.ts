import envSchema from 'env-schema'
import { messageOf } from '../core/code-of.ts'
import { distanceOf } from '../core/edit-distance.ts'
import { Secret } from '../core/secret.ts'
import type { Findings } from './findings.ts'
import { Env, IN_FILES, SECRETS, type SettingName } from './settings.ts'
import { sentence } from './shape.ts'

export type Variables = Readonly<Record<string, string | undefined>>
/** @throws what the file system says */
export type ReadFile = (path: string) => string

type SecretName = (typeof SECRETS)[number]

export interface EnvReading {
  /** Secrets left out. A variable with a mistake has its default. */
  readonly env: Readonly<Omit<Env, SecretName>>
  readonly secrets: { readonly [name in SecretName]?: Secret }
  /** Given, and without a mistake of its own. */
  readonly given: ReadonlySet<SettingName>
  /** Given, with a mistake: what needs it should not complain again. */
  readonly bad: ReadonlySet<SettingName>
}

const NAMES = Object.keys(Env.properties) as SettingName[]

/** Reads the variables that are settings; names every one that is wrong, never its value. */
export function readEnv(variables: Variables, readFile: ReadFile, findings: Findings): EnvReading {
  const data: Partial<Record<SettingName, string>> = {}
  const bad = new Set<SettingName>()
  const secrets: Partial<Record<SecretName, Secret>> = {}
  for (const name of NAMES) {
    const value = isInFile(name)
      ? readInFile(name, variables, readFile, findings)
      : { from: name, text: given(variables, name) }
    const wrong = typeof value === 'string' ? value : isSecret(name) ? problemOf(name, value) : undefined
    if (wrong !== undefined) {
      bad.add(name)
      findings.mistake(wrong)
    } else if (typeof value !== 'string' && value.text !== undefined) {
      if (isSecret(name)) secrets[name] = new Secret(value.text)
      else data[name] = value.text
    }
  }
  const env = validate(data, findings, bad)
  warnOfUnknown(variables, findings)
  const isGiven = (name: SettingName): boolean => data[name] !== undefined || (isSecret(name) && name in secrets)
  const good = NAMES.filter((name) => isGiven(name) && !bad.has(name))
  return { env, secrets, given: new Set(good), bad }
}

/** Empty means not given: in a pod's definition that is how a variable is switched off. */
export function given(variables: Variables, name: string): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined
  return value === '' ? undefined : value
}

type Problem = Parameters<typeof sentence>[0] & { readonly instancePath: string }

function validate(data: Partial<Record<SettingName, string>>, findings: Findings, bad: Set<SettingName>): Env {
  try {
    return envSchema<Env>({ schema: Env, data: { ...data }, env: false, dotenv: false })
  } catch (thrown) {
    const problems = problemsOf(thrown)
    const names = new Set<SettingName>()
    for (const problem of problems) {
      const name = problem.instancePath.slice(1) as SettingName
      // One sentence a variable: Ajv adds an `anyOf` to what it said already.
      if (names.has(name)) continue
      names.add(name)
      bad.add(name)
      findings.mistake(`${name} ${sentence(problem)}.`)
    }
    if (names.size === 0) throw thrown
    const rest = Object.fromEntries(Object.entries(data).filter(([name]) => !names.has(name as SettingName)))
    return validate(rest, findings, bad)
  }
}

function problemsOf(thrown: unknown): readonly Problem[] {
  const listed = typeof thrown === 'object' && thrown !== null && 'errors' in thrown ? thrown.errors : undefined
  if (!Array.isArray(listed)) throw thrown
  return listed as Problem[]
}

function isSecret(name: string): name is SecretName {
  return (SECRETS as readonly string[]).includes(name)
}

function isInFile(name: string): boolean {
  return (IN_FILES as readonly string[]).includes(name)
}

interface Given {
  /** The variable that it came from. */
  readonly from: string
  readonly text: string | undefined
}

/** @returns the mistake as a sentence, where there is one */
function readInFile(name: string, variables: Variables, readFile: ReadFile, findings: Findings): Given | string {
  const value = given(variables, name)
  const fileName = `${name}_FILE`
  const path = given(variables, fileName)
  if (path === undefined) return { from: name, text: value }
  if (value !== undefined) return `${name} and ${fileName} are both given: keep one of them.`
  findings.file(path)
  try {
    const text = readFile(path).trim()
    return text === '' ? `${fileName} names a file that is empty.` : { from: fileName, text }
  } catch (thrown) {
    return `${fileName} cannot be read: ${messageOf(thrown)}.`
  }
}

function problemOf(name: SecretName, { from, text = '' }: Given): string | undefined {
  // These two are checked where they are taken apart.
  if (name === 'DCOS_SERVICE_ACCOUNT_CREDENTIAL' || name === 'API_TOKEN') return undefined
  if (name === 'MESOS_SECRET') {
    return /\p{Cc}/u.test(text) ? `${from} holds a line break or another control character: copy it again.` : undefined
  }
  if (/^[\x21-\x7e]*$/.test(text)) return undefined
  return `${from} holds a space, a line break or another character that no token has: copy it again.`
}

/** Pods carry many variables of others (JENKINS_HOME, JENKINS_UC): only one letter may be wrong. */
function warnOfUnknown(variables: Variables, findings: Findings): void {
  const known = [...NAMES, ...IN_FILES.map((name) => `${name}_FILE`)]
  for (const name of Object.keys(variables)) {
    if (name.length < 8 || known.includes(name) || given(variables, name) === undefined) continue
    const meant = known.find((each) => Math.abs(each.length - name.length) < 2 && distanceOf(each, name) === 1)
    if (meant !== undefined) findings.warn(`${name} is not a setting and was ignored; did you mean ${meant}?`)
  }
}
