import { stat, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { WireVolume } from '../../../mesos/protocol.ts'
import { makeWayTo, type Owner, type TaskFolders } from './sandbox.ts'

/**
 * The volumes of a container of a task group: links in its sandbox, as Mesos makes them where it cannot mount. What
 * they lead to is a folder of the host, or one in the sandbox of the executor, which all containers of the group see.
 */
export async function linkVolumes(
  volumes: readonly WireVolume[],
  { sandbox, executor }: TaskFolders,
  owner: Owner | undefined,
): Promise<void> {
  if (executor === undefined) return
  for (const volume of volumes) {
    const source = sourceOf(volume)
    if (source === undefined) continue
    if (isAbsolute(source) && !(await isThere(source))) throw new Error(`the volume '${source}' is not there`)
    const folder = isAbsolute(source) ? source : dirname(await makeWayTo(executor, join(source, 'any'), owner))
    await symlink(folder, await makeWayTo(sandbox, volume.container_path, owner))
  }
}

/** What cannot be had without mounting. */
export function volumesError(volumes: readonly WireVolume[]): string | undefined {
  for (const volume of volumes) {
    const path = volume.container_path
    if (sourceOf(volume) === undefined) {
      return `the volume at '${path}' is of a kind that this embedded Mesos does not have: it knows host paths and paths in the executor's sandbox`
    }
    if (isAbsolute(path)) {
      return `the volume at '${path}' would have to be mounted, and this embedded Mesos only makes links: give it a path inside of the sandbox, such as '${path.slice(1)}'`
    }
  }
  return undefined
}

/** Absolute on the host, or relative to the sandbox of the executor. */
function sourceOf({ host_path, source }: WireVolume): string | undefined {
  if (host_path !== undefined) return host_path
  if (source?.type === 'HOST_PATH') return source.host_path?.path
  return source?.type === 'SANDBOX_PATH' && source.sandbox_path?.type === 'PARENT'
    ? source.sandbox_path.path
    : undefined
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
