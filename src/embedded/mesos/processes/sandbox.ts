import { constants } from 'node:fs'
import { chmod, chown, type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { codeOf } from '../../../core/code-of.ts'
import type { RunnableTask } from '../runner.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The folders of one run of a task, laid out as Mesos does. */
export interface TaskFolders {
  readonly sandbox: string
  readonly checkpoint: string
  /** The sandbox of the executor around it, for a container of a task group. */
  readonly executor: string | undefined
}

/** @throws where an id cannot be a folder's name: Mesos refuses such ids, we must not leave the work folder for one */
export function foldersOf(workDir: string, task: RunnableTask): TaskFolders {
  const { parent } = task
  const ids = {
    agent: task.info.agent_id.value,
    framework: task.frameworkId,
    task: task.info.task_id.value,
    container: task.containerId,
    executor: parent?.executorId ?? 'its task',
    'parent container': parent?.containerId ?? 'none',
  }
  for (const [what, id] of Object.entries(ids)) {
    if (id === '' || id === '.' || id === '..' || /[/\0]/.test(id)) {
      throw new Error(`the ${what} id ${JSON.stringify(id)} cannot be the name of a folder`)
    }
  }
  const executors = join('slaves', ids.agent, 'frameworks', ids.framework, 'executors')
  const runs = join(executors, parent?.executorId ?? ids.task, 'runs')
  const executor = parent && join(runs, parent.containerId)
  const below = executor === undefined ? join(runs, ids.container) : join(executor, 'containers', ids.container)
  return {
    sandbox: join(workDir, below),
    checkpoint: join(workDir, 'meta', below),
    executor: executor && join(workDir, executor),
  }
}

/**
 * An empty sandbox (0750, of the task's user) with the files that the command writes to.
 *
 * @returns its stderr, open for appending
 */
export async function makeSandbox(sandbox: string, owner: Owner | undefined): Promise<FileHandle> {
  await mkdir(sandbox, { recursive: true, mode: 0o755 })
  await chmod(sandbox, 0o750)
  if (owner !== undefined) await chown(sandbox, owner.uid, owner.gid)
  const stdout = await createIn(sandbox, 'stdout', owner)
  await stdout.close()
  return await createIn(sandbox, 'stderr', owner)
}

/**
 * A new file in the sandbox, in place of an old one, with the folders on its way. No link is followed: an unpacked
 * archive may have brought some, and we may be more than the task's user.
 *
 * @throws where the path leaves the sandbox
 */
export async function createIn(sandbox: string, path: string, owner: Owner | undefined): Promise<FileHandle> {
  const target = await makeWayTo(sandbox, path, owner)
  await rm(target, { force: true })
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(target, flags, 0o644)
  try {
    await file.chmod(0o644) // whatever our umask is
    if (owner !== undefined) await file.chown(owner.uid, owner.gid)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Makes the folders above `path` and tells where it is. */
export async function makeWayTo(sandbox: string, path: string, owner: Owner | undefined): Promise<string> {
  const steps = path.split(sep)
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    throw new Error(`'${path}' is not a path inside of the sandbox`)
  }
  let folder = sandbox
  for (const step of steps.slice(0, -1)) {
    folder = join(folder, step)
    try {
      await mkdir(folder, { mode: 0o755 })
      if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      if (!(await lstat(folder)).isDirectory())
        throw new Error(`'${folder}' is in the way: not a folder`, { cause: error })
    }
  }
  return join(folder, steps.at(-1) ?? '')
}
