import { readFileSync } from 'node:fs'
import type { Event } from '../../src/mesos/protocol.ts'

export interface Exchange {
  readonly name?: string
  readonly master?: string
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
}

export interface Step extends Partial<Exchange> {
  readonly kind: string
  readonly stream?: string
  readonly event?: Event
  /** The recorder left fields of the event out. */
  readonly shortened?: boolean
}

interface Trace {
  readonly steps?: readonly Step[]
  readonly exchanges: readonly Exchange[]
  readonly response: { readonly body_json: unknown }
  readonly records_raw: readonly string[]
}

/** An exchange recorded with a real Mesos, by its file's name. */
export function trace(name: string): Trace {
  const file = new URL(`../fixtures/mesos/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Trace
}

/** All of its events, without those that were shortened. */
export function wholeEvents(name: string): readonly (Step & { readonly event: Event })[] {
  const { steps = [] } = trace(name)
  return steps.flatMap((step) =>
    step.event === undefined || step.shortened === true ? [] : { ...step, event: step.event },
  )
}

/** The events of one of its streams. */
export function events(name: string, stream?: string): readonly Event[] {
  return wholeEvents(name)
    .filter((step) => step.stream === stream)
    .map(({ event }) => event)
}

export function frame(record: unknown): Buffer {
  const bytes = Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes])
}
