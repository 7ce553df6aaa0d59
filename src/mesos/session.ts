import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { AgentId, FrameworkId, MesosAgentId, OfferId } from '../core/model.ts'
import { never } from '../core/never.ts'
import { show } from '../core/resources.ts'
import { fixedPorts } from '../core/template.ts'
import type { MesosEvent, MesosPort, TaskLaunch, TaskRef, TaskStatus } from '../loop/ports.ts'
import { type Authorizer, none } from './auth/authorizer.ts'
import type { CallQueue, OrderedCall } from './calls.ts'
import type { MasterDetector } from './detector/detector.ts'
import { MesosError } from './errors.ts'
import { toTaskStatus } from './events.ts'
import { type Framework, type Terms, toFrameworkInfo, type Wants } from './framework-info.ts'
import { type Dispatch, ownConnection } from './http.ts'
import { type LiveEvent, MasterLink } from './master-link.ts'
import { OfferBook, roleOf, toInverseOffers, toOffer } from './offers.ts'
import type { WireOffer, WireTaskInfo, WireTaskRef } from './protocol.ts'
import { RoleSwitch } from './role-switch.ts'
import { ResourcePool } from './take-resources.ts'
import { toTaskInfo } from './task-info.ts'
import { toTerms } from './terms.ts'
import { TermsSwitch } from './terms-switch.ts'

export interface MesosSessionOptions {
  readonly framework: Framework
  readonly detector: MasterDetector
  readonly authorize?: Authorizer
  readonly clock: Clock
  /** 0 up to 1, for the back-off. */
  readonly random: () => number
  readonly log: Log
  /** What templates call for now; asked at each subscription and each `want` [neither]. */
  readonly capabilities?: () => Wants
  /** Called for each connection, which the session destroys again. */
  readonly dispatcher?: Dispatch
}

/** This program as a framework of Mesos: finds the leading master, stays subscribed, sends calls, tells events. */
export class MesosSession implements MesosPort {
  readonly #options: MesosSessionOptions
  readonly #link: MasterLink
  readonly #offers = new OfferBook()
  readonly #roles: RoleSwitch
  readonly #terms: TermsSwitch
  #frameworkId: FrameworkId | undefined
  #onEvent: ((event: MesosEvent) => void) | undefined
  /** The calls of the subscription, as long as there is one. */
  #live: CallQueue | undefined
  #running: Promise<void> | undefined

  constructor(options: MesosSessionOptions) {
    this.#options = options
    const { clock, log } = options
    this.#roles = new RoleSwitch({
      roles: options.framework.roles,
      clock,
      log,
      send: (make) => this.#send(make),
      onQuiet: () => {
        this.#terms.look()
      },
    })
    const { roles } = options.framework
    const wanted = (): Terms => toTerms(options.capabilities?.() ?? { gpus: false, regions: false }, roles)
    this.#terms = new TermsSwitch({ wanted, clock, log, update: (terms) => this.#updateFramework(terms) })
    this.#link = new MasterLink({
      ...options,
      authorize: options.authorize ?? none,
      dispatcher: options.dispatcher ?? ownConnection(),
      say: () => ({ suppressed: this.#roles.suppressed, terms: this.#terms.terms }),
      onLive: (calls) => {
        this.#live = calls
      },
      onTold: (said, version) => {
        this.#roles.subscribed(said.suppressed)
        this.#terms.subscribed(said.terms, version)
      },
      onRefused: (said, why) => this.#terms.subscribeRefused(said.terms, why),
      onEvent: (event) => {
        this.#receive(event)
      },
      onOver: () => {
        this.#live = undefined
        this.#offers.clear()
        this.#roles.disconnected()
        this.#terms.disconnected()
      },
      tell: (event) => {
        if (event.kind === 'subscribed') this.#frameworkId = event.frameworkId
        this.#tell(event)
      },
    })
  }

  start(frameworkId: FrameworkId | undefined, onEvent: (event: MesosEvent) => void): void {
    if (this.#running !== undefined) throw new Error('this session was started before; make another one')
    this.#onEvent = onEvent
    this.#running = this.#link.run(frameworkId)
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined
    this.#link.stop('the session was stopped')
    await this.#running
    await this.#options.detector.close()
  }

  takeOver(): boolean {
    return this.#link.takeOver()
  }

  want(roles: ReadonlySet<string>, again?: ReadonlySet<string>): void {
    this.#roles.want(roles, again)
    this.#terms.check()
  }

  /**
   * @throws MesosError MESOS_OFFER_GONE or MESOS_SUBSCRIPTION_LOST: the launch did not happen. After MESOS_UNREACHABLE
   *   it may have.
   */
  accept(offers: readonly OfferId[], launches: readonly TaskLaunch[], refuseSeconds: number): Promise<void> {
    const { user } = this.#options.framework
    return this.#answer(
      () => this.#offers.takeAll(offers),
      (taken) => ({
        type: 'ACCEPT',
        accept: {
          offer_ids: taken.map(({ id }) => id),
          operations: [{ type: 'LAUNCH', launch: { task_infos: toTaskInfos(taken, launches, user) } }],
          filters: { refuse_seconds: refuseSeconds },
        },
      }),
    )
  }

  /** Offers that are gone are left out; where none is left nothing is sent. */
  async decline(offers: readonly OfferId[], refuseSeconds: number): Promise<void> {
    await this.#answer(
      () => this.#offers.takePresent(offers),
      (taken) => {
        if (taken.length === 0) return undefined
        const offerIds = taken.map(({ id }) => id)
        return { type: 'DECLINE', decline: { offer_ids: offerIds, filters: { refuse_seconds: refuseSeconds } } }
      },
    )
  }

  async acceptInverseOffers(offers: readonly OfferId[], refuseSeconds: number): Promise<void> {
    if (offers.length === 0) return
    await this.#send(() => ({
      type: 'ACCEPT_INVERSE_OFFERS',
      accept_inverse_offers: {
        inverse_offer_ids: offers.map((value) => ({ value })),
        filters: { refuse_seconds: refuseSeconds },
      },
    }))
  }

  kill(taskId: AgentId, mesosAgentId: MesosAgentId | undefined): Promise<void> {
    return this.#send(() => ({ type: 'KILL', kill: toTaskRef({ taskId, mesosAgentId }) }))
  }

  /** A status without a uuid was made by the master and must not be acknowledged: nothing is sent. */
  async acknowledge(status: TaskStatus): Promise<void> {
    const { uuid, mesosAgentId, taskId } = status
    if (uuid === undefined || mesosAgentId === undefined) return
    const acknowledge = { agent_id: { value: mesosAgentId }, task_id: { value: taskId }, uuid }
    await this.#send(() => ({ type: 'ACKNOWLEDGE', acknowledge }))
  }

  reconcile(tasks: readonly TaskRef[]): Promise<void> {
    return this.#send(() => ({
      type: 'RECONCILE',
      reconcile: tasks.length === 0 ? {} : { tasks: tasks.map(toTaskRef) },
    }))
  }

  /** Nothing is subscribed again afterwards; `stop` is still to be called. */
  async teardown(): Promise<void> {
    await this.#send(() => ({ type: 'TEARDOWN' }))
    this.#link.stop('the framework was torn down')
  }

  async #updateFramework(terms: Terms): Promise<void> {
    let suppressed: readonly string[] = []
    await this.#send(() => {
      // It replaces what the master knows of suppressed roles and of constraints.
      suppressed = this.#roles.toldSuppressed
      const info = toFrameworkInfo(this.#options.framework, this.#frameworkId, terms)
      return {
        type: 'UPDATE_FRAMEWORK',
        update_framework: {
          framework_info: info,
          suppressed_roles: suppressed,
          ...(terms.constraints !== undefined && { offer_constraints: terms.constraints }),
        },
      }
    })
    this.#roles.told(suppressed)
  }

  async #send(make: () => OrderedCall | undefined): Promise<void> {
    const live = this.#live
    if (live === undefined) throw new MesosError('MESOS_SUBSCRIPTION_LOST', 'not subscribed at a Mesos master')
    await live.send(make)
  }

  /** Offers are taken when the call's turn has come, and are there again if the master did not take the call. */
  async #answer(
    take: () => readonly WireOffer[],
    make: (taken: readonly WireOffer[]) => OrderedCall | undefined,
  ): Promise<void> {
    const live = this.#live
    let taken: readonly WireOffer[] = []
    try {
      await this.#send(() => {
        taken = take()
        return make(taken)
      })
    } catch (error) {
      if (live !== undefined && live === this.#live) this.#offers.add(taken)
      throw error
    }
  }

  #receive(event: LiveEvent): void {
    switch (event.type) {
      case 'OFFERS': {
        const { offers } = event.offers
        this.#offers.add(offers)
        for (const role of new Set(offers.map(roleOf))) this.#roles.sawOffer(role)
        const now = this.#options.clock.now()
        this.#tell({ kind: 'offers', offers: offers.map((offer) => toOffer(offer, now)) })
        return
      }
      case 'RESCIND': {
        const offerId = event.rescind.offer_id.value as OfferId
        this.#offers.remove(offerId)
        this.#tell({ kind: 'rescind', offerId })
        return
      }
      case 'INVERSE_OFFERS':
        this.#tell({ kind: 'inverseOffers', offers: toInverseOffers(event.inverse_offers.inverse_offers ?? []) })
        return
      case 'RESCIND_INVERSE_OFFER':
        this.#tell({ kind: 'inverseRescind', offerId: event.rescind_inverse_offer.inverse_offer_id.value as OfferId })
        return
      case 'UPDATE':
        this.#tell({ kind: 'status', status: toTaskStatus(event.update.status) })
        return
      case 'FAILURE':
        // With an executor id it is about that executor alone.
        if (event.failure.agent_id !== undefined && event.failure.executor_id === undefined) {
          this.#tell({ kind: 'hostLost', mesosAgentId: event.failure.agent_id.value as MesosAgentId })
        }
        return
      default:
        never(event)
    }
  }

  #tell(event: MesosEvent): void {
    try {
      this.#onEvent?.(event)
    } catch (error) {
      // A listener's mistake is no reason to lose the subscription.
      this.#options.log.error({ kind: event.kind, why: messageOf(error) }, 'an event was not taken')
    }
  }
}

function toTaskRef(task: TaskRef): WireTaskRef {
  const { taskId, mesosAgentId } = task
  return { task_id: { value: taskId }, ...(mesosAgentId !== undefined && { agent_id: { value: mesosAgentId } }) }
}

/** @throws MesosError MESOS_REFUSED where offers do not belong together or do not hold what is asked for */
function toTaskInfos(
  offers: readonly WireOffer[],
  launches: readonly TaskLaunch[],
  user: string,
): readonly WireTaskInfo[] {
  const [first, ...others] = offers
  if (first === undefined || others.some((offer) => !alike(first, offer))) {
    throw new MesosError(
      'MESOS_REFUSED',
      'ACCEPT of offers of several hosts or roles: take them one host and role at a time',
    )
  }
  const pool = new ResourcePool(
    offers,
    launches.flatMap(({ template }) => fixedPorts(template)),
  )
  return launches.map((launch) => {
    const resources = pool.take(launch.resources, fixedPorts(launch.template))
    if (resources !== undefined) return toTaskInfo(launch, first.agent_id.value, resources, user)
    const asked = `${launch.agentId} asks for ${show(launch.resources)}`
    throw new MesosError('MESOS_REFUSED', `${asked}: more than the offers of ${first.hostname} still hold`)
  })
}

function alike(a: WireOffer, b: WireOffer): boolean {
  return a.agent_id.value === b.agent_id.value && roleOf(a) === roleOf(b)
}
