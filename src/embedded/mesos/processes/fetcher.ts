import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { chmod, chown, type FileHandle, lstat, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'
import type { Clock } from '../../../core/clock.ts'
import { messageOf } from '../../../core/code-of.ts'
import type { WireUri } from '../../../mesos/protocol.ts'
import { download, isWeb } from './download.ts'
import { createIn, makeWayTo, type Owner } from './sandbox.ts'

export interface FetchOptions {
  readonly sandbox: string
  /** The sandbox' stderr, open for appending: the only place where URIs are written down. */
  readonly log: FileHandle
  readonly owner: Owner | undefined
  /** For `cp`, `tar` and `unzip`: nothing but PATH and the sandbox' mark. */
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Fetches a task's URIs into its sandbox, one after the other, each asked for once.
 *
 * @returns false where one could not be fetched; why stands in the sandbox' stderr, as under Mesos
 */
export async function fetchAll(uris: readonly WireUri[], options: FetchOptions): Promise<boolean> {
  for (const uri of uris) {
    try {
      const path = await fetchOne(uri, options)
      await options.log.appendFile(`Fetched '${uri.value}' to '${path}'\n`)
    } catch (error) {
      await options.log.appendFile(`Failed to fetch '${uri.value}': ${messageOf(error)}\n`)
      return false
    }
  }
  return true
}

/**
 * Where a URI goes without `output_file`: what follows its last slash, a query included.
 *
 * @throws where there is no such name
 */
export function nameOf(uri: string): string {
  const scheme = uri.indexOf('://')
  const path = scheme < 0 ? uri : uri.slice(scheme + 3)
  const slash = path.indexOf('/')
  const name = scheme >= 0 && slash < 0 ? '' : path.slice(path.lastIndexOf('/') + 1)
  if (name === '' || name === '.' || name === '..') throw new Error('malformed URI: it does not name a file')
  return name
}

async function fetchOne(uri: WireUri, options: FetchOptions): Promise<string> {
  const { sandbox, owner, clock, signal } = options
  signal.throwIfAborted()
  const name = uri.output_file ?? nameOf(uri.value)
  const url = URL.canParse(uri.value) ? new URL(uri.value) : undefined
  const target = await makeWayTo(sandbox, name, owner)
  if (url !== undefined && isWeb(url)) {
    const file = await createIn(sandbox, name, owner)
    try {
      await download(url, file, clock, signal)
    } finally {
      await file.close()
    }
  } else {
    // By `cp` under the task's user: it may read what that user may read, whoever we are.
    await rm(target, { force: true })
    await run('cp', ['--', localPath(uri.value, url), target], options)
    if (!(await lstat(target)).isFile()) throw new Error('it is not a file')
  }
  await chmod(target, uri.executable === true ? 0o755 : 0o644)
  if (owner !== undefined) await chown(target, owner.uid, owner.gid)
  if (uri.executable !== true && uri.extract !== false) await extract(name, target, options)
  return target
}

function localPath(value: string, url: URL | undefined): string {
  if (value.startsWith('/')) return value
  if (url?.protocol === 'file:') return fileURLToPath(url)
  throw new Error('only http, https and file URIs and absolute paths can be fetched here')
}

/** What does not look like an archive stays as it is. */
async function extract(name: string, path: string, options: FetchOptions): Promise<void> {
  if (/\.(tar|tar\.gz|tgz|tar\.bz2|tbz2|tar\.xz|txz)$/.test(name)) {
    await run('tar', ['-C', options.sandbox, '-xf', path], options)
  } else if (name.endsWith('.zip')) {
    await run('unzip', ['-o', '-q', '-d', options.sandbox, path], options)
  } else if (name.endsWith('.gz')) {
    const file = await createIn(options.sandbox, basename(name, '.gz'), options.owner)
    await pipeline(createReadStream(path), createGunzip(), file.createWriteStream(), { signal: options.signal })
  }
}

async function run(program: string, argv: readonly string[], options: FetchOptions): Promise<void> {
  const { sandbox, log, owner, environment, signal } = options
  const child = spawn(program, argv, {
    cwd: sandbox,
    env: environment,
    stdio: ['ignore', log.fd, log.fd],
    signal,
    killSignal: 'SIGKILL',
    ...owner,
  })
  const status = await endOf(child)
  if (status !== 0) throw new Error(`${program} ended with ${status}`)
}

/** Its end, also after an abort: nothing may write to the sandbox any more. */
function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined
    child.on('error', (error) => {
      failure = error
      if (child.pid === undefined) reject(error)
    })
    child.on('exit', (status, signal) => {
      if (failure !== undefined) reject(failure)
      else resolve(status ?? signal ?? 'no status')
    })
  })
}
