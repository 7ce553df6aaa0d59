import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, messageOf } from '../../core/code-of.ts'
import type { Instance } from './instance.ts'
import type { Spec } from './spec.ts'

/** What a Marathon must still know in its next life. */
export interface SavedMarathon {
  readonly frameworkId: string | undefined
  readonly entries: readonly {
    readonly versions: readonly Spec[]
    readonly isDeleted: boolean
    readonly instances: readonly Instance[]
  }[]
}

/** @throws where the file is there and cannot be read: who starts empty would launch everything twice */
export function loadState(path: string): SavedMarathon | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SavedMarathon
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new Error(`${path} cannot be read (${messageOf(error)}): remove it to start the embedded Marathon anew`, {
      cause: error,
    })
  }
}

/** The old one or the new one is there after a crash. Definitions may hold secrets: only the owner reads them. */
export function saveState(path: string, state: SavedMarathon): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
