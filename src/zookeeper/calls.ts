import type { Request } from './connection.ts'
import type { JuteReader } from './jute.ts'
import * as packets from './packets.ts'
import { NO_NODE } from './server-codes.ts'
import type { CreateOptions, NodeData, ZooKeeperOp } from './session.ts'
import type { WatchKind } from './watches.ts'

/** Told when the server has set the watch that was asked for, and what it waits for. */
type Keep = ((kind: WatchKind) => void) | undefined

const nothing = (): undefined => undefined

export function children(path: string, keep: Keep): Request<readonly string[] | undefined> {
  return look('list', path, packets.children(path, keep !== undefined), (reader) => {
    const names = reader.strings()
    keep?.('children')
    return names
  })
}

/** The server keeps no watch for a get of what is not there. */
export function get(path: string, keep: Keep): Request<NodeData | undefined> {
  return look('get', path, packets.get(path, keep !== undefined), (reader) => {
    const data = packets.readData(reader)
    keep?.('data')
    return data
  })
}

export function exists(path: string, keep: Keep): Request<true | undefined> {
  const read = (reader: JuteReader): true => {
    packets.readVersion(reader)
    keep?.('data')
    return true
  }
  return look('look at', path, packets.exists(path, keep !== undefined), read, () => keep?.('exists'))
}

export function create(path: string, data: Buffer, options: CreateOptions, owned: boolean): Request<string> {
  const body = packets.create(path, data, options, owned)
  return { body, what: `create ${path}`, path, isWrite: true, read: (reader) => reader.string() }
}

export function set(path: string, data: Buffer, version: number): Request<number> {
  const body = packets.set(path, data, version)
  return { body, what: `set ${path}`, path, isWrite: true, read: packets.readVersion }
}

export function remove(path: string, version: number): Request<undefined> {
  return { body: packets.remove(path, version), what: `delete ${path}`, path, isWrite: true, read: nothing }
}

export function sync(path: string): Request<undefined> {
  return { body: packets.sync(path), what: `sync ${path}`, path, isWrite: false, read: nothing }
}

export function multi(ops: readonly ZooKeeperOp[], owned: boolean): Request<ReturnType<typeof packets.readMulti>> {
  const body = packets.multi(ops, owned)
  return { body, what: `multi of ${ops.length}`, isWrite: true, read: packets.readMulti }
}

export function closeSession(): Request<undefined> {
  return { body: packets.closeSession, what: 'close', isWrite: false, read: nothing }
}

/** That there is no such node is an answer. */
function look<T>(
  verb: string,
  path: string,
  body: packets.Body,
  read: (reader: JuteReader) => T,
  onMissing: () => void = nothing,
): Request<T | undefined> {
  const expect = (error: number): { readonly value: undefined } | undefined => {
    if (error !== NO_NODE) return undefined
    onMissing()
    return { value: undefined }
  }
  return { body, what: `${verb} ${path}`, path, isWrite: false, read, expect }
}
