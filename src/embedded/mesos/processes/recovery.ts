import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../core/code-of.ts'
import type { RunnableTask } from '../runner.ts'
import { checkpointFiles, isRecord, readCheckpoint } from './checkpoint.ts'
import { foldersOf, type TaskFolders } from './sandbox.ts'

export interface FoundTask {
  readonly task: RunnableTask
  readonly folders: TaskFolders
  /** Why its description could not be used: then `task` holds only what the folders' names tell. */
  readonly problem: string | undefined
}

/** All tasks that have a checkpoint below the work folder. */
export async function findTasks(workDir: string): Promise<readonly FoundTask[]> {
  const found: FoundTask[] = []
  const agents = join(workDir, 'meta', 'slaves')
  for (const agentId of await namesIn(agents)) {
    const frameworks = join(agents, agentId, 'frameworks')
    for (const frameworkId of await namesIn(frameworks)) {
      const executors = join(frameworks, frameworkId, 'executors')
      for (const taskId of await namesIn(executors)) {
        const runs = join(executors, taskId, 'runs')
        for (const containerId of await namesIn(runs)) {
          const named = { agentId, frameworkId, containerId }
          const nested = await namesIn(join(runs, containerId, 'containers'))
          if (nested.length === 0) found.push(readTask(workDir, nameless({ ...named, taskId })))
          for (const id of nested) {
            const parent = { executorId: taskId, containerId }
            // Only its checkpoint knows the id of such a task.
            found.push(readTask(workDir, nameless({ ...named, taskId: id, containerId: id, parent })))
          }
        }
      }
    }
  }
  return found
}

function readTask(workDir: string, byName: RunnableTask): FoundTask {
  const folders = foldersOf(workDir, byName)
  const reading = readCheckpoint(folders.checkpoint, checkpointFiles.task, isTaskContent)
  const path = join(folders.checkpoint, checkpointFiles.task)
  if (reading.kind === 'absent') return { task: byName, folders, problem: `there is no ${path}` }
  if (reading.kind === 'unusable') return { task: byName, folders, problem: reading.why }
  const { task } = reading.value
  const same =
    task.frameworkId === byName.frameworkId &&
    task.containerId === byName.containerId &&
    task.parent?.executorId === byName.parent?.executorId &&
    task.parent?.containerId === byName.parent?.containerId &&
    (task.parent !== undefined || task.info.task_id.value === byName.info.task_id.value) &&
    task.info.agent_id.value === byName.info.agent_id.value
  if (!same) return { task: byName, folders, problem: `${path} is of another task than its folder` }
  return { task, folders, problem: undefined }
}

function nameless({
  agentId,
  taskId,
  ...named
}: Pick<RunnableTask, 'frameworkId' | 'containerId' | 'parent'> & {
  readonly agentId: string
  readonly taskId: string
}): RunnableTask {
  const info = { name: taskId, task_id: { value: taskId }, agent_id: { value: agentId }, resources: [] }
  return { ...named, user: '', checkpoint: true, role: '*', info }
}

function isTaskContent(
  content: Readonly<Record<string, unknown>>,
): content is Readonly<Record<string, unknown>> & { readonly task: RunnableTask } {
  const task = content['task']
  return (
    isRecord(task) &&
    typeof task['frameworkId'] === 'string' &&
    typeof task['user'] === 'string' &&
    typeof task['checkpoint'] === 'boolean' &&
    typeof task['role'] === 'string' &&
    typeof task['containerId'] === 'string' &&
    isRecord(task['info']) &&
    isId(task['info']['task_id']) &&
    isId(task['info']['agent_id']) &&
    Array.isArray(task['info']['resources']) &&
    isParent(task['parent'])
  )
}

function isParent(value: unknown): boolean {
  if (value === undefined) return true
  return isRecord(value) && typeof value['executorId'] === 'string' && typeof value['containerId'] === 'string'
}

function isId(value: unknown): boolean {
  return isRecord(value) && typeof value['value'] === 'string'
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
