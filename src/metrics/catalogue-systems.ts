import { FAST } from './catalogue-queue.ts'
import {
  HEALTH,
  JENKINS_CALLS,
  JENKINS_CODES,
  MESOS_CALLS,
  MESOS_CODES,
  STATUS_CLASSES,
  STORE_CODES,
} from './label-values.ts'
import { counter, gauge, histogram, sparse } from './spec.ts'

const ROUTE = 'a route of the server, as it is written in the code, or `other`'
const VERSION = 'the version of the program'

const ANSWERS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10]

/** Jenkins, Mesos, the store, our own server, and how this instance is. */
export const SYSTEM_METRICS = {
  healthStatus: gauge(
    [
      'health_status',
      '1 for the status that holds, 0 for the others.',
      'The same as `/health/ready`; docs/operations.md tells what each means.',
    ],
    { status: HEALTH },
  ),
  problems: gauge(['problems', 'Things that a person should look at.', 'The page lists them, each with what to do.']),
  leader: gauge(['leader', '1 while this instance acts.', 'The sum over all instances is 1.']),
  leaderChanges: counter([
    'leader_changes_total',
    'Times that this instance came to lead, or ceased to.',
    'Growing: sessions with ZooKeeper end. 1 after a start is none.',
  ]),
  standingBack: gauge([
    'standing_back',
    '1 while another instance has taken the framework, or Mesos refuses it.',
    'A person must act.',
  ]),
  failovers: counter([
    'failovers_total',
    'Times that another instance took the framework from this one.',
    'Not 0 without a take-over by hand: two instances with one framework id.',
  ]),
  dryRun: gauge(['dry_run', '1 where nothing of what is decided is done.', 'Leave such instances out of alerts.']),
  brakeHeld: gauge([
    'brake_held_agents',
    'Agents that the brake keeps from being taken away.',
    'Not 0: a person should look.',
  ]),
  otherJenkins: gauge([
    'other_jenkins',
    '1 while Jenkins may be another than the agents belong to.',
    'Nothing is added or taken away meanwhile.',
  ]),
  jenkinsReachable: gauge([
    'jenkins_reachable',
    '1 while the last reading of Jenkins went well; 0 on a standby, which reads none.',
    'Beside `leader`.',
  ]),
  jenkinsRequest: histogram(
    ['jenkins_request_seconds', 'Reading computers and queue from Jenkins.', 'Slow readings make the poll longer.'],
    FAST,
  ),
  jenkinsErrors: counter(
    ['jenkins_errors_total', 'Failed readings of Jenkins, by error code.', 'The code says what to do.'],
    { code: JENKINS_CODES },
  ),
  jenkinsCalls: histogram(
    [
      'jenkins_node_call_seconds',
      'Calls to Jenkins about one node.',
      'Which step of starting or ending agents is slow.',
    ],
    FAST,
    { call: JENKINS_CALLS },
  ),
  jenkinsCallErrors: counter(
    [
      'jenkins_node_call_errors_total',
      'Calls to Jenkins about one node that failed, by error code.',
      'JENKINS_FORBIDDEN: the user lacks a right.',
    ],
    { code: JENKINS_CODES },
  ),
  mesosSubscribed: gauge(['mesos_subscribed', '1 while subscribed to a Mesos master.', 'Beside `leader`.']),
  mesosLastEvent: gauge([
    'mesos_last_event_timestamp_seconds',
    'When Mesos last told something.',
    'Heartbeats are not counted: an idle farm is silent.',
  ]),
  mesosResubscriptions: counter([
    'mesos_resubscriptions_total',
    'Subscriptions after the first.',
    'Growing: masters change, or the network breaks connections.',
  ]),
  frameworksRemoved: counter([
    'frameworks_removed_total',
    'Times that Mesos removed the framework and ended all of its tasks.',
    'Builds were lost.',
  ]),
  mesosCalls: histogram(['mesos_call_seconds', 'Calls to the Mesos master.', 'Slow: the master is busy.'], FAST, {
    call: MESOS_CALLS,
  }),
  mesosCallErrors: counter(
    ['mesos_call_errors_total', 'Calls to the Mesos master that failed, by error code.', 'The code says what to do.'],
    { code: MESOS_CODES },
  ),
  storeOk: gauge(['store_ok', '1 while the state can be stored.', '0: nothing is begun, and nothing reaped.']),
  storeCommits: histogram(
    ['store_commit_seconds', 'Commits to the store, until they are safe.', 'Slow: a slow disk, or a slow ZooKeeper.'],
    FAST,
  ),
  storeErrors: counter(
    ['store_errors_total', 'Commits that failed, by error code.', 'See `store_ok` for whether it still fails.'],
    { code: STORE_CODES },
  ),
  httpRequests: sparse(
    counter(
      ['http_requests_total', 'Requests that our server answered, by route and class of status.', '5xx is ours.'],
      {
        route: ROUTE,
        code: STATUS_CLASSES,
      },
    ),
  ),
  httpSeconds: sparse(
    histogram(
      [
        'http_request_seconds',
        'From a request to the end of its answer, by route; streams of events are left out.',
        'The sidecar is slow, or its readers are.',
      ],
      ANSWERS,
      { route: ROUTE },
    ),
  ),
  sseClients: gauge(['sse_clients', 'Streams of events that are open.', 'Pages that somebody looks at.']),
  buildInfo: sparse(
    gauge(['build_info', 'Always 1; the version is a label.', 'Join it to see the version.'], { version: VERSION }),
  ),
} as const
