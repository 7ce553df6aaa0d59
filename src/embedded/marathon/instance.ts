import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { Spec } from './spec.ts'

/** One run of a pod or an app. */
export interface Instance {
  /** `ci_jenkins.instance-UUID` */
  readonly id: string
  /** As it was when the instance was launched. */
  readonly spec: Spec
  /** Name of its Mesos host, as offers have it. */
  readonly hostname: string
  /** Under which others reach it. */
  readonly host: string
  readonly mesosAgentId: string
  readonly attributes: Readonly<Record<string, string>>
  /** In the order of the definition. */
  readonly ports: readonly number[]
  readonly launchedAt: number
  readonly tasks: readonly Task[]
  /** It is to go: its end is no failure. */
  isUnwanted: boolean
}

export interface Task {
  /** Of the container; of an app the app's. */
  readonly name: string
  readonly taskId: string
  readonly executorId: string | undefined
  /** Somebody looks at its health. */
  readonly isChecked: boolean
  state: TaskState
  since: number
  healthy: boolean | undefined
  /** The last update, for those who ask why. */
  status: WireTaskStatus | undefined
}

const TERMINAL: readonly TaskState[] = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]

export function isOver({ state }: Task): boolean {
  return TERMINAL.includes(state)
}

export function isGone({ tasks }: Instance): boolean {
  return tasks.every(isOver)
}

/** As Marathon calls it. A container that ended well does not count any more. */
export function conditionOf({ tasks }: Instance): 'STAGING' | 'STABLE' | 'DEGRADED' | 'TERMINAL' {
  if (tasks.every(isOver)) return 'TERMINAL'
  const left = tasks.filter(({ state }) => state !== 'TASK_FINISHED')
  if (left.some((task) => isOver(task) || task.state === 'TASK_KILLING' || task.state === 'TASK_UNREACHABLE')) {
    return 'DEGRADED'
  }
  if (left.some(({ state }) => state !== 'TASK_RUNNING')) return 'STAGING'
  return left.every(({ isChecked, healthy }) => !isChecked || healthy === true) ? 'STABLE' : 'DEGRADED'
}

export function isWell(instance: Instance): boolean {
  return !instance.isUnwanted && conditionOf(instance) === 'STABLE'
}
