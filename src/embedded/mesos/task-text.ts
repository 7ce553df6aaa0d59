import type { TaskState } from '../../mesos/protocol.ts'
import type { ReceivedTask } from './received.ts'
import type { TaskEnd } from './runner.ts'

const SIGNALS: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGILL: 'Illegal instruction',
  SIGTRAP: 'Trace/breakpoint trap',
  SIGABRT: 'Aborted',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed',
  SIGUSR1: 'User defined signal 1',
  SIGSEGV: 'Segmentation fault',
  SIGUSR2: 'User defined signal 2',
  SIGPIPE: 'Broken pipe',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
  SIGXCPU: 'CPU time limit exceeded',
  SIGXFSZ: 'File size limit exceeded',
}

/** The command executor's words for an end, a lost supervisor apart. */
export function endText(end: Exclude<TaskEnd, { kind: 'lost' }>): string {
  return end.kind === 'exited'
    ? `Command exited with status ${end.status}`
    : `Command terminated with signal ${SIGNALS[end.signal] ?? end.signal}`
}

const TERMINAL: ReadonlySet<TaskState> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

export function isTerminal(state: TaskState): boolean {
  return TERMINAL.has(state)
}

const SHOWN = 12
const MOST_SHOWN = 15

/** The name of the command executor: it shows the first characters of the command to everybody. */
export function executorName({ task_id, command }: ReceivedTask): string {
  const start = `Command Executor (Task: ${task_id.value})`
  const value = command?.value
  if (value === undefined) return `${start} (Command: NO EXECUTABLE)`
  if (command?.shell === false) {
    return `${start} (Command: [${shortened([value, ...(command.arguments ?? [])].join(', '), ']')})`
  }
  return `${start} (Command: sh -c '${shortened(value, "'")})`
}

function shortened(text: string, close: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, SHOWN)}...${close}` : `${text}${close}`
}
