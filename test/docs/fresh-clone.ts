import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder with what a clone of this working tree would hold, changes that are not committed yet included. */
export function freshClone(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'fresh-clone-')), 'jenkins-mesos-sidecar')
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  for (const path of listed.toString().split('\0')) {
    if (path === '' || !existsSync(path)) continue // deleted, not committed
    cpSync(path, join(folder, path), { recursive: true })
  }
  return folder
}

/** What a test made around a clone goes with it. */
export function folderOf(clone: string): string {
  return dirname(clone)
}
