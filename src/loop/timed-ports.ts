import type { Clock } from '../core/clock.ts'
import { codeOf } from '../core/code-of.ts'
import type { JenkinsPort, MesosPort, StorePort } from './ports.ts'
import type { CallOutcome, Report } from './report.ts'

/** What came of a call that failed without a code of its own. */
const NO_CODE = 'UNKNOWN'

/** Tells how long each call about one node took. Readings of all of them are told of where they are used. */
export function timedJenkins(
  jenkins: JenkinsPort,
  clock: Clock,
  { jenkinsCall }: Pick<Report, 'jenkinsCall'>,
): JenkinsPort {
  return {
    read: (signal) => jenkins.read(signal),
    identity: (signal) => jenkins.identity(signal),
    readNode: timed(clock, jenkins.readNode.bind(jenkins), (outcome) => {
      jenkinsCall('read_node', outcome)
    }),
    createNode: timed(clock, jenkins.createNode.bind(jenkins), (outcome) => {
      jenkinsCall('create_node', outcome)
    }),
    agentSecret: timed(clock, jenkins.agentSecret.bind(jenkins), (outcome) => {
      jenkinsCall('agent_secret', outcome)
    }),
    setOffline: timed(clock, jenkins.setOffline.bind(jenkins), (outcome) => {
      jenkinsCall('set_offline', outcome)
    }),
    setOnline: timed(clock, jenkins.setOnline.bind(jenkins), (outcome) => {
      jenkinsCall('set_online', outcome)
    }),
    deleteNode: timed(clock, jenkins.deleteNode.bind(jenkins), (outcome) => {
      jenkinsCall('delete_node', outcome)
    }),
    close: () => jenkins.close(),
  }
}

/** Tells how long each call to the master took. */
export function timedMesos(mesos: MesosPort, clock: Clock, { mesosCall }: Pick<Report, 'mesosCall'>): MesosPort {
  return {
    start: (frameworkId, onEvent) => {
      mesos.start(frameworkId, onEvent)
    },
    stop: () => mesos.stop(),
    want: (roles, again) => {
      mesos.want(roles, again)
    },
    accept: timed(clock, mesos.accept.bind(mesos), (outcome) => {
      mesosCall('accept', outcome)
    }),
    decline: timed(clock, mesos.decline.bind(mesos), (outcome) => {
      mesosCall('decline', outcome)
    }),
    acceptInverseOffers: timed(clock, mesos.acceptInverseOffers.bind(mesos), (outcome) => {
      mesosCall('accept_inverse_offers', outcome)
    }),
    kill: timed(clock, mesos.kill.bind(mesos), (outcome) => {
      mesosCall('kill', outcome)
    }),
    acknowledge: timed(clock, mesos.acknowledge.bind(mesos), (outcome) => {
      mesosCall('acknowledge', outcome)
    }),
    reconcile: timed(clock, mesos.reconcile.bind(mesos), (outcome) => {
      mesosCall('reconcile', outcome)
    }),
    takeOver: () => mesos.takeOver(),
    teardown: timed(clock, mesos.teardown.bind(mesos), (outcome) => {
      mesosCall('teardown', outcome)
    }),
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
