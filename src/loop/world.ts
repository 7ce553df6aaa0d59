import { messageOf } from '../core/code-of.ts'
import { type JenkinsVerdict, judgeJenkins, type KnownJenkins } from '../core/jenkins-identity.ts'
import type { JenkinsReading } from '../core/jenkins-reading.ts'
import type { Log } from '../core/log.ts'
import type { AgentId, AgentRecord, FrameworkId, Instant, TemplateName } from '../core/model.ts'
import { NOTHING_PAUSED, type Pause } from '../core/pause.ts'
import type { TemplateSizing } from '../core/sizing.ts'
import { EMPTY_MEMORY, type Memory, type Plan, type Snapshot, type Stray } from '../core/snapshot.ts'
import { HostNotes } from './host-notes.ts'
import type { Change, FrameworkRecord, Saved, StorePort } from './ports.ts'

export interface MesosState {
  readonly subscribed: boolean
  readonly reconciled: boolean
  readonly master: string | undefined
  readonly version: string | undefined
  /** Another instance took over, or the master refuses us: act on nothing. */
  readonly standingBack: string | undefined
  readonly why: string | undefined
  /** The region of the master, if it tells. */
  readonly home?: string | undefined
}

export interface JenkinsState {
  readonly reading: JenkinsReading | undefined
  /** Why the last attempt to read failed. */
  readonly error: string | undefined
  readonly readMs: number | undefined
}

/** Names of agents that are gone: so many are remembered. */
const MOST_BURIED = 10_000

/**
 * What the loop knows, in memory. Records live here and in the store: `put` changes them here at once, so that the
 * next look counts them, and `save` resolves when they are safe. Nothing outside is called before its `save`.
 */
export class World {
  readonly #store: StorePort
  readonly #log: Log
  readonly #agents = new Map<AgentId, AgentRecord>()
  readonly #buried = new Set<AgentId>()
  readonly #sizings = new Map<TemplateName, TemplateSizing>()
  readonly #dirty = new Set<Change['key']>()
  readonly #underway = new Set<Promise<void>>()
  #framework: FrameworkRecord | undefined
  #jenkinsRecord: KnownJenkins | undefined
  /** As it was found, while a person is asked about it. */
  #foundJenkins: KnownJenkins | undefined
  #storeError: string | undefined
  #paused: Pause = NOTHING_PAUSED

  /** Why Jenkins may be another than the one that the agents belong to: nothing is added or taken away. */
  otherJenkins: string | undefined

  memory: Memory = EMPTY_MEMORY
  mesos: MesosState = {
    subscribed: false,
    reconciled: false,
    master: undefined,
    version: undefined,
    standingBack: undefined,
    why: 'not yet connected',
  }
  jenkins: JenkinsState = { reading: undefined, error: undefined, readMs: undefined }
  /** Agents on which an operation is under way. */
  readonly busy = new Set<AgentId>()
  /** `planned` agents that are ready and have no offer. */
  readonly ready = new Set<AgentId>()
  readonly hosts = new HostNotes()
  /** Tasks of ours without a record. */
  readonly strays = new Map<AgentId, Stray>()
  /** Tasks without a record that Mesos does not have either. */
  readonly absent = new Set<AgentId>()
  /** Frameworks of ours that Mesos removed. */
  readonly lostFrameworks = new Set<FrameworkId>()
  /** An operator said that the brake may be let go: holds for the next look at Jenkins. */
  brakeReleased = false
  lastPlan: Plan | undefined
  /** What it was made of. */
  lastSnapshot: Snapshot | undefined
  round = 0
  lastRoundAt: Instant | undefined

  constructor(store: StorePort, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** @throws where the store holds what cannot be trusted */
  async load(): Promise<Saved> {
    const saved = await this.#store.load()
    this.#framework = saved.framework
    this.#jenkinsRecord = saved.jenkins
    this.#paused = saved.paused ?? NOTHING_PAUSED
    for (const [template, sizing] of saved.sizings ?? []) this.#sizings.set(template, sizing)
    for (const record of saved.agents.values()) this.#agents.set(record.agentId, record)
    return saved
  }

  get records(): readonly AgentRecord[] {
    return [...this.#agents.values()]
  }

  get(agentId: AgentId): AgentRecord | undefined {
    return this.#agents.get(agentId)
  }

  get frameworkId(): FrameworkId | undefined {
    return this.#framework?.frameworkId
  }

  /** Why nothing can be stored; while it stands nothing is begun, acknowledged or reaped. */
  get storeError(): string | undefined {
    return this.#storeError
  }

  /** A record that is `gone` leaves the store. */
  put(record: AgentRecord): void {
    if (record.state === 'gone') this.#bury(record.agentId)
    else this.#agents.set(record.agentId, record)
    this.#dirty.add(`agent/${record.agentId}`)
  }

  /** What an operator paused. */
  get paused(): Pause {
    return this.#paused
  }

  set paused(paused: Pause) {
    this.#paused = paused
    this.#dirty.add('paused')
  }

  /** What the agents of each template used, as it was stored or last handed over. */
  get sizings(): ReadonlyMap<TemplateName, TemplateSizing> {
    return this.#sizings
  }

  /** `undefined` forgets the template. */
  putSizing(template: TemplateName, sizing: TemplateSizing | undefined): void {
    if (sizing === undefined) this.#sizings.delete(template)
    else this.#sizings.set(template, sizing)
    this.#dirty.add(`sizing/${template}`)
  }

  get jenkinsRecord(): KnownJenkins | undefined {
    return this.#jenkinsRecord
  }

  /** Whether the Jenkins that was found is the one that the state speaks of. */
  recognise(found: KnownJenkins): JenkinsVerdict {
    const verdict = judgeJenkins(this.#jenkinsRecord, found, this.#agents.size)
    this.#foundJenkins = found
    this.otherJenkins = verdict.kind === 'other' ? verdict.words : undefined
    if (verdict.kind !== 'other') this.#setJenkins(verdict.known)
    return verdict
  }

  /** An operator's word: the one that was found is the right one. */
  acceptJenkins(): void {
    if (this.#foundJenkins !== undefined) this.#setJenkins(this.#foundJenkins)
    this.otherJenkins = undefined
  }

  #setJenkins(known: KnownJenkins): void {
    if (known.identity === this.#jenkinsRecord?.identity && known.url === this.#jenkinsRecord?.url) return
    this.#jenkinsRecord = known
    this.#dirty.add('jenkins')
  }

  /** Of what is in no reading of Jenkins any more nothing needs to be known. */
  forgetAbsent(nodes: JenkinsReading['nodes']): void {
    if (this.absent.size === 0) return
    const names = new Set<string>(nodes.map(({ name }) => name))
    for (const agentId of this.absent) if (!names.has(agentId)) this.absent.delete(agentId)
  }

  /** It was an agent of this process and is `gone`: a task of that name has no business any more. */
  isBuried(agentId: AgentId): boolean {
    return this.#buried.has(agentId)
  }

  #bury(agentId: AgentId): void {
    this.#agents.delete(agentId)
    this.absent.add(agentId) // a reading that is under way may still show its node
    this.#buried.add(agentId)
    if (this.#buried.size <= MOST_BURIED) return
    const [oldest] = this.#buried
    if (oldest !== undefined) this.#buried.delete(oldest)
  }

  setFramework(framework: FrameworkRecord | undefined): void {
    if (framework?.frameworkId === this.#framework?.frameworkId) return
    this.#framework = framework
    this.#dirty.add('framework')
  }

  /**
   * Resolves when everything that was `put` before is stored, what another call has taken included. What could not be
   * stored is tried again next time: whoever calls after a failure does not share it.
   */
  async save(): Promise<void> {
    const keys = [...this.#dirty]
    if (keys.length > 0) {
      this.#dirty.clear()
      const commit: Promise<void> = this.#commit(keys).finally(() => this.#underway.delete(commit))
      this.#underway.add(commit)
    }
    const ended = await Promise.allSettled(this.#underway)
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #commit(keys: readonly Change['key'][]): Promise<void> {
    try {
      await this.#store.commit(keys.map((key) => this.#change(key)))
    } catch (error) {
      for (const key of keys) this.#dirty.add(key)
      if (this.#storeError === undefined) {
        this.#log.error({ err: error }, 'the store does not take changes: nothing is begun until it does')
      }
      this.#storeError = messageOf(error)
      throw error
    }
    if (this.#storeError !== undefined) this.#log.info({}, 'the store takes changes again')
    this.#storeError = undefined
  }

  #change(key: Change['key']): Change {
    if (key === 'framework') return { key, value: this.#framework }
    if (key === 'jenkins') return { key, value: this.#jenkinsRecord }
    if (key === 'paused') return { key, value: this.#paused }
    if (isSizingKey(key)) return { key, value: this.#sizings.get(key.slice('sizing/'.length) as TemplateName) }
    const agentId = key.slice('agent/'.length) as AgentId
    return { key: `agent/${agentId}`, value: this.#agents.get(agentId) }
  }
}

function isSizingKey(key: Change['key']): key is `sizing/${TemplateName}` {
  return key.startsWith('sizing/')
}
