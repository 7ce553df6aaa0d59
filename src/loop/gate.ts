import type { JenkinsPort, MesosPort, StorePort } from './ports.ts'

/** Lets calls pass that change something, as long as this instance may make them. */
export interface Gate {
  readonly isOpen: () => boolean
  /** Aborted when it is closed for good: calls under way need not be waited for. */
  readonly closed: AbortSignal
}

/** `NOT_LEADING`: nothing was sent, and another instance may be acting. */
export class NotLeadingError extends Error {
  override readonly name = 'NotLeadingError'
  readonly code = 'NOT_LEADING'

  constructor(what: string) {
    super(`${what} was not done: this instance does not lead`)
  }
}

/** @throws NotLeadingError where it is closed */
export function pass(gate: Gate, what: string): void {
  if (!gate.isOpen()) throw new NotLeadingError(what)
}

/** Jenkins for one leadership: looking is always allowed. */
export function gatedJenkins(jenkins: JenkinsPort, gate: Gate): JenkinsPort {
  const through = <T>(what: string, call: () => Promise<T>): Promise<T> => guarded(gate, what, call)
  const { closed } = gate
  return {
    read: (signal = closed) => jenkins.read(signal),
    identity: (signal = closed) => jenkins.identity(signal),
    readNode: (name, signal = closed) => jenkins.readNode(name, signal),
    createNode: (node, signal = closed) => through(`making ${node.name}`, () => jenkins.createNode(node, signal)),
    agentSecret: (name, connection, signal = closed) =>
      through(`asking for the secret of ${name}`, () => jenkins.agentSecret(name, connection, signal)),
    setOffline: (name, reason, signal = closed) =>
      through(`taking ${name} offline`, () => jenkins.setOffline(name, reason, signal)),
    setOnline: (name, marker, signal = closed) =>
      through(`bringing ${name} online`, () => jenkins.setOnline(name, marker, signal)),
    deleteNode: (name, signal = closed) => through(`removing ${name}`, () => jenkins.deleteNode(name, signal)),
    close: () => jenkins.close(),
  }
}

/** Mesos for one leadership. */
export function gatedMesos(mesos: MesosPort, gate: Gate): MesosPort {
  const through = (what: string, call: () => Promise<void>): Promise<void> => guarded(gate, what, call)
  return {
    start: (frameworkId, onEvent) => {
      // What is told changes nothing by itself, and a gate that opens again must not have missed it.
      if (gate.closed.aborted) return
      mesos.start(frameworkId, (event) => {
        if (!gate.closed.aborted) onEvent(event)
      })
    },
    stop: () => mesos.stop(),
    want: (roles, again) => {
      if (gate.isOpen()) mesos.want(roles, again)
    },
    accept: (offers, launches, seconds) => through('ACCEPT', () => mesos.accept(offers, launches, seconds)),
    decline: (offers, seconds) => through('DECLINE', () => mesos.decline(offers, seconds)),
    acceptInverseOffers: (offers, seconds) =>
      through('ACCEPT_INVERSE_OFFERS', () => mesos.acceptInverseOffers(offers, seconds)),
    kill: (taskId, mesosAgentId) => through(`KILL of ${taskId}`, () => mesos.kill(taskId, mesosAgentId)),
    acknowledge: (status) => through('ACKNOWLEDGE', () => mesos.acknowledge(status)),
    reconcile: (tasks) => through('RECONCILE', () => mesos.reconcile(tasks)),
    takeOver: () => gate.isOpen() && mesos.takeOver(),
    teardown: () => through('TEARDOWN', () => mesos.teardown()),
  }
}

/** The store for one leadership. It outlives it: closing is the program's. */
export function gatedStore(store: StorePort, gate: Gate): StorePort {
  return {
    load: () => store.load(),
    commit: (changes) => guarded(gate, 'a commit', () => store.commit(changes)),
    close: async () => undefined,
  }
}

async function guarded<T>(gate: Gate, what: string, call: () => Promise<T>): Promise<T> {
  pass(gate, what)
  return await call()
}
