import envSchema from 'env-schema'
import { messageOf } from '../core/code-of.ts'
import { Secret } from '../core/secret.ts'
import type { Findings } from './findings.ts'
import { distanceOf } from './nearest.ts'
import { Env, LATER, SECRETS, type SettingName } from './settings.ts'
import { sentence } from './shape.ts'

export type Variables = Readonly<Record<string, string | undefined>>
/** @throws what the file system says */
export type ReadFile = (path: string) => string

export interface EnvReading {
  /** Secrets left out. A variable with a mistake has its default. */
  readonly env: Readonly<Omit<Env, (typeof SECRETS)[number]>>
  readonly secrets: Readonly<Record<(typeof SECRETS)[number], Secret | undefined>>
  /** Given, and without a mistake of its own. */
  readonly given: ReadonlySet<SettingName>
  /** Given, with a mistake: what needs it should not complain again. */
  readonly bad: ReadonlySet<SettingName>
}

const NAMES = Object.keys(Env.properties) as SettingName[]

/** Reads the variables that are settings; names every one that is wrong, never its value. */
export function readEnv(variables: Variables, readFile: ReadFile, findings: Findings): EnvReading {
  const data: Partial<Record<SettingName, string>> = {}
  for (const name of NAMES) {
    const value = given(variables, name)
    if (value !== undefined && !isSecret(name)) data[name] = value
  }
  const bad = new Set<SettingName>()
  const secrets = readSecrets(variables, readFile, findings, bad)
  const env = validate(data, findings, bad)
  for (const name of LATER) {
    if (given(variables, name) !== undefined) {
      findings.mistake(`${name} is not supported yet in this version: remove it.`)
    }
  }
  warnOfUnknown(variables, findings)
  const good = NAMES.filter((name) => data[name] !== undefined && !bad.has(name))
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

function isSecret(name: string): boolean {
  return (SECRETS as readonly string[]).includes(name)
}

function readSecrets(
  variables: Variables,
  readFile: ReadFile,
  findings: Findings,
  bad: Set<SettingName>,
): EnvReading['secrets'] {
  const read = (name: (typeof SECRETS)[number]): Secret | undefined => {
    const secret = readSecret(name, variables, readFile, findings)
    if (typeof secret !== 'string') return secret
    bad.add(name)
    findings.mistake(secret)
    return undefined
  }
  return { JENKINS_TOKEN: read('JENKINS_TOKEN'), API_TOKEN: read('API_TOKEN') }
}

/** @returns the mistake as a sentence, where there is one */
function readSecret(
  name: string,
  variables: Variables,
  readFile: ReadFile,
  findings: Findings,
): Secret | string | undefined {
  const value = given(variables, name)
  const fileName = `${name}_FILE`
  const path = given(variables, fileName)
  if (path === undefined) return value === undefined ? undefined : toSecret(name, value)
  if (value !== undefined) return `${name} and ${fileName} are both given: keep one of them.`
  findings.file(path)
  try {
    const text = readFile(path).trim()
    return text === '' ? `${fileName} names a file that is empty.` : toSecret(fileName, text)
  } catch (thrown) {
    return `${fileName} cannot be read: ${messageOf(thrown)}.`
  }
}

function toSecret(from: string, text: string): Secret | string {
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text)
  return `${from} holds a space, a line break or another character that no token has: copy it again.`
}

/** Pods carry many variables of others (JENKINS_HOME, JENKINS_UC): only one letter may be wrong. */
function warnOfUnknown(variables: Variables, findings: Findings): void {
  const known = [...NAMES, ...SECRETS.map((name) => `${name}_FILE`), ...LATER]
  for (const name of Object.keys(variables)) {
    if (name.length < 8 || known.includes(name) || given(variables, name) === undefined) continue
    const meant = known.find((each) => Math.abs(each.length - name.length) < 2 && distanceOf(each, name) === 1)
    if (meant !== undefined) findings.warn(`${name} is not a setting and was ignored; did you mean ${meant}?`)
  }
}
