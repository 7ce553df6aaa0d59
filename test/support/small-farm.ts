import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import { type Expression, matches, parseLabelExpression } from '../../src/core/label-expression.ts'
import type { AgentRecord } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Memory, type Plan, type Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { anchorOf, anItem, anOffer, aReading, aRecord, aSnapshot, NOW, nodeOf } from './builders.ts'

export interface SmallBuild {
  /** `undefined`: it has none. */
  readonly label: string | undefined
  /** In rounds. */
  readonly lasts: number
  /** The round in which it is queued. */
  readonly comes: number
}

interface Waiting {
  readonly build: SmallBuild
  readonly item: QueueItem
  readonly expression: Expression | undefined
}

const ROUND_MS = 30_000
const ROOM = { cpus: 1e9, mem: 1e12, disk: 1e12 }

/** The planner with the simplest of worlds: hosts without end, agents that are online at once, builds that end. */
export class SmallFarm {
  readonly #templates: readonly Template[]
  readonly #caps: Snapshot['caps']
  readonly #coming: readonly Waiting[]
  #queue: readonly Waiting[] = []
  #records: readonly AgentRecord[] = []
  /** When its builds end, by agent. */
  readonly #running = new Map<string, number[]>()
  #memory: Memory = EMPTY_MEMORY
  #round = 0

  constructor(templates: readonly Template[], caps: Snapshot['caps'], builds: readonly SmallBuild[]) {
    this.#templates = templates
    this.#caps = caps
    this.#coming = builds.map((build, index) => waiting(build, index))
  }

  /** Labels of builds that have not begun. */
  get left(): readonly (string | undefined)[] {
    const later = this.#coming.filter(({ build }) => build.comes > this.#round)
    return [...this.#queue, ...later].map(({ build }) => build.label)
  }

  get records(): readonly AgentRecord[] {
    return this.#records
  }

  next(): Plan {
    this.#round += 1
    this.#queue = [...this.#queue, ...this.#coming.filter(({ build }) => build.comes === this.#round)]
    for (const [agent, ends] of this.#running) {
      this.#running.set(
        agent,
        ends.filter((end) => end > this.#round),
      )
    }
    for (const record of this.#records) if (record.state === 'online') this.#assign(record)
    const now = NOW + this.#round * ROUND_MS
    const nodes = [...this.#templates.map((one) => anchorOf(one)), ...this.#records.map((one) => this.#nodeOf(one))]
    const snapshot = aSnapshot({
      round: this.#round + 2,
      templates: this.#templates,
      caps: this.#caps,
      records: this.#records,
      memory: this.#memory,
      jenkins: aReading({ readAt: now, nodes, queue: this.#queue.map(({ item }) => item) }),
      offers: [anOffer({ id: `O-${this.#round}`, free: ROOM, receivedAt: now })],
    })
    const result = plan(snapshot, now)
    this.#apply(result, now)
    return result
  }

  /** As Jenkins does it: the oldest that matches. */
  #assign(record: AgentRecord): void {
    const labels = new Set(record.labels)
    const ends = this.#running.get(record.agentId) ?? []
    const taken = new Set<Waiting>()
    for (const one of this.#queue) {
      if (ends.length === record.executors) break
      const fits = one.expression === undefined ? record.mode === 'NORMAL' : matches(one.expression, labels)
      if (!fits) continue
      ends.push(this.#round + one.build.lasts)
      taken.add(one)
    }
    this.#running.set(record.agentId, ends)
    this.#queue = this.#queue.filter((one) => !taken.has(one))
  }

  #nodeOf(record: AgentRecord): JenkinsNode {
    const running = (this.#running.get(record.agentId) ?? []).map((end, index) => ({
      url: `job/x/${end}-${index}/`,
      name: 'x',
    }))
    return nodeOf(record, { running, idle: running.length === 0 })
  }

  #apply(result: Plan, now: number): void {
    const changed = new Map(result.records.map((record) => [record.agentId, record]))
    const kept = this.#records.map((record) => changed.get(record.agentId) ?? record)
    const fresh = result.actions.flatMap((action, index) =>
      action.kind === 'provision'
        ? [
            aRecord(
              {
                agentId: `mesos-${action.template.name}-${this.#round}x${index}`,
                executors: action.executors,
                resources: action.resources,
                createdAt: now,
                onlineAt: now,
                idleSince: now,
              },
              action.template,
            ),
          ]
        : [],
    )
    // A drained agent without a build is gone by the next round.
    const stays = ({ state, agentId }: AgentRecord): boolean =>
      state === 'online' || (this.#running.get(agentId) ?? []).length > 0
    this.#records = [...kept.filter(stays), ...fresh]
    this.#memory = result.memory
  }
}

function waiting(build: SmallBuild, index: number): Waiting {
  const why =
    build.label === undefined
      ? 'Waiting for next available executor'
      : `There are no nodes with the label ‘${build.label}’`
  const parsed = build.label === undefined ? undefined : parseLabelExpression(build.label)
  const since = NOW + build.comes * ROUND_MS - 1_000 + index
  return {
    build,
    item: anItem({ id: String(index + 1), job: `job-${index}`, why, stuck: false, buildableSince: since }),
    expression: parsed?.ok === true ? parsed.expression : undefined,
  }
}
