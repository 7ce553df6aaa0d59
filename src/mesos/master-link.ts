import type { Cancel, Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { FrameworkId } from '../core/model.ts'
import { never } from '../core/never.ts'
import type { MesosEvent } from '../loop/ports.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { CallQueue } from './calls.ts'
import { type Deadline, deadline } from './deadline.ts'
import type { MasterDetector } from './detector/detector.ts'
import { BACKOFF_MAX_MS, backoffMs, type End, StreamError, sortEnd } from './ends.ts'
import { MesosError } from './errors.ts'
import type { OtherEvent } from './events.ts'
import { type Framework, type Terms, toFrameworkInfo } from './framework-info.ts'
import type { Dispatch } from './http.ts'
import { toDomain } from './offers.ts'
import type { Call, Event } from './protocol.ts'
import { StandBack } from './stand-back.ts'
import { runSubscription } from './subscription.ts'

/** A subscription that lasted this long was a good one: the next attempt begins without back-off. */
const GOOD_MS = 60_000

export type LiveEvent = Exclude<Event, { readonly type: 'ERROR' | 'HEARTBEAT' | 'SUBSCRIBED' }>

export interface MasterLinkOptions {
  readonly framework: Framework
  readonly detector: MasterDetector
  readonly authorize: Authorizer
  readonly clock: Clock
  /** 0 up to 1, for the back-off. */
  readonly random: () => number
  readonly log: Log
  readonly dispatcher: Dispatch
  /** For the next SUBSCRIBE. */
  readonly say: () => Said
  /** Subscribed, with these roles suppressed; `subscribed` was not told yet. */
  readonly onLive: (calls: CallQueue) => void
  /** What came on the running subscription. */
  readonly onEvent: (event: LiveEvent) => void
  /** The subscription is over, and what belongs to it void; the reason is told next. */
  readonly onOver: () => void
  readonly tell: (event: MesosEvent) => void
  /** Subscribed and told: the time to bring the master up to date. */
  readonly onTold: (said: Said, version: string | undefined) => void
  /** @returns whether the next SUBSCRIBE says something else, which may be taken */
  readonly onRefused: (said: Said, why: string) => boolean
}

/** What a SUBSCRIBE says that may be another thing by now. */
export interface Said {
  readonly suppressed: readonly string[]
  readonly terms: Terms
}

const NOTHING_SAID: Said = {
  suppressed: [],
  terms: { capabilities: [], filters: undefined, constraints: undefined },
}

interface Subscription {
  /** Ends it. */
  readonly over: Deadline
  origin: string
  streamId: string
  said: Said
  calls: CallQueue | undefined
  readonly cleanUp: Cancel[]
}

/** Stays subscribed at whichever master leads, one subscription after the other, until it is stopped. */
export class MasterLink {
  readonly #options: MasterLinkOptions
  readonly #stopped = new AbortController()
  readonly #ignored = new Set<string>()
  #frameworkId: FrameworkId | undefined
  /** Failures since the last good subscription. */
  #attempt = 0
  readonly #standBack: StandBack
  /** The last refusal that was told: said again only when it changes. */
  #refusal: string | undefined

  constructor(options: MasterLinkOptions) {
    this.#options = options
    this.#standBack = new StandBack(options.clock, options.random)
  }

  /** Resolves after `stop`. */
  async run(frameworkId: FrameworkId | undefined): Promise<void> {
    this.#frameworkId = frameworkId
    while (!this.#isStopped()) {
      const { origin, end } = await this.#subscribeOnce()
      if (!this.#isStopped()) await this.#pause(origin, end)
    }
  }

  stop(why: string): void {
    this.#stopped.abort(new MesosError('MESOS_SUBSCRIPTION_LOST', why))
  }

  /** Ends the waiting after `failedOver`. @returns whether there was any */
  takeOver(): boolean {
    return this.#standBack.takeOver()
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted
  }

  /** Waits as long as this end calls for, and no longer than until another master is known to lead. */
  async #pause(origin: string, end: End): Promise<void> {
    const { clock, detector, random } = this.#options
    if (end.kind === 'redirected' || end.kind === 'removed') return
    if (end.kind === 'failedOver') {
      await this.#standBack.wait(this.#stopped.signal)
      return
    }
    const ms = end.kind === 'refused' ? BACKOFF_MAX_MS : backoffMs(this.#attempt++, random)
    const enough = deadline(clock, this.#stopped.signal)
    const cancel = detector.watch(origin, (why) => {
      this.#attempt = 0 // it was another one that failed
      enough.abort(new MesosError('MESOS_NOT_LEADING', why))
    })
    // Rejects when stopped, which the loop sees, or when there is somebody else to ask.
    await clock.sleep(ms, enough.signal).catch(() => undefined)
    cancel()
    enough.disarm()
  }

  async #subscribeOnce(): Promise<{ readonly origin: string; readonly end: End }> {
    const { detector, clock } = this.#options
    const over = deadline(clock, this.#stopped.signal)
    const subscription: Subscription = {
      over,
      origin: '',
      streamId: '',
      said: NOTHING_SAID,
      calls: undefined,
      cleanUp: [],
    }
    try {
      subscription.origin = await detector.find(over.signal)
      return await this.#subscribe(subscription)
    } catch (error) {
      const subscribed = subscription.calls !== undefined
      await this.#leave(subscription)
      const { origin } = subscription
      const end = sortEnd(error, subscribed)
      return { origin, end: this.#isStopped() ? end : this.#settle(subscription, subscribed, end) }
    } finally {
      over.disarm()
    }
  }

  #subscribe(subscription: Subscription): Promise<never> {
    const { authorize, clock, dispatcher, framework, say } = this.#options
    const id = this.#frameworkId
    const said = say()
    subscription.said = said
    const subscribe: Call = {
      type: 'SUBSCRIBE',
      ...(id !== undefined && { framework_id: { value: id } }),
      subscribe: {
        framework_info: toFrameworkInfo(framework, id, said.terms),
        suppressed_roles: said.suppressed,
        ...(said.terms.constraints !== undefined && { offer_constraints: said.terms.constraints }),
      },
    }
    return runSubscription({
      origin: subscription.origin,
      subscribe,
      dispatcher,
      authorize,
      clock,
      signal: subscription.over.signal,
      onOpen: (streamId) => {
        subscription.streamId = streamId
      },
      onEvent: (event) => {
        this.#receive(subscription, event)
      },
    })
  }

  #receive(subscription: Subscription, event: Event | OtherEvent): void {
    if (event.type === 'ERROR') throw new StreamError(event.error.message)
    // Some masters send one before SUBSCRIBED.
    if (event.type === 'HEARTBEAT') return
    if (event.type === 'OTHER') {
      this.#ignore(event.name)
    } else if (event.type === 'SUBSCRIBED') {
      this.#begin(subscription, event.subscribed)
    } else if (subscription.calls === undefined) {
      throw new MesosError('MESOS_MALFORMED', `event stream: ${event.type} before SUBSCRIBED`)
    } else {
      this.#options.onEvent(event)
    }
  }

  #begin(subscription: Subscription, subscribed: Extract<Event, { type: 'SUBSCRIBED' }>['subscribed']): void {
    if (subscription.calls !== undefined) throw new MesosError('MESOS_MALFORMED', 'event stream: SUBSCRIBED twice')
    const { authorize, clock, detector, dispatcher, log, onLive, onTold, tell } = this.#options
    const { origin, streamId, over } = subscription
    const frameworkId = subscribed.framework_id.value as FrameworkId
    const calls = new CallQueue({ origin, streamId, frameworkId, dispatcher, authorize, clock, onLost: over.abort })
    subscription.calls = calls
    this.#frameworkId = frameworkId
    this.#refusal = undefined
    this.#standBack.subscribed()
    detector.leads(origin)
    subscription.cleanUp.push(
      detector.watch(origin, (why) => {
        over.abort(new MesosError('MESOS_NOT_LEADING', why))
      }),
      clock.timer(GOOD_MS, () => {
        this.#attempt = 0
      }),
    )
    onLive(calls)
    log.debug({ frameworkId, master: origin }, 'subscribed at the Mesos master')
    const version = subscribed.master_info?.version
    const home = toDomain(subscribed.master_info?.domain)
    tell({ kind: 'subscribed', frameworkId, master: origin, version: version ?? 'unknown', home })
    onTold(subscription.said, version)
  }

  async #leave(subscription: Subscription): Promise<void> {
    for (const cancel of subscription.cleanUp) cancel()
    if (subscription.calls === undefined) return
    this.#options.onOver()
    await subscription.calls.end()
  }

  /** Tells the end to the session and the detector; whoever listens to the session tells people, once a change. */
  #settle({ origin, said }: Subscription, subscribed: boolean, end: End): End {
    const { log, onRefused, tell } = this.#options
    const { why } = end
    if (end.kind === 'refused' && onRefused(said, why)) return { kind: 'lost', why }
    if (subscribed) tell({ kind: 'disconnected', why })
    switch (end.kind) {
      case 'redirected':
        return this.#follow(origin, end.leader, why)
      case 'lost':
        if (!subscribed && origin !== '') this.#options.detector.failed(origin)
        if (!subscribed) tell({ kind: 'disconnected', why })
        if (subscribed) log.debug({ master: origin, why }, 'subscription lost')
        else log.debug({ master: origin, why }, 'not subscribed yet')
        return end
      case 'removed':
        if (this.#frameworkId === undefined) return this.#refuse(origin, why)
        log.debug({ frameworkId: this.#frameworkId, why }, 'Mesos removed this framework and its tasks')
        this.#frameworkId = undefined
        tell({ kind: 'removed', why })
        return end
      case 'failedOver':
        log.debug({ frameworkId: this.#frameworkId }, 'another instance took over this framework')
        tell({ kind: 'failedOver', retryAt: this.#standBack.begin() })
        return end
      case 'refused':
        return this.#refuse(origin, why)
      default:
        return never(end)
    }
  }

  #follow(origin: string, leader: string, why: string): End {
    const { detector, log } = this.#options
    if (detector.redirected(origin, leader)) return { kind: 'redirected', leader, why }
    log.warn({ master: origin, why }, 'the masters do not agree on a leader')
    return { kind: 'lost', why }
  }

  #refuse(origin: string, why: string): End {
    const { log, tell } = this.#options
    if (why !== this.#refusal) {
      this.#refusal = why
      log.debug({ master: origin, why }, 'Mesos refuses this framework')
      tell({ kind: 'refused', why })
    }
    return { kind: 'refused', why }
  }

  #ignore(type: string): void {
    if (this.#ignored.has(type)) return
    this.#ignored.add(type)
    this.#options.log.debug({ type }, 'events of this type are ignored')
  }
}
