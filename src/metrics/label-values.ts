import type { CapScope } from '../core/blocked.ts'
import type { AgentState, ReapReason } from '../core/model.ts'
import { all } from '../core/states.ts'
import type { JenkinsCall, LaunchResult, MesosCall, OfferOutcome, RoundPhase } from '../loop/report.ts'
import type { HealthStatus } from '../loop/view-types.ts'

/**
 * Every value that a label may have. What comes from outside and is not among them is counted as `other`, so that
 * nobody can make series without end.
 */
const OTHER = 'other'

export function known(values: readonly string[], value: string): string {
  return values.includes(value) ? value : OTHER
}

export const AGENT_STATES = all<Exclude<AgentState, 'gone'>>()([
  'planned',
  'starting',
  'online',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
])
export const EXECUTOR_STATES = ['idle', 'busy', 'starting'] as const
export const HEALTH = all<HealthStatus>()([
  'ok',
  'standby',
  'starting',
  'stalled',
  'disconnected',
  'store',
  'standing_back',
  'other_jenkins',
])
export const LAUNCH_RESULTS = all<LaunchResult>()(['launched', 'jenkins_failed', 'mesos_failed', 'store_failed'])
export const OFFER_OUTCOMES = all<OfferOutcome>()(['received', 'accepted', 'declined', 'rescinded', 'lost'])
export const REAP_REASONS = all<ReapReason>()([
  'idle',
  'connect_timeout',
  'disconnected',
  'unreachable',
  'one_shot',
  'max_builds',
  'max_age',
  'task_ended',
  'placement_failed',
  'node_deleted',
  'moved',
  'maintenance',
  'shutdown',
  'operator',
])
export const PHASES = all<RoundPhase>()(['observe', 'plan', 'act'])
export const SCOPES = all<CapScope>()(['template', 'template_cpus', 'template_mem', 'agents', 'cpus', 'mem'])
export const KINDS = ['node', 'task'] as const
export const STATS = ['p50', 'p95', 'max'] as const
export const JENKINS_CALLS = all<JenkinsCall>()([
  'read_node',
  'create_node',
  'agent_secret',
  'set_offline',
  'set_online',
  'delete_node',
])
export const MESOS_CALLS = all<MesosCall>()([
  'accept',
  'decline',
  'accept_inverse_offers',
  'kill',
  'acknowledge',
  'reconcile',
  'teardown',
])
export const JENKINS_CODES = [
  'JENKINS_UNREACHABLE',
  'JENKINS_UNAUTHORIZED',
  'JENKINS_FORBIDDEN',
  'JENKINS_CRUMB',
  'JENKINS_NOT_FOUND',
  'JENKINS_REFUSED',
  'JENKINS_CONFLICT',
  'JENKINS_UNAVAILABLE',
  'JENKINS_MALFORMED',
  OTHER,
] as const
export const MESOS_CODES = [
  'MESOS_UNREACHABLE',
  'MESOS_NOT_LEADING',
  'MESOS_RECOVERING',
  'MESOS_LOGIN_FAILED',
  'MESOS_UNAUTHORIZED',
  'MESOS_SUBSCRIPTION_LOST',
  'MESOS_OFFER_GONE',
  'MESOS_REFUSED',
  'MESOS_MALFORMED',
  OTHER,
] as const
export const STORE_CODES = [
  'STORE_WRITE',
  'STORE_INVALID',
  'STORE_LOCKED',
  'STORE_MOVED',
  'STORE_CLOSED',
  'STORE_DEPOSED',
  'ZK_CONNECTION_LOSS',
  'ZK_NOT_CONNECTED',
  'ZK_EXPIRED',
  'ZK_AUTH_FAILED',
  'ZK_NO_AUTH',
  OTHER,
] as const
export const TASK_STATES = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
  OTHER,
] as const
/** Of Mesos' list, what the end of a task can come with; the v1 API says AGENT where older ones said SLAVE. */
export const TASK_REASONS = [
  'none',
  'REASON_AGENT_DISCONNECTED',
  'REASON_AGENT_DRAINING',
  'REASON_AGENT_REMOVED',
  'REASON_AGENT_REMOVED_BY_OPERATOR',
  'REASON_AGENT_REREGISTERED',
  'REASON_AGENT_RESTARTED',
  'REASON_AGENT_UNKNOWN',
  'REASON_COMMAND_EXECUTOR_FAILED',
  'REASON_CONTAINER_LAUNCH_FAILED',
  'REASON_CONTAINER_LIMITATION',
  'REASON_CONTAINER_LIMITATION_DISK',
  'REASON_CONTAINER_LIMITATION_MEMORY',
  'REASON_CONTAINER_PREEMPTED',
  'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
  'REASON_EXECUTOR_REREGISTRATION_TIMEOUT',
  'REASON_EXECUTOR_TERMINATED',
  'REASON_EXECUTOR_UNREGISTERED',
  'REASON_FRAMEWORK_REMOVED',
  'REASON_GC_ERROR',
  'REASON_INVALID_FRAMEWORKID',
  'REASON_INVALID_OFFERS',
  'REASON_MASTER_DISCONNECTED',
  'REASON_MAX_COMPLETION_TIME_REACHED',
  'REASON_RECONCILIATION',
  'REASON_RESOURCES_UNKNOWN',
  'REASON_TASK_INVALID',
  'REASON_TASK_KILLED_DURING_LAUNCH',
  'REASON_TASK_UNAUTHORIZED',
  'REASON_TASK_UNKNOWN',
  OTHER,
] as const
export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const
