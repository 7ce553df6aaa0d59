import type { StatusFacts } from './model.ts'
import { PREFLIGHT_STATUS } from './preflight.ts'

/** Who is to blame for a task that ended before its agent was online. */
export type Blame =
  /** Bad luck: a new agent is planned at once, anywhere. */
  | 'nobody'
  /** The environment: the host is avoided for a while, and a new agent is planned at once. */
  | 'host'
  /** Maybe the configuration: the template backs off and the host is avoided. */
  | 'template'
  /** Surely something that a person must put right: as `template`, and it stands among the problems. */
  | 'operator'

export interface Verdict {
  readonly blame: Blame
  /** What to do about it, for the operator. */
  readonly advice: string | undefined
}

/** The host is avoided: the next agent goes elsewhere. */
export function goesElsewhere({ blame }: Verdict): boolean {
  return blame !== 'nobody'
}

/** The template waits before its next launch, longer each time. */
export function backsOff({ blame }: Verdict): boolean {
  return blame === 'template' || blame === 'operator'
}

interface Rule extends Verdict {
  /** `undefined`: a status without a reason. */
  readonly reason: string | undefined
  /** All where left out. */
  readonly states?: readonly string[]
  readonly source?: string
  readonly message?: RegExp
}

const nobody = (reason: string, more: Partial<Rule> = {}): Rule => ({
  reason,
  blame: 'nobody',
  advice: undefined,
  ...more,
})
const host = (reason: string, more: Partial<Rule> = {}): Rule => ({ reason, blame: 'host', advice: undefined, ...more })
const template = (reason: string | undefined, advice: string, more: Partial<Rule> = {}): Rule => ({
  reason,
  blame: 'template',
  advice,
  ...more,
})
const operator = (reason: string | undefined, advice: string, more: Partial<Rule> = {}): Rule => ({
  reason,
  blame: 'operator',
  advice,
  ...more,
})

/** Not run at all, or not any more and not by its own doing. */
const DROPPED = ['TASK_DROPPED', 'TASK_LOST', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR', 'TASK_UNKNOWN']

const MORE_MEMORY =
  'give the agents of the template more memory (memMib), or their JVM less heap (heapMib): its whole process tree counts'
const USER = 'create that user on the hosts, or set another one: user in the template, MESOS_USER for all'
const OUTPUT = 'look into stdout and stderr of its sandbox on the host'

/** Statuses with which a command ends that never came to run its agent. */
const SPEAKING_STATUSES: readonly (readonly [number, string])[] = [
  [
    PREFLIGHT_STATUS.missing,
    'install a JRE on the hosts (or in the image), set PATH in environment, or agentCommand with the path of java',
  ],
  [
    PREFLIGHT_STATUS.broken,
    'Java does not start with jvmArgs, heapMib and memMib of the template: stderr of its sandbox says why',
  ],
  [
    PREFLIGHT_STATUS.tooOld,
    'the hosts (or the image) need a newer JRE: agent.jar of this Jenkins does not run in theirs',
  ],
  [126, 'the program of agentCommand may not be run there: make it executable'],
  [127, 'the program of agentCommand is not there: install it on the hosts (or in the image), or correct agentCommand'],
]

function bySpeakingStatus(reason: string | undefined): readonly Rule[] {
  return SPEAKING_STATUSES.map(([status, advice]) =>
    operator(reason, advice, { message: new RegExp(`exited with status ${status}$`) }),
  )
}

/** What Mesos may say of a launch that came to nothing. The first rule that fits holds. */
const RULES: readonly Rule[] = [
  // A user that is missing is told as if the host had failed, so only the words tell it apart.
  operator('REASON_EXECUTOR_TERMINATED', USER, { message: /No such user/ }),
  operator('REASON_CONTAINER_LAUNCH_FAILED', USER, { message: /Failed to chown|No such user/ }),
  operator(
    'REASON_CONTAINER_LAUNCH_FAILED',
    'see that the hosts reach Jenkins (agent.jar), SIDECAR_URL (the secret) and the uris of the template: stderr of the sandbox says which it was',
    { message: /Failed to fetch/ },
  ),
  operator(
    'REASON_CONTAINER_LAUNCH_FAILED',
    'see that the image of the template is spelled right and that the hosts may pull it',
    { message: /pull|manifest|not found|No such image|docker run|docker container|Unauthorized/i },
  ),
  operator(
    'REASON_CONTAINER_LAUNCH_FAILED',
    'the hosts cannot run images in Mesos containers: set image_providers there, or use container type DOCKER',
    { message: /Unsupported container image|image provider/i },
  ),
  template('REASON_CONTAINER_LAUNCH_FAILED', `look at image, volumes and user of the template, and ${OUTPUT}`),
  operator('REASON_EXECUTOR_TERMINATED', 'the hosts lack the containerizer of the template: add docker to theirs', {
    message: /unknown container/,
  }),
  host('REASON_EXECUTOR_TERMINATED', { states: DROPPED }),
  template('REASON_EXECUTOR_TERMINATED', `see that agentCommand of the template runs there, and ${OUTPUT}`),
  ...bySpeakingStatus('REASON_COMMAND_EXECUTOR_FAILED'),
  template('REASON_COMMAND_EXECUTOR_FAILED', `see that agentCommand of the template runs there, and ${OUTPUT}`),
  host('REASON_EXECUTOR_REGISTRATION_TIMEOUT'),
  host('REASON_EXECUTOR_REREGISTRATION_TIMEOUT'),
  host('REASON_EXECUTOR_UNREGISTERED'),
  operator('REASON_CONTAINER_LIMITATION_MEMORY', MORE_MEMORY),
  operator('REASON_CONTAINER_LIMITATION_DISK', 'give the agents of the template more disk (diskMib)'),
  template('REASON_CONTAINER_LIMITATION', 'the task reached a limit of its host: give its template more'),
  host('REASON_CONTAINER_PREEMPTED'),
  host('REASON_CONTAINER_UPDATE_FAILED'),
  host('REASON_IO_SWITCHBOARD_EXITED'),
  operator(
    'REASON_MAX_COMPLETION_TIME_REACHED',
    'agents run without a limit of time: see who sets max_completion_time',
  ),
  operator('REASON_GC_ERROR', 'the hosts cannot set the limits of the task: load the isolator cgroups/cpu there', {
    message: /isolator/,
  }),
  host('REASON_GC_ERROR'),
  nobody('REASON_TASK_INVALID', { message: /duplicate ID|reuses the ID/ }),
  template('REASON_TASK_INVALID', 'the resources of the offer were not there any more', {
    message: /more than available/,
  }),
  host('REASON_TASK_INVALID', { source: 'SOURCE_AGENT', states: DROPPED }),
  operator('REASON_TASK_INVALID', 'Mesos takes no such task: correct the template as its message says'),
  operator('REASON_TASK_GROUP_INVALID', 'Mesos takes no such task: correct the template as its message says'),
  operator(
    'REASON_TASK_UNAUTHORIZED',
    'the principal may not run tasks as this user: allow it in the ACLs of Mesos (run_tasks), or set another user',
  ),
  operator(
    'REASON_TASK_GROUP_UNAUTHORIZED',
    'the principal may not run tasks as this user: allow it in the ACLs of Mesos (run_tasks), or set another user',
  ),
  nobody('REASON_INVALID_OFFERS'),
  nobody('REASON_TASK_KILLED_DURING_LAUNCH'),
  nobody('REASON_FRAMEWORK_REMOVED'),
  nobody('REASON_INVALID_FRAMEWORKID'),
  nobody('REASON_MASTER_DISCONNECTED'),
  host('REASON_AGENT_DISCONNECTED'),
  host('REASON_AGENT_DRAINING'),
  host('REASON_AGENT_REMOVED'),
  host('REASON_AGENT_REMOVED_BY_OPERATOR'),
  host('REASON_AGENT_RESTARTED'),
  host('REASON_AGENT_UNKNOWN'),
  host('REASON_AGENT_REREGISTERED'),
  host('REASON_RESOURCES_UNKNOWN'),
  host('REASON_RECONCILIATION'),
  host('REASON_TASK_UNKNOWN'),
  template('REASON_TASK_CHECK_STATUS_UPDATED', `its check ended it: ${OUTPUT}`),
  template('REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', `its health check ended it: ${OUTPUT}`),
  { reason: undefined, states: ['TASK_DROPPED'], blame: 'nobody', advice: undefined },
  ...bySpeakingStatus(undefined),
  operator(undefined, 'Docker cannot run the container of the template: correct it as the message says', {
    message: /docker run options/,
  }),
  template(undefined, `its process ended: ${OUTPUT}`),
]

/** Reasons that Mesos has by name. */
export const KNOWN_REASONS: ReadonlySet<string> = new Set(RULES.flatMap(({ reason }) => reason ?? []))

/** A reason that is new to us: it may be anything, so nothing goes round quickly. */
const UNKNOWN: Verdict = { blame: 'template', advice: `look up what Mesos means by it, and ${OUTPUT}` }

export function verdictOf(status: StatusFacts): Verdict {
  return RULES.find((rule) => holds(rule, status)) ?? UNKNOWN
}

function holds({ reason, states, source, message }: Rule, status: StatusFacts): boolean {
  if (reason !== withNewName(status.reason)) return false
  if (states !== undefined && !states.includes(status.state)) return false
  if (source !== undefined && source !== status.source) return false
  return message === undefined || message.test(status.message ?? '')
}

/** The first API calls hosts slaves. */
function withNewName(reason: string | undefined): string | undefined {
  return reason?.replace(/^REASON_SLAVE_/, 'REASON_AGENT_')
}

/**
 * An error about a launch that carries the id of another one: that task is still there, whatever became of this
 * launch. Ids are never used twice, so this is an ACCEPT that arrived twice.
 */
export function isAboutAnother({ state, reason, message = '' }: StatusFacts): boolean {
  return state === 'TASK_ERROR' && reason === 'REASON_TASK_INVALID' && /duplicate ID|reuses the ID/.test(message)
}
