import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { KnownJenkins } from '../core/jenkins-identity.ts'
import type {
  AgentId,
  AgentRecord,
  AgentState,
  FrameworkId,
  MesosAgentId,
  Mode,
  OfferId,
  ReapReason,
  TemplateName,
} from '../core/model.ts'
import type { Pause } from '../core/pause.ts'
import type { TemplateSizing } from '../core/sizing.ts'
import type { Change, FrameworkRecord, Saved } from '../loop/ports.ts'
import { StoreError } from './errors.ts'
import { SizingRecord } from './sizing-record.ts'

/** A word out of a closed list. The list is a record so that a forgotten word is a compile error. */
function word<T extends string>(words: Readonly<Record<T, true>>) {
  return Type.Unsafe<T>(Type.Union(Object.keys(words).map((each) => Type.Literal(each))))
}

const text = Type.String()
const count = Type.Integer({ minimum: 0 })
const instant = Type.Number()
const state = word<AgentState>({
  planned: true,
  starting: true,
  online: true,
  disconnected: true,
  unreachable: true,
  draining: true,
  stopping: true,
  gone: true,
})
const reapReason = word<ReapReason>({
  idle: true,
  connect_timeout: true,
  disconnected: true,
  unreachable: true,
  one_shot: true,
  max_builds: true,
  max_age: true,
  task_ended: true,
  placement_failed: true,
  node_deleted: true,
  moved: true,
  maintenance: true,
  shutdown: true,
  operator: true,
})

const Agent = Type.Object(
  {
    agentId: Type.Unsafe<AgentId>(Type.String({ minLength: 1 })),
    template: Type.Unsafe<TemplateName>(text),
    revision: text,
    labels: Type.Array(text),
    mode: word<Mode>({ NORMAL: true, EXCLUSIVE: true }),
    role: text,
    executors: count,
    resources: Type.Record(Type.String(), Type.Number()),
    oneShot: Type.Boolean(),
    maxBuilds: Type.Optional(count),
    maxAgeMs: Type.Optional(Type.Number()),
    state,
    since: instant,
    createdAt: instant,
    reason: text,
    reapReason: Type.Optional(reapReason),
    hostname: Type.Optional(text),
    mesosAgentId: Type.Optional(Type.Unsafe<MesosAgentId>(text)),
    address: Type.Optional(text),
    hostAttributes: Type.Optional(Type.Record(Type.String(), text)),
    offerId: Type.Optional(Type.Unsafe<OfferId>(text)),
    jenkinsUrl: Type.Optional(text),
    launchedAt: Type.Optional(instant),
    onlineAt: Type.Optional(instant),
    idleSince: Type.Optional(instant),
    tokenHash: Type.Optional(text),
    tokenUsedAt: Type.Optional(instant),
    taskState: Type.Optional(text),
    taskEnded: Type.Boolean(),
    nodeGone: Type.Boolean(),
    buildsSeen: count,
    killedAt: Type.Optional(instant),
  } satisfies Readonly<Record<keyof AgentRecord, TSchema>>,
  { additionalProperties: false },
)

/** JSON leaves out what is `undefined`; a record that was read has every field all the same. */
const ABSENT: { [K in keyof AgentRecord as undefined extends AgentRecord[K] ? K : never]: undefined } = {
  maxBuilds: undefined,
  maxAgeMs: undefined,
  reapReason: undefined,
  hostname: undefined,
  mesosAgentId: undefined,
  address: undefined,
  hostAttributes: undefined,
  offerId: undefined,
  jenkinsUrl: undefined,
  launchedAt: undefined,
  onlineAt: undefined,
  idleSince: undefined,
  tokenHash: undefined,
  tokenUsedAt: undefined,
  taskState: undefined,
  killedAt: undefined,
}

const Framework = Type.Object(
  {
    frameworkId: Type.Unsafe<FrameworkId>(Type.String({ minLength: 1 })),
    master: text,
  } satisfies Readonly<Record<keyof FrameworkRecord, TSchema>>,
  { additionalProperties: false },
)

const Jenkins = Type.Object(
  { identity: Type.Optional(text), url: text } satisfies Readonly<Record<keyof KnownJenkins, TSchema>>,
  { additionalProperties: false },
)

const Paused = Type.Object(
  { all: Type.Boolean(), templates: Type.Array(Type.Unsafe<TemplateName>(text)) } satisfies Readonly<
    Record<keyof Pause, TSchema>
  >,
  { additionalProperties: false },
)

const checks = {
  agent: Compile(Agent),
  framework: Compile(Framework),
  jenkins: Compile(Jenkins),
  paused: Compile(Paused),
  sizing: Compile(SizingRecord),
}

/** A change as it stands in the log: `null` deletes. */
export interface WrittenChange {
  readonly key: string
  readonly value: unknown
}

interface Checker<T> {
  Check(value: unknown): value is T
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message?: string }[]
}

/**
 * A change with a record of its own (frozen, every field there), as if written and read again.
 * @throws StoreError `STORE_INVALID` where it does not have the shape of a change; `why` names the field
 */
export function readChange(written: WrittenChange): Change {
  const { key } = written
  const value = written.value ?? undefined
  if (key === 'framework') {
    return { key, value: value === undefined ? undefined : Object.freeze(readAs(checks.framework, key, value)) }
  }
  if (key === 'jenkins') {
    if (value === undefined) return { key, value }
    return { key, value: Object.freeze({ identity: undefined, ...readAs(checks.jenkins, key, value) }) }
  }
  if (key === 'paused') {
    return { key, value: value === undefined ? undefined : Object.freeze(readAs(checks.paused, key, value)) }
  }
  if (isSizingKey(key)) {
    return { key, value: value === undefined ? undefined : Object.freeze(readAs(checks.sizing, key, value)) }
  }
  if (!isAgentKey(key)) throw new StoreError('STORE_INVALID', `${JSON.stringify(key)} is not a key of this store`)
  if (value === undefined) return { key, value }
  const record = toRecord(readAs(checks.agent, key, value))
  if (`agent/${record.agentId}` !== key) {
    throw new StoreError('STORE_INVALID', `${key}: its agentId is ${JSON.stringify(record.agentId)}`)
  }
  return { key, value: record }
}

function isAgentKey(key: string): key is `agent/${AgentId}` {
  return key.startsWith('agent/') && key.length > 'agent/'.length
}

function isSizingKey(key: string): key is `sizing/${TemplateName}` {
  return key.startsWith('sizing/') && key.length > 'sizing/'.length
}

function toRecord(agent: Static<typeof Agent>): AgentRecord {
  const record: AgentRecord = { ...ABSENT, ...agent }
  Object.freeze(record.labels)
  Object.freeze(record.resources)
  if (record.hostAttributes !== undefined) Object.freeze(record.hostAttributes)
  return Object.freeze(record)
}

function readAs<T>(check: Checker<T>, key: string, value: unknown): T {
  if (check.Check(value)) return value
  const [first] = check.Errors(value)
  const field = first?.instancePath.slice(1).replaceAll('/', '.')
  throw new StoreError(
    'STORE_INVALID',
    `${key}: ${field === '' ? 'the record' : field} ${first?.message ?? 'is wrong'}`,
  )
}

/** What a change looks like in the log, and whether it could be read back from there. */
export function writeChange(change: Change): WrittenChange {
  const written = { key: change.key, value: change.value ?? null }
  const plain: unknown = JSON.parse(JSON.stringify(written))
  readChange(plain as WrittenChange)
  return plain as WrittenChange
}

function isSizing(change: Change): change is Extract<Change, { readonly key: `sizing/${TemplateName}` }> {
  return isSizingKey(change.key)
}

/** The store's content in memory. */
export class Contents {
  #framework: FrameworkRecord | undefined
  #jenkins: KnownJenkins | undefined
  #paused: Pause | undefined
  readonly #sizings = new Map<TemplateName, TemplateSizing>()
  readonly #agents = new Map<AgentId, AgentRecord>()

  apply(change: Change): void {
    if (change.key === 'framework') {
      this.#framework = change.value
      return
    }
    if (change.key === 'jenkins') {
      this.#jenkins = change.value
      return
    }
    if (change.key === 'paused') {
      this.#paused = change.value
      return
    }
    if (isSizing(change)) {
      const template = change.key.slice('sizing/'.length) as TemplateName
      if (change.value === undefined) this.#sizings.delete(template)
      else this.#sizings.set(template, change.value)
      return
    }
    const agentId = change.key.slice('agent/'.length) as AgentId
    if (change.value === undefined) this.#agents.delete(agentId)
    else this.#agents.set(agentId, change.value)
  }

  /** What was loaded of another store. */
  static of(saved: Saved): Contents {
    const contents = new Contents()
    contents.apply({ key: 'framework', value: saved.framework })
    contents.apply({ key: 'jenkins', value: saved.jenkins })
    contents.apply({ key: 'paused', value: saved.paused })
    for (const [template, value] of saved.sizings ?? []) contents.apply({ key: `sizing/${template}`, value })
    for (const value of saved.agents.values()) contents.apply({ key: `agent/${value.agentId}`, value })
    return contents
  }

  /** As it is now; later changes do not show in it. */
  saved(): Saved {
    return {
      framework: this.#framework,
      ...(this.#jenkins !== undefined && { jenkins: this.#jenkins }),
      ...(this.#paused !== undefined && { paused: this.#paused }),
      ...(this.#sizings.size > 0 && { sizings: new Map(this.#sizings) }),
      agents: new Map(this.#agents),
    }
  }

  /** The changes that make this out of nothing. */
  changes(): readonly Change[] {
    const agents = [...this.#agents.values()].map((value) => ({ key: `agent/${value.agentId}` as const, value }))
    const sizings = [...this.#sizings].map(([template, value]) => ({ key: `sizing/${template}` as const, value }))
    return [
      ...(this.#framework === undefined ? [] : [{ key: 'framework', value: this.#framework } as const]),
      ...(this.#jenkins === undefined ? [] : [{ key: 'jenkins', value: this.#jenkins } as const]),
      ...(this.#paused === undefined ? [] : [{ key: 'paused', value: this.#paused } as const]),
      ...sizings,
      ...agents,
    ]
  }
}
