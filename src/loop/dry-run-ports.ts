import type { JenkinsPort, MesosPort, StorePort } from './ports.ts'

/** Every offer goes back for so long: the scheduler that runs beside must not miss it. */
export const DRY_REFUSE_SECONDS = 300

/** `DRY_RUN`: something tried to change the world. It is a mistake of this program, and nothing was sent. */
export class DryRunError extends Error {
  override readonly name = 'DryRunError'
  readonly code = 'DRY_RUN'

  constructor(what: string) {
    super(`${what} was not done: this is a dry run`)
  }
}

/** Jenkins to look at. */
export function dryJenkins(jenkins: JenkinsPort): JenkinsPort {
  return {
    read: (signal) => jenkins.read(signal),
    identity: (signal) => jenkins.identity(signal),
    readNode: (name, signal) => jenkins.readNode(name, signal),
    createNode: (node) => refuse(`making ${node.name}`),
    agentSecret: (name) => refuse(`asking for the secret of ${name}`),
    setOffline: (name) => refuse(`taking ${name} offline`),
    setOnline: (name) => refuse(`bringing ${name} online`),
    deleteNode: (name) => refuse(`removing ${name}`),
    close: () => jenkins.close(),
  }
}

/** Mesos as a framework that takes nothing. It has no task: what is asked and ended is its own. */
export function dryMesos(mesos: MesosPort): MesosPort {
  return {
    start: (_frameworkId, onEvent) => {
      mesos.start(undefined, onEvent)
    },
    stop: () => mesos.stop(),
    want: (roles, again) => {
      mesos.want(roles, again)
    },
    accept: () => refuse('ACCEPT'),
    decline: (offers) => mesos.decline(offers, DRY_REFUSE_SECONDS),
    acceptInverseOffers: () => refuse('ACCEPT_INVERSE_OFFERS'),
    kill: (taskId) => refuse(`KILL of ${taskId}`),
    acknowledge: () => refuse('ACKNOWLEDGE'),
    reconcile: (tasks) => mesos.reconcile(tasks),
    takeOver: () => false,
    teardown: () => mesos.teardown(),
  }
}

/** Knows nothing at the start and forgets everything: the state belongs to the sidecar that runs beside, if any. */
export function dryStore(): StorePort {
  return {
    load: async () => ({ framework: undefined, agents: new Map() }),
    commit: async () => undefined,
    close: async () => undefined,
  }
}

async function refuse(what: string): Promise<never> {
  throw new DryRunError(what)
}
