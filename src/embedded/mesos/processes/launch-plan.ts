import type { RunnableTask } from '../runner.ts'
import type { RunInstructions } from './checkpoint.ts'
import { type HostFacts, taskEnvironment } from './environment.ts'
import type { ProcessIdentity } from './process-table.ts'
import type { Owner } from './sandbox.ts'
import { userOf } from './users.ts'
import { volumesError } from './volumes.ts'

/** What becomes of a task before anything is done for it. */
export type LaunchPlan =
  | { readonly kind: 'run'; readonly run: RunInstructions; readonly owner: Owner | undefined }
  | { readonly kind: 'refused'; readonly message: string }
  /** Nothing to run: Mesos' executor dies of it. */
  | { readonly kind: 'lost' }

/** From SIGTERM to SIGKILL where TaskInfo.kill_policy says nothing, as Mesos' command executor has it. */
const usualGraceMs = 3_000

export async function planLaunch(
  task: RunnableTask,
  sandbox: string,
  facts: HostFacts,
  self: ProcessIdentity | undefined,
): Promise<LaunchPlan> {
  const container = refusalOfContainer(task)
  if (container !== undefined) return { kind: 'refused', message: container }
  const { command } = task.info
  if (command?.value === undefined) return { kind: 'lost' }
  const user = await userOf(task)
  if (user.kind === 'unknown') {
    const words = `Failed to chown directory to '${user.name}': No such user '${user.name}'`
    return { kind: 'refused', message: `Failed to create executor directory '${sandbox}': ${words}` }
  }
  if (user.kind === 'forbidden') {
    const words = `only root can run a task as '${user.name}'; this Mesos runs as '${user.own}', so set that user`
    return { kind: 'refused', message: `Failed to launch container: ${words}` }
  }
  const owner = user.kind === 'other' ? { uid: user.uid, gid: user.gid } : undefined
  const shell = command.shell ?? true
  return {
    kind: 'run',
    owner,
    run: {
      sandbox,
      file: shell ? '/bin/sh' : command.value,
      argv: shell ? ['sh', '-c', command.value] : (command.arguments ?? [command.value]),
      environment: taskEnvironment(task, sandbox, facts),
      uid: owner?.uid,
      gid: owner?.gid,
      graceMs: graceMsOf(task),
      diesWith: task.checkpoint ? undefined : self,
    },
  }
}

export function graceMsOf({ info }: RunnableTask): number {
  const nanoseconds = info.kill_policy?.grace_period?.nanoseconds
  return nanoseconds === undefined ? usualGraceMs : nanoseconds / 1e6
}

/** There is no containerizer here: the texts are those of a Mesos agent that has none either. */
function refusalOfContainer({ info: { container }, parent }: RunnableTask): string | undefined {
  if (container === undefined) return undefined
  if (container.type === 'DOCKER') return 'Abnormal executor termination: unknown container'
  if (container.mesos?.image !== undefined) {
    return 'Failed to launch container: Unsupported container image type: 2'
  }
  if (parent !== undefined) {
    const wrong = volumesError(container.volumes ?? [])
    return wrong === undefined ? undefined : `Failed to launch container: ${wrong}`
  }
  if ((container.volumes?.length ?? 0) > 0) {
    return 'Failed to launch container: volumes need an isolator that this embedded Mesos does not have'
  }
  return undefined // a MESOS container of nothing is a plain process, under Mesos too
}
