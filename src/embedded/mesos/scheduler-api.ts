import type { HttpRequest, HttpResponse } from '../http.ts'
import { accept, decline } from './accept.ts'
import type { Allocator } from './allocator.ts'
import type { Answers } from './answers.ts'
import { acceptsJson, readCall } from './call-check.ts'
import type { CallType } from './call-schema.ts'
import type { Cluster } from './cluster.ts'
import type { Draining } from './draining.ts'
import type { Framework } from './framework.ts'
import { roleError } from './framework-info.ts'
import type { Maintenance } from './maintenance.ts'
import type { ReceivedCall } from './received.ts'
import type { Subscriptions } from './subscriptions.ts'
import { acknowledge, kill, reconcile } from './tasks.ts'

/** A call as it came, for tests and the demo to look at. */
export interface LoggedCall {
  readonly at: number
  readonly type: CallType
  readonly frameworkId: string | undefined
  readonly call: ReceivedCall
  readonly status: number
}

export interface SchedulerParts {
  readonly cluster: Cluster
  readonly allocator: Allocator
  readonly subscriptions: Subscriptions
  readonly maintenance: Maintenance
  readonly draining: Draining
  readonly answers: Answers
  /** Where calls are written down; masters of one cluster share it. */
  readonly log?: LoggedCall[] | undefined
}

const MOST_LOGGED = 1_000

/** `POST /api/v1/scheduler` of the leading master: the checks in Mesos' order, then the call. */
export class SchedulerApi {
  readonly #cluster: Cluster
  readonly #allocator: Allocator
  readonly #subscriptions: Subscriptions
  readonly #maintenance: Maintenance
  readonly #draining: Draining
  readonly #answers: Answers
  readonly #calls: LoggedCall[]
  #lostAcks = 0

  constructor(parts: SchedulerParts) {
    this.#cluster = parts.cluster
    this.#allocator = parts.allocator
    this.#subscriptions = parts.subscriptions
    this.#maintenance = parts.maintenance
    this.#draining = parts.draining
    this.#answers = parts.answers
    this.#calls = parts.log ?? []
  }

  /** The last calls, oldest first. */
  get calls(): readonly LoggedCall[] {
    return this.#calls
  }

  /** The next ACKNOWLEDGE is answered and forgotten. */
  loseNextAck(): void {
    this.#lostAcks += 1
  }

  /** `principal` is who authenticated, where that is asked for. */
  handle(request: HttpRequest, principal?: string): HttpResponse {
    if (request.method !== 'POST') return this.#answers.methodNotAllowed(request.method, 'POST')
    const read = readCall(request)
    if ('status' in read) return this.#answers.text(read.status, read.text)
    const call = read.value
    const response =
      call.type === 'SUBSCRIBE' ? this.#subscribe(request, call, principal) : this.#call(request, call, principal)
    this.#calls.push({
      at: this.#cluster.clock.now(),
      type: call.type,
      frameworkId: call.framework_id?.value,
      call,
      status: response.status,
    })
    if (this.#calls.length > MOST_LOGGED) this.#calls.shift()
    return response
  }

  #subscribe(request: HttpRequest, { subscribe }: ReceivedCall, principal: string | undefined): HttpResponse {
    const mismatch = otherPrincipal(principal, subscribe?.framework_info.principal)
    if (mismatch !== undefined) {
      return this.#answers.text(400, `Failed to validate scheduler::Call: ${mismatch}`)
    }
    if (!acceptsJson(request.headers['accept'])) {
      return this.#answers.text(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'")
    }
    if (request.headers['mesos-stream-id'] !== undefined) {
      return this.#answers.text(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header")
    }
    if (subscribe === undefined) throw new Error('a SUBSCRIBE without its body passed the checks')
    const { framework_info } = subscribe
    const filled =
      principal === undefined ? subscribe : { ...subscribe, framework_info: { ...framework_info, principal } }
    const { stream, id } = this.#subscriptions.subscribe(filled, request.signal)
    return {
      status: 200,
      reason: 'OK',
      headers: [
        this.#answers.date(),
        ['Transfer-Encoding', 'chunked'],
        ['Mesos-Stream-Id', id],
        ['Content-Type', 'application/json'],
      ],
      body: stream,
    }
  }

  #call(
    request: HttpRequest,
    call: ReceivedCall & { readonly type: CallType },
    principal: string | undefined,
  ): HttpResponse {
    const id = call.framework_id?.value ?? ''
    const framework = this.#cluster.frameworks.get(id)
    if (framework === undefined) return this.#answers.text(400, 'Framework cannot be found')
    const mismatch = otherPrincipal(principal, framework.info.principal)
    if (mismatch !== undefined) return this.#answers.text(400, mismatch)
    if (!framework.connected) return this.#answers.text(403, 'Framework is not subscribed')
    const streamId = request.headers['mesos-stream-id']
    if (streamId === undefined) {
      return this.#answers.text(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header")
    }
    if (streamId !== framework.streamId) {
      return this.#answers.text(
        400,
        `The stream ID '${streamId}' included in this request didn't match the stream ID currently associated with framework ID ${id}`,
      )
    }
    framework.count(`calls/${call.type.toLowerCase()}`)
    return this.#perform(framework, call, principal) ?? this.#answers.empty(202)
  }

  #perform(
    framework: Framework,
    call: ReceivedCall & { readonly type: CallType },
    principal: string | undefined,
  ): HttpResponse | undefined {
    const cluster = this.#cluster
    switch (call.type) {
      case 'TEARDOWN':
        this.#subscriptions.remove(framework)
        return undefined
      case 'ACCEPT':
        accept(cluster, this.#allocator, framework, call.accept ?? {})
        return undefined
      case 'DECLINE':
        decline(cluster, this.#allocator, framework, call.decline ?? {})
        return undefined
      case 'REVIVE':
        this.#revive(framework, call.revive?.roles ?? [])
        return undefined
      case 'SUPPRESS':
        for (const role of askedRoles(framework, call.suppress?.roles ?? [])) framework.suppressed.add(role)
        return undefined
      case 'KILL':
        if (call.kill !== undefined) kill(cluster, framework, call.kill)
        return undefined
      case 'ACKNOWLEDGE':
        if (this.#lostAcks > 0) this.#lostAcks -= 1
        else if (call.acknowledge !== undefined) this.#acknowledge(framework, call.acknowledge)
        return undefined
      case 'RECONCILE':
        reconcile(cluster, framework, call.reconcile?.tasks ?? [])
        return undefined
      case 'UPDATE_FRAMEWORK':
        return this.#update(framework, call.update_framework, principal)
      case 'ACCEPT_INVERSE_OFFERS':
        this.#answerInverse(framework, call.accept_inverse_offers)
        return undefined
      case 'DECLINE_INVERSE_OFFERS':
        this.#answerInverse(framework, call.decline_inverse_offers)
        return undefined
      // A real allocator takes no requests either, and there are no operations with feedback.
      case 'REQUEST':
      case 'ACKNOWLEDGE_OPERATION_STATUS':
        return undefined
      // UNKNOWN would abort a real master.
      case 'UNKNOWN':
      case 'SUBSCRIBE':
      case 'SHUTDOWN':
      case 'MESSAGE':
      case 'RECONCILE_OPERATIONS':
        return this.#answers.text(501, `The embedded Mesos does not know ${call.type} calls`)
    }
  }

  #acknowledge(framework: Framework, call: NonNullable<ReceivedCall['acknowledge']>): void {
    acknowledge(this.#cluster, framework, call)
    const record = this.#cluster.hosts.get(call.agent_id.value)
    if (record !== undefined) this.#draining.check(record)
  }

  #answerInverse(framework: Framework, answer: ReceivedCall['accept_inverse_offers']): void {
    const ids = (answer?.inverse_offer_ids ?? []).map(({ value }) => value)
    this.#maintenance.answer(framework, ids, answer?.filters?.refuse_seconds)
  }

  #update(
    framework: Framework,
    update: ReceivedCall['update_framework'],
    authenticated: string | undefined,
  ): HttpResponse {
    if (update === undefined) throw new Error('an UPDATE_FRAMEWORK without its body passed the checks')
    const { framework_info } = update
    // What the master filled in at the subscription it fills in again.
    const principal = framework_info.principal ?? (authenticated === undefined ? undefined : framework.info.principal)
    const filled = principal === undefined ? update : { ...update, framework_info: { ...framework_info, principal } }
    const wrong = this.#subscriptions.update(framework, filled)
    return wrong === undefined ? this.#answers.empty(200) : this.#answers.text(400, wrong)
  }

  #revive(framework: Framework, roles: readonly string[]): void {
    const asked = askedRoles(framework, roles)
    if (asked.length === 0) return
    for (const role of asked) framework.suppressed.delete(role)
    this.#allocator.clearFilters(framework, asked)
    this.#allocator.allocate()
  }
}

function otherPrincipal(authenticated: string | undefined, own: string | undefined): string | undefined {
  if (authenticated === undefined || own === undefined || authenticated === own) return undefined
  return `Authenticated principal '${authenticated}' does not match principal '${own}' set in \`FrameworkInfo\``
}

/** None means all; one that is not subscribed to or no role at all voids the whole call. */
function askedRoles(framework: Framework, roles: readonly string[]): readonly string[] {
  if (roles.length === 0) return framework.roles
  return roles.some((role) => roleError(role) !== undefined || !framework.roles.includes(role)) ? [] : roles
}
