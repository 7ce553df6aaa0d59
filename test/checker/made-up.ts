import { Checker } from './checker.ts'
import type { JenkinsSide, SeenCaps, SeenPromises, SeenRecord } from './scene.ts'
import type { SchedulerCall, WireRequest } from './wire.ts'

type Snapshot = ReturnType<ReturnType<ConstructorParameters<typeof Checker>[0]['mesos']>['snapshot']>

/** A world made of plain values, in which a test makes happen what must never happen. */
export class MadeUpWorld {
  now = 0
  calm = true
  nodes: { name: string; description: string | null }[] = []
  builds: { number: number; node: string; result: string | null }[] = []
  queue: { stage: string }[] = []
  tasks: Snapshot['tasks'][number][] = []
  offers: Snapshot['offers'][number][] = []
  suppressed: string[] = ['*']
  readonly stored = new Map<string, object>()
  readonly checker: Checker

  constructor(caps: Partial<SeenCaps> = {}, promises: Partial<SeenPromises> = {}) {
    const world = (): MadeUpWorld => this
    const jenkins: JenkinsSide = {
      phase: 'ready',
      get nodes() {
        return world().nodes
      },
      get jobs() {
        return [{ name: 'job', builds: world().builds }]
      },
      get queue() {
        return world().queue
      },
    }
    this.checker = new Checker({
      now: () => this.now,
      calm: () => this.calm,
      mesos: () => ({ snapshot: () => this.#snapshot() }),
      jenkins,
      stored: () => this.stored,
      caps: { agents: new Map([['linux', 1]]), inAll: [], ofTemplates: [], warm: 0, ...caps },
      promises: {
        wall: () => this.now,
        templates: new Map(),
        attributesOf: () => ({}),
        launchRate: { burst: 10, perSecond: 2 },
        ...promises,
      },
    })
  }

  get violations(): readonly string[] {
    return this.checker.violations.map(({ invariant, words }) => `${invariant}: ${words}`)
  }

  /** An agent with its record, its node and its task, as if it had been provisioned in order. */
  agent(name: string, over: Partial<SeenRecord> = {}): this {
    this.record(name, over)
    this.node(name)
    this.task(name)
    return this
  }

  record(name: string, over: Partial<SeenRecord> = {}): this {
    const record = { agentId: name, state: 'online', taskState: 'TASK_RUNNING', taskEnded: false, resources: {} }
    this.stored.set(`agent/${name}`, { ...record, ...over })
    this.checker.committed('sidecar-1')
    return this
  }

  node(name: string): this {
    this.nodes.push({ name, description: `Mesos agent agentId=${name} template=linux` })
    return this
  }

  task(name: string, state = 'TASK_RUNNING'): this {
    this.tasks.push({ frameworkId: 'F', taskId: name, hostname: 'host-1', state })
    return this
  }

  build(node: string, result: string | null = null): this {
    this.builds.push({ number: this.builds.length + 1, node, result })
    return this
  }

  pass(ms: number): this {
    this.checker.look()
    this.now += ms
    this.checker.look()
    return this
  }

  call(call: SchedulerCall, over: Partial<WireRequest> = {}): this {
    return this.ask({ action: call.type, path: '/api/v1/scheduler', call, ...over })
  }

  ask(over: Partial<WireRequest> & { readonly action: string }): this {
    const request = { who: 'sidecar-1', again: false, method: 'POST', path: '/', node: undefined, call: undefined }
    this.checker.request({ ...request, sentAt: this.now, ...over })
    return this
  }

  tell(task: string, state: string, uuid?: string): this {
    const status = { task_id: { value: task }, state, ...(uuid !== undefined && { uuid }) }
    this.checker.told({ who: 'sidecar-1', type: 'UPDATE', update: { status } })
    return this
  }

  /** It is out, and told. */
  offer(id: string): this {
    this.offers.push({ id, frameworkId: 'F', hostname: 'host-1' })
    this.checker.told({ who: 'sidecar-1', type: 'OFFERS', offers: { offers: [{ id: { value: id } }] } })
    return this
  }

  #snapshot(): Snapshot {
    return {
      frameworks: [
        {
          id: 'F',
          name: 'jenkins',
          connected: true,
          roles: ['*'],
          suppressedRoles: this.suppressed,
          outstandingOffers: this.offers.length,
        },
      ],
      offers: this.offers,
      tasks: this.tasks,
      hosts: [{ hostname: 'host-1', mesosAgentId: 'S1', attributes: {}, connected: true, unreachable: false }],
    }
  }
}

export function launch(name: string, cpus = 0.5): SchedulerCall {
  const task = { task_id: { value: name }, resources: [{ name: 'cpus', scalar: { value: cpus } }] }
  return { type: 'ACCEPT', accept: { offer_ids: [], operations: [{ launch: { task_infos: [task] } }] } }
}
