import { describe, expect, test } from '@jest/globals'
import {
  type Blame,
  backsOff,
  goesElsewhere,
  isAboutAnother,
  KNOWN_REASONS,
  verdictOf,
} from '../../src/core/outcomes.ts'

/** Every reason of the v1 API by name, as `TaskStatus.Reason` has them. */
const REASONS = `
  COMMAND_EXECUTOR_FAILED CONTAINER_LAUNCH_FAILED CONTAINER_LIMITATION CONTAINER_LIMITATION_DISK
  CONTAINER_LIMITATION_MEMORY CONTAINER_PREEMPTED CONTAINER_UPDATE_FAILED MAX_COMPLETION_TIME_REACHED
  EXECUTOR_REGISTRATION_TIMEOUT EXECUTOR_REREGISTRATION_TIMEOUT EXECUTOR_TERMINATED EXECUTOR_UNREGISTERED
  FRAMEWORK_REMOVED GC_ERROR INVALID_FRAMEWORKID INVALID_OFFERS IO_SWITCHBOARD_EXITED MASTER_DISCONNECTED
  RECONCILIATION RESOURCES_UNKNOWN AGENT_DISCONNECTED AGENT_DRAINING AGENT_REMOVED AGENT_REMOVED_BY_OPERATOR
  AGENT_REREGISTERED AGENT_RESTARTED AGENT_UNKNOWN TASK_KILLED_DURING_LAUNCH TASK_CHECK_STATUS_UPDATED
  TASK_HEALTH_CHECK_STATUS_UPDATED TASK_GROUP_INVALID TASK_GROUP_UNAUTHORIZED TASK_INVALID TASK_UNAUTHORIZED
  TASK_UNKNOWN`
  .split(/\s+/)
  .filter((name) => name !== '')
  .map((name) => `REASON_${name}`)

type Row = readonly [
  blame: Blame,
  state: string,
  reason: string | undefined,
  source: string,
  message: string,
  advice: RegExp | undefined,
]

const MASTER = 'SOURCE_MASTER'
const AGENT = 'SOURCE_AGENT'
const EXECUTOR = 'SOURCE_EXECUTOR'
const FETCH = "Failed to launch container: Failed to fetch all URIs for container 'c': exited with status 1"
const CHOWN = "Failed to create executor directory '/x': Failed to chown directory to 'ci': No such user 'ci'"

const ROWS: readonly Row[] = [
  ['nobody', 'TASK_DROPPED', 'REASON_INVALID_OFFERS', MASTER, 'Offer O1 is no longer valid', undefined],
  ['nobody', 'TASK_LOST', 'REASON_INVALID_OFFERS', MASTER, '', undefined],
  ['nobody', 'TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH', AGENT, '', undefined],
  ['nobody', 'TASK_KILLED', 'REASON_FRAMEWORK_REMOVED', MASTER, '', undefined],
  ['nobody', 'TASK_ERROR', 'REASON_INVALID_FRAMEWORKID', MASTER, '', undefined],
  ['nobody', 'TASK_LOST', 'REASON_MASTER_DISCONNECTED', MASTER, '', undefined],
  ['nobody', 'TASK_DROPPED', undefined, AGENT, '', undefined],
  ['host', 'TASK_DROPPED', 'REASON_AGENT_DISCONNECTED', MASTER, 'Agent disconnected', undefined],
  ['host', 'TASK_LOST', 'REASON_AGENT_REMOVED', MASTER, 'Agent removed', undefined],
  ['host', 'TASK_LOST', 'REASON_SLAVE_REMOVED', MASTER, 'a name of the first API', undefined],
  ['host', 'TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR', MASTER, '', undefined],
  ['host', 'TASK_DROPPED', 'REASON_AGENT_RESTARTED', AGENT, 'Task launched during agent restart', undefined],
  ['host', 'TASK_KILLED', 'REASON_AGENT_DRAINING', EXECUTOR, '', undefined],
  ['host', 'TASK_LOST', 'REASON_AGENT_UNKNOWN', MASTER, '', undefined],
  ['host', 'TASK_GONE', 'REASON_AGENT_REREGISTERED', MASTER, '', undefined],
  ['host', 'TASK_DROPPED', 'REASON_RESOURCES_UNKNOWN', AGENT, '', undefined],
  ['host', 'TASK_GONE', 'REASON_RECONCILIATION', MASTER, 'Reconciliation: Task is unknown to the agent', undefined],
  ['host', 'TASK_LOST', 'REASON_TASK_UNKNOWN', MASTER, '', undefined],
  ['host', 'TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT', AGENT, 'did not register within 1mins', undefined],
  ['host', 'TASK_GONE', 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT', AGENT, '', undefined],
  ['host', 'TASK_LOST', 'REASON_EXECUTOR_UNREGISTERED', AGENT, '', undefined],
  ['host', 'TASK_LOST', 'REASON_EXECUTOR_TERMINATED', AGENT, 'Executor terminated', undefined],
  ['host', 'TASK_FAILED', 'REASON_CONTAINER_PREEMPTED', AGENT, '', undefined],
  ['host', 'TASK_LOST', 'REASON_CONTAINER_UPDATE_FAILED', AGENT, '', undefined],
  ['host', 'TASK_FAILED', 'REASON_IO_SWITCHBOARD_EXITED', AGENT, '', undefined],
  ['host', 'TASK_DROPPED', 'REASON_GC_ERROR', AGENT, '', undefined],
  ['host', 'TASK_DROPPED', 'REASON_TASK_INVALID', AGENT, 'Cannot reuse an already existing executor', undefined],
  ['template', 'TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED', EXECUTOR, '', /agentCommand/],
  ['template', 'TASK_FAILED', 'REASON_EXECUTOR_TERMINATED', AGENT, 'Executor terminated', /agentCommand/],
  ['template', 'TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', AGENT, 'Failed to launch container', /stderr/],
  ['template', 'TASK_FAILED', 'REASON_CONTAINER_LIMITATION', AGENT, '', /limit/],
  ['template', 'TASK_FAILED', undefined, EXECUTOR, 'Command exited with status 3', /stderr of its sandbox/],
  ['operator', 'TASK_FAILED', undefined, EXECUTOR, 'Command exited with status 127', /correct agentCommand/],
  [
    'operator',
    'TASK_FAILED',
    undefined,
    EXECUTOR,
    'Failed to create docker run options: Port [80] not included in resources',
    /correct it as the message says/,
  ],
  ['template', 'TASK_FAILED', 'REASON_TASK_CHECK_STATUS_UPDATED', EXECUTOR, '', /check/],
  ['template', 'TASK_KILLED', 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', EXECUTOR, '', /health/],
  ['template', 'TASK_ERROR', 'REASON_TASK_INVALID', MASTER, 'required by task is more than available cpus:1', /offer/],
  ['template', 'TASK_FAILED', 'REASON_OF_THE_FUTURE', AGENT, '', /look up/],
  ['operator', 'TASK_DROPPED', 'REASON_EXECUTOR_TERMINATED', AGENT, CHOWN, /create that user/],
  [
    'operator',
    'TASK_FAILED',
    'REASON_CONTAINER_LAUNCH_FAILED',
    AGENT,
    "Failed to launch container: Failed to chown '/s/stdout' to user 'ci'",
    /MESOS_USER/,
  ],
  ['operator', 'TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', AGENT, FETCH, /SIDECAR_URL/],
  [
    'operator',
    'TASK_FAILED',
    'REASON_CONTAINER_LAUNCH_FAILED',
    AGENT,
    'Failed to run docker container: manifest for jenkins/agnet not found',
    /image/,
  ],
  [
    'operator',
    'TASK_FAILED',
    'REASON_CONTAINER_LAUNCH_FAILED',
    AGENT,
    'Failed to launch container: Unsupported container image type: 2',
    /image_providers/,
  ],
  [
    'operator',
    'TASK_FAILED',
    'REASON_EXECUTOR_TERMINATED',
    AGENT,
    'Abnormal executor termination: unknown container',
    /containerizer/,
  ],
  [
    'operator',
    'TASK_FAILED',
    'REASON_CONTAINER_LIMITATION_MEMORY',
    AGENT,
    'Memory limit exceeded: Requested: 640MB Maximum Used: 640MB',
    /memMib/,
  ],
  ['operator', 'TASK_FAILED', 'REASON_CONTAINER_LIMITATION_DISK', AGENT, 'Disk usage (2GB) exceeds quota', /diskMib/],
  ['operator', 'TASK_FAILED', 'REASON_MAX_COMPLETION_TIME_REACHED', EXECUTOR, '', /max_completion_time/],
  [
    'operator',
    'TASK_DROPPED',
    'REASON_GC_ERROR',
    AGENT,
    "CPU limits can only be set … when the agent has loaded the 'cgroups/cpu' isolator",
    /isolator/,
  ],
  ['operator', 'TASK_ERROR', 'REASON_TASK_INVALID', MASTER, "Environment variable 'X' must have a value", /template/],
  ['operator', 'TASK_ERROR', 'REASON_TASK_GROUP_INVALID', MASTER, '', /template/],
  ['operator', 'TASK_ERROR', 'REASON_TASK_UNAUTHORIZED', MASTER, "Not authorized to launch as user 'ci'", /run_tasks/],
  ['operator', 'TASK_ERROR', 'REASON_TASK_GROUP_UNAUTHORIZED', MASTER, '', /run_tasks/],
]

describe('a task that ended before its agent was online', () => {
  test.each(ROWS)('blames %s: %s, %s of %s, %j', (blame, state, reason, source, message, advice) => {
    const verdict = verdictOf({ state, reason, source, message })
    expect(verdict.blame).toBe(blame)
    if (advice === undefined) expect(verdict.advice).toBeUndefined()
    else expect(verdict.advice).toMatch(advice)
    expect([goesElsewhere(verdict), backsOff(verdict)]).toEqual([
      blame !== 'nobody',
      blame === 'template' || blame === 'operator',
    ])
  })

  test('has a rule of its own for every reason that Mesos knows, and a row above', () => {
    const shown = new Set(ROWS.map(([, , reason]) => reason))
    for (const reason of REASONS)
      expect([reason, KNOWN_REASONS.has(reason), shown.has(reason)]).toEqual([reason, true, true])
    expect([...KNOWN_REASONS].filter((reason) => !REASONS.includes(reason))).toEqual([])
  })

  test('by an operator’s fault always has something to do', () => {
    for (const [blame, state, reason, source, message] of ROWS) {
      if (blame === 'operator') expect(verdictOf({ state, reason, source, message }).advice).toMatch(/\w+ .*\w+/)
    }
  })
})

test('an error about an id that runs already is not about the task that runs', () => {
  const error = { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID' }
  expect(isAboutAnother({ ...error, message: 'Task has duplicate ID: mesos-linux-1' })).toBe(true)
  expect(isAboutAnother({ ...error, message: 'Task reuses the ID of an unreachable task: mesos-linux-1' })).toBe(true)
  expect(isAboutAnother({ ...error, message: 'Task uses no resources' })).toBe(false)
  expect(isAboutAnother({ ...error, message: undefined })).toBe(false)
})
