import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../../core/code-of.ts'
import type { ProcessIdentity } from './process-table.ts'

/**
 * The files of one task's checkpoint folder, how runner and supervisor speak with each other: none of them is ever
 * seen half written, and neither needs the other to be alive. All are readable by their owner only, since the
 * command's environment may hold secrets.
 */
export const checkpointFiles = {
  /** By the runner, before anything else: what to run, and for whom. */
  task: 'task.json',
  /** By the supervisor, before it starts the command: who it is. */
  supervisor: 'supervisor.json',
  /** By the supervisor, before the task counts as started: who the command is. */
  started: 'started.json',
  /** By the runner, before it sends SIGTERM to the supervisor: how long the command may take. */
  kill: 'kill.json',
  /** By the supervisor, as soon as the command has ended. */
  exit: 'exit.json',
  /** What the supervisor itself has to complain about. */
  log: 'supervisor.log',
} as const

const checkpointVersion = 1

/** What the supervisor needs to know; the field `run` of `task.json`. */
export interface RunInstructions {
  readonly sandbox: string
  /** Program, looked for in the environment's PATH unless it has a slash. */
  readonly file: string
  /** As the program sees them, its own name first. */
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Of another user than our own. */
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** From SIGTERM to SIGKILL where `kill.json` says nothing. */
  readonly graceMs: number
  /** The task must not outlive this process: FrameworkInfo.checkpoint is not set. */
  readonly diesWith: ProcessIdentity | undefined
}

export interface StartedFile {
  readonly supervisor: ProcessIdentity
  /** `undefined` where the program could not be started. */
  readonly task: ProcessIdentity | undefined
}

export type ExitFile =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signaled'; readonly signal: NodeJS.Signals }

/** The content of a checkpoint file, or why it cannot be used, or that there is none. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly why: string }

/** Replaces the file whole: after a crash at any point there is the old content or the new. */
export function writeCheckpoint(folder: string, name: string, content: object): void {
  const path = join(folder, name)
  const temporary = `${path}.tmp`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, JSON.stringify({ version: checkpointVersion, ...content }))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

export function readCheckpoint<T>(
  folder: string,
  name: string,
  is: (content: Readonly<Record<string, unknown>>) => content is T & Readonly<Record<string, unknown>>,
): Reading<T> {
  const path = join(folder, name)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'absent' }
    return { kind: 'unusable', why: `${path} cannot be read (${codeOf(error) ?? 'no code'})` }
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    return { kind: 'unusable', why: `${path} is not JSON: half written, or of somebody else` }
  }
  if (!isRecord(content)) return { kind: 'unusable', why: `${path} holds no object` }
  if (content['version'] !== checkpointVersion) {
    return { kind: 'unusable', why: `${path} is of another version than ${checkpointVersion}` }
  }
  if (!is(content)) return { kind: 'unusable', why: `${path} lacks fields, or has them with wrong types` }
  return { kind: 'read', value: content }
}

export function readSupervisorFile(folder: string): Reading<{ readonly supervisor: ProcessIdentity }> {
  return readCheckpoint(folder, checkpointFiles.supervisor, isSupervisorFile)
}

export function readStartedFile(folder: string): Reading<StartedFile> {
  return readCheckpoint(folder, checkpointFiles.started, isStartedFile)
}

export function readExitFile(folder: string): Reading<ExitFile> {
  return readCheckpoint(folder, checkpointFiles.exit, isExitFile)
}

export function readKillFile(folder: string): Reading<{ readonly graceMs: number }> {
  return readCheckpoint(folder, checkpointFiles.kill, isKillFile)
}

export function readRunInstructions(folder: string): Reading<{ readonly run: RunInstructions }> {
  return readCheckpoint(folder, checkpointFiles.task, isTaskFile)
}

type Content = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    isRecord(value) &&
    Number.isInteger(value['pid']) &&
    Number(value['pid']) > 1 &&
    typeof value['started'] === 'string' &&
    typeof value['bootId'] === 'string'
  )
}

function isSupervisorFile(content: Content): content is Content & { readonly supervisor: ProcessIdentity } {
  return isIdentity(content['supervisor'])
}

function isStartedFile(content: Content): content is Content & StartedFile {
  return isIdentity(content['supervisor']) && (content['task'] === undefined || isIdentity(content['task']))
}

function isExitFile(content: Content): content is Content & ExitFile {
  if (content['kind'] === 'exited') return Number.isInteger(content['status'])
  return content['kind'] === 'signaled' && typeof content['signal'] === 'string'
}

function isKillFile(content: Content): content is Content & { readonly graceMs: number } {
  return Number.isFinite(content['graceMs'])
}

function isTaskFile(content: Content): content is Content & { readonly run: RunInstructions } {
  const run = content['run']
  return (
    isRecord(run) &&
    typeof run['sandbox'] === 'string' &&
    typeof run['file'] === 'string' &&
    Array.isArray(run['argv']) &&
    run['argv'].every((argument) => typeof argument === 'string') &&
    isRecord(run['environment']) &&
    Object.values(run['environment']).every((value) => typeof value === 'string') &&
    isOptional(run['uid'], Number.isInteger) &&
    isOptional(run['gid'], Number.isInteger) &&
    Number.isFinite(run['graceMs']) &&
    isOptional(run['diesWith'], isIdentity)
  )
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value)
}
