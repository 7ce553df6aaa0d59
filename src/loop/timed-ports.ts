import type { Clock } from '../core/clock.ts'
import { codeOf } from '../core/code-of.ts'
import type { JenkinsPort, MesosPort, StorePort } from './ports.ts'
import type { CallOutcome, JenkinsCall, MesosCall, Report } from './report.ts'

/** What came of a call that failed without a code of its own. */
const NO_CODE = 'UNKNOWN'

/** Tells how long each call about one node took. Readings of all of them are told of where they are used. */
export function timedJenkins(
  jenkins: JenkinsPort,
  clock: Clock,
  { jenkinsCall }: Pick<Report, 'jenkinsCall'>,
): JenkinsPort {
  const call = <A extends readonly unknown[], T>(name: JenkinsCall, made: (...args: A) => Promise<T>) =>
    timed(clock, made, (outcome) => {
      jenkinsCall(name, outcome)
    })
  return {
    read: (signal) => jenkins.read(signal),
    identity: (signal) => jenkins.identity(signal),
    readNode: call('read_node', jenkins.readNode.bind(jenkins)),
    createNode: call('create_node', jenkins.createNode.bind(jenkins)),
    agentSecret: call('agent_secret', jenkins.agentSecret.bind(jenkins)),
    setOffline: call('set_offline', jenkins.setOffline.bind(jenkins)),
    setOnline: call('set_online', jenkins.setOnline.bind(jenkins)),
    deleteNode: call('delete_node', jenkins.deleteNode.bind(jenkins)),
    close: () => jenkins.close(),
  }
}

/** Tells how long each call to the master took. */
export function timedMesos(mesos: MesosPort, clock: Clock, { mesosCall }: Pick<Report, 'mesosCall'>): MesosPort {
  const call = <A extends readonly unknown[], T>(name: MesosCall, made: (...args: A) => Promise<T>) =>
    timed(clock, made, (outcome) => {
      mesosCall(name, outcome)
    })
  return {
    start: (frameworkId, onEvent) => {
      mesos.start(frameworkId, onEvent)
    },
    stop: () => mesos.stop(),
    want: (roles, again) => {
      mesos.want(roles, again)
    },
    accept: call('accept', mesos.accept.bind(mesos)),
    decline: call('decline', mesos.decline.bind(mesos)),
    acceptInverseOffers: call('accept_inverse_offers', mesos.acceptInverseOffers.bind(mesos)),
    kill: call('kill', mesos.kill.bind(mesos)),
    acknowledge: call('acknowledge', mesos.acknowledge.bind(mesos)),
    reconcile: call('reconcile', mesos.reconcile.bind(mesos)),
    takeOver: () => mesos.takeOver(),
    teardown: call('teardown', mesos.teardown.bind(mesos)),
  }
}

/** Tells how long each commit took. */
export function timedStore(store: StorePort, clock: Clock, { commit }: Pick<Report, 'commit'>): StorePort {
  return {
    load: () => store.load(),
    commit: timed(clock, store.commit.bind(store), commit),
    close: () => store.close(),
  }
}

function timed<A extends readonly unknown[], T>(
  clock: Clock,
  call: (...args: A) => Promise<T>,
  tell: (outcome: CallOutcome) => void,
): (...args: A) => Promise<T> {
  return async (...args) => {
    const startedAt = clock.now()
    let code: string | undefined
    try {
      return await call(...args)
    } catch (error) {
      code = codeOf(error) ?? NO_CODE
      throw error
    } finally {
      tell({ seconds: Math.max(0, clock.now() - startedAt) / 1000, code })
    }
  }
}
