import { codeOf } from '../core/code-of.ts'
import { launched } from '../core/lifecycle.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import { begunFor, launchedFor } from '../core/orders.ts'
import { isPaused } from '../core/pause.ts'
import type { Action, Place } from '../core/snapshot.ts'
import type { Context } from './context.ts'
import { HOLD_MS } from './offer-desk.ts'
import { Preparer } from './prepare.ts'
import { hashToken } from './secret-desk.ts'

type Provision = Extract<Action, { kind: 'provision' }>
type Replace = Extract<Action, { kind: 'place' }>

/** The rest of an accepted offer comes back after this. */
const REST_REFUSE_SECONDS = 1
/** ACCEPT leaves this long before the holding time is over. */
const MARGIN_MS = 250
/** After these errors Mesos has done nothing: the id is not spent. */
const NOT_DONE: ReadonlySet<string> = new Set([
  'MESOS_OFFER_GONE',
  'MESOS_SUBSCRIPTION_LOST',
  'MESOS_REFUSED',
  'NOT_LEADING',
])
/**
 * Brings agents up: record to the store, node in Jenkins, secret, ACCEPT, record again. A crash after any step leaves
 * something that the next start finishes or undoes. All agents of one place leave in one ACCEPT, at the latest when
 * the holding time of its offers ends; one that is not ready by then keeps its node and id and is placed again.
 */
export class Provisioner {
  readonly #context: Context
  readonly #preparer: Preparer
  readonly #jobs = new Set<Promise<void>>()

  constructor(context: Context) {
    this.#context = context
    this.#preparer = new Preparer(context)
  }

  /** Begins; the outcome shows in the world. */
  begin(actions: readonly (Provision | Replace)[]): void {
    this.#preparer.prune()
    for (const group of byPlace(actions)) {
      const job = this.#group(group.place, group.actions).finally(() => {
        this.#jobs.delete(job)
        this.#context.trigger('job')
      })
      this.#jobs.add(job)
    }
  }

  /** Resolves when everything that was begun has come to an end. */
  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs)
  }

  async #group(place: Place, actions: readonly (Provision | Replace)[]): Promise<void> {
    const { world, desk, clock } = this.#context
    const offers = desk.take(place.offers)
    if (offers.length < place.offers.length) {
      await desk.decline(offers.map(({ id }) => id))
      return // an offer was rescinded since: the next round sees
    }
    const deadline = Math.min(...offers.map(({ receivedAt }) => receivedAt)) + HOLD_MS - MARGIN_MS
    const agents = actions.map((action) => this.#record(action, place))
    for (const { agentId } of agents) {
      world.busy.add(agentId)
      world.ready.delete(agentId)
    }
    const cancel = clock.timer(deadline - clock.now(), () => {
      void desk.decline(place.offers) // whatever becomes of the store: its agents wait for other offers
    })
    try {
      await world.save()
    } catch {
      this.#undo(agents, actions) // the world has told why
      await desk.decline(place.offers)
      return
    } finally {
      cancel()
    }
    const ready = new Set<AgentId>()
    const preparations = actions.map(async (action, index) => {
      const record = agents[index]
      if (record === undefined || !(await this.#preparer.prepare(record, action.template))) return
      ready.add(record.agentId)
    })
    const inTime = Promise.all(preparations)
    const late = new AbortController()
    await Promise.race([inTime, clock.sleep(Math.max(0, deadline - clock.now()), late.signal).catch(() => undefined)])
    late.abort()
    const going = agents.filter(({ agentId, template }) => ready.has(agentId) && !isPaused(world.paused, template))
    await this.#accept(place, going)
    await inTime
    for (const { agentId } of agents) this.#settleLate(agentId, going)
  }

  /** The record that stands before anything is asked of Jenkins or Mesos. */
  #record(action: Provision | Replace, place: Place): AgentRecord {
    const { world, clock, chance, settings } = this.#context
    const now = clock.now()
    const where = {
      hostname: place.hostname,
      mesosAgentId: place.mesosAgentId,
      address: place.address,
      hostAttributes: place.hostAttributes,
      offerId: place.offers[0],
      jenkinsUrl: settings.agentUrl,
    }
    if (action.kind === 'place') {
      const before = world.get(action.agentId)
      if (before === undefined) throw new Error(`agent ${action.agentId} is to be placed and has no record`)
      const record = { ...before, ...where }
      world.put(record)
      return record
    }
    const { template, executors, resources, reason } = action
    const token = chance.token()
    const agentId = `mesos-${template.name}-${chance.letters(10)}` as AgentId
    const record: AgentRecord = {
      agentId,
      template: template.name,
      revision: template.revision,
      labels: template.labels,
      mode: template.mode,
      role: place.role,
      executors,
      resources,
      oneShot: template.oneShot,
      maxBuilds: template.maxBuilds,
      maxAgeMs: template.maxAgeMs,
      state: 'planned',
      since: now,
      createdAt: now,
      reason,
      reapReason: undefined,
      ...where,
      launchedAt: undefined,
      onlineAt: undefined,
      idleSince: undefined,
      tokenHash: hashToken(token),
      tokenUsedAt: undefined,
      taskState: undefined,
      taskEnded: false,
      nodeGone: false,
      buildsSeen: 0,
      killedAt: undefined,
    }
    this.#preparer.begin(agentId, template, token)
    world.memory = { ...world.memory, orders: begunFor(world.memory.orders, action.order, agentId) }
    world.put(record)
    return record
  }

  async #accept(place: Place, agents: readonly AgentRecord[]): Promise<void> {
    const { desk, mesos, world, log, report, clock } = this.#context
    const isWhole = place.offers.every((id) => desk.has(id))
    if (agents.length === 0 || !isWhole || !world.mesos.subscribed) {
      await desk.decline(place.offers)
      return
    }
    const held = desk.remove(place.offers)
    const launches = agents.flatMap(({ agentId }) => this.#preparer.launchOf(agentId) ?? [])
    try {
      await mesos.accept(held, launches, REST_REFUSE_SECONDS)
    } catch (error) {
      if (NOT_DONE.has(codeOf(error) ?? '')) {
        log.info({ hostname: place.hostname, err: error }, 'ACCEPT was not taken: its agents wait for another offer')
        return
      }
      // It may have arrived: the id is spent, and Mesos tells what became of it.
      log.warn({ hostname: place.hostname, err: error }, 'the answer to ACCEPT did not come: Mesos will tell')
    }
    report.offers('accepted', held.length)
    const now = clock.now()
    for (const { agentId, template } of agents) {
      const record = world.get(agentId)
      if (record === undefined) continue
      world.put(launched(record, now))
      world.memory = { ...world.memory, orders: launchedFor(world.memory.orders, agentId) }
      report.launch(template, 'launched')
      report.launched(record)
      report.offerWait(template, (now - record.createdAt) / 1000)
      log.info({ agentId, template, hostname: place.hostname, reason: record.reason }, 'agent launched')
    }
    await this.#saveLogged()
  }

  /** What was not launched is ready for the next offer, unless it failed. */
  #settleLate(agentId: AgentId, gone: readonly AgentRecord[]): void {
    const { world, log } = this.#context
    world.busy.delete(agentId)
    const record = world.get(agentId)
    if (record?.state !== 'planned') {
      this.#preparer.forget(agentId)
      return
    }
    world.ready.add(agentId)
    const isGone = gone.some((agent) => agent.agentId === agentId)
    const why = isPaused(world.paused, record.template) ? 'its template was paused' : 'it was not ready in time'
    const words = isGone ? 'its offer was gone' : why
    log.info({ agentId, template: record.template, why: words }, 'agent waits for another offer')
  }

  /** Nothing was asked of anybody yet: new records vanish, the others keep waiting. */
  #undo(agents: readonly AgentRecord[], actions: readonly (Provision | Replace)[]): void {
    const { world, report } = this.#context
    agents.forEach((record, index) => {
      world.busy.delete(record.agentId)
      if (actions[index]?.kind === 'place') {
        world.ready.add(record.agentId)
        return
      }
      world.put({ ...record, state: 'gone' })
      this.#preparer.forget(record.agentId)
      report.launch(record.template, 'store_failed')
    })
  }

  async #saveLogged(): Promise<void> {
    try {
      await this.#context.world.save()
    } catch (error) {
      this.#context.log.debug({ err: error }, 'will be stored with the next change')
    }
  }
}

function byPlace(
  actions: readonly (Provision | Replace)[],
): readonly { readonly place: Place; readonly actions: readonly (Provision | Replace)[] }[] {
  const groups = new Map<string, { place: Place; actions: (Provision | Replace)[] }>()
  for (const action of actions) {
    const key = action.place.offers.join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { place: action.place, actions: [action] })
    else group.actions.push(action)
  }
  return [...groups.values()]
}
