import type { AgentRecord } from '../core/model.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import type { Context } from './context.ts'
import { DecisionWriter } from './decision.ts'
import { Seldom } from './seldom.ts'
import { LimitTeller } from './tell-limits.ts'
import { OrderTeller } from './tell-orders.ts'
import { WaitTeller } from './tell-waits.ts'

/** Answers and questions to Mesos, which change nothing. */
const SILENT: ReadonlySet<string> = new Set(['decline', 'askTasks'])
/** The dry run tells of them itself: once, and not with each of its looks. */
const DRY_SILENT: ReadonlySet<string> = new Set([...SILENT, 'provision', 'place'])

/** Tells log and metrics what changed from one round to the next, and nothing where nothing changed. */
export class RoundTeller {
  readonly #context: Context
  readonly #problems = new Seldom()
  readonly #notes = new Seldom()
  readonly #decisions = new DecisionWriter()
  /** What the brake held in the last round. */
  #braked: string | undefined
  #orphans: Readonly<Record<'node' | 'task', number>> = { node: 0, task: 0 }
  #queue = new Map<string, number>()
  readonly #waits: WaitTeller
  readonly #orders: OrderTeller
  readonly #limits: LimitTeller

  constructor(context: Context) {
    this.#context = context
    this.#waits = new WaitTeller(context.log)
    this.#orders = new OrderTeller(context.log)
    this.#limits = new LimitTeller(context.log, context.report.capReached)
  }

  tell(snapshot: Snapshot, plan: Plan): void {
    this.#tellDecision(snapshot, plan)
    this.#tellProblems(snapshot, plan)
    const now = this.#context.clock.now()
    this.#limits.tell(snapshot, plan, now)
    this.#orders.tell(plan, now)
    this.#tellOrphans({ node: Object.keys(plan.memory.orphanNodes).length, task: snapshot.strays.length })
    if (snapshot.fresh) {
      this.#waits.tell(plan.explanation.items)
      this.#tellQueue(snapshot)
    }
  }

  /** What happened to one agent, as its record shows. */
  changed(was: AgentRecord, record: AgentRecord): void {
    const { log, report } = this.#context
    const { agentId, template, hostname } = record
    if (this.#standsBack) return // what was planned is not done: it would be told in each round
    const most = record.oneShot ? 1 : (record.maxBuilds ?? Number.POSITIVE_INFINITY)
    if (record.buildsSeen > Math.max(was.buildsSeen, most)) report.extraBuild(template)
    if (record.state === was.state) return
    if (was.state === 'starting' && record.state === 'online') {
      const seconds = (record.since - (record.launchedAt ?? record.since)) / 1000
      report.online(template, seconds)
      log.info({ agentId, template, hostname, seconds }, 'agent online')
      return
    }
    const isTrouble = record.reapReason === 'connect_timeout' || record.state === 'unreachable'
    // One that stays is there for the same reason as before: it says nothing of the change.
    const reason = record.reason === was.reason ? undefined : record.reason
    const fields = { agentId, template, hostname, from: was.state, to: record.state, reason }
    if (isTrouble) log.warn(fields, 'agent changed')
    else log.info(fields, 'agent changed')
  }

  /** Another instance acts: nothing of a plan is done here. */
  get #standsBack(): boolean {
    return this.#context.world.mesos.standingBack !== undefined
  }

  /** One record for a plan that differs from the one before: figures in, actions and reasons out. */
  #tellDecision(snapshot: Snapshot, plan: Plan): void {
    const silent = this.#context.settings.dryRun ? DRY_SILENT : SILENT
    const decision = this.#decisions.write(snapshot, plan, (kind) => !this.#standsBack && !silent.has(kind))
    if (decision === undefined) return
    const { inputs, actions, moreActions } = decision
    this.#context.log.info({ round: snapshot.round, inputs, actions, moreActions }, 'plan')
  }

  #tellProblems(snapshot: Snapshot, plan: Plan): void {
    const { log, clock } = this.#context
    const now = clock.now()
    for (const problem of this.#problems.news(plan.explanation.problems, now)) {
      log.warn({ problem }, 'something needs a look')
    }
    // A round without Jenkins has no notes, and none is over by that.
    const notes = snapshot.jenkins === undefined ? [] : this.#notes.news(plan.explanation.notes, now)
    for (const note of notes) log.info({ note }, 'for your information')
    const { brake } = plan.memory
    // Its words may count seconds.
    if (brake !== undefined && brake.key !== this.#braked) {
      log.error({ held: plan.explanation.held }, 'the brake is on')
    }
    this.#braked = brake?.key
  }

  #tellOrphans(found: Readonly<Record<'node' | 'task', number>>): void {
    for (const kind of ['node', 'task'] as const) {
      if (found[kind] !== this.#orphans[kind]) this.#context.report.orphans(kind, found[kind])
    }
    this.#orphans = found
  }

  /** Items that left the queue since the last reading had waited until then. */
  #tellQueue(snapshot: Snapshot): void {
    const reading = snapshot.jenkins
    if (reading === undefined) return
    const now = new Map<string, number>()
    for (const item of reading.queue) {
      const since = item.buildableSince
      if (since !== undefined && item.buildable) now.set(item.id, since)
    }
    for (const [id, since] of this.#queue) {
      if (!now.has(id)) this.#context.report.queueWait(Math.max(0, reading.readAt - since) / 1000)
    }
    this.#queue = now
  }
}
