import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Change, Saved } from '../loop/ports.ts'
import type { ZooKeeperSession } from '../zookeeper/session.ts'
import { Contents, type WrittenChange } from './records.ts'
import { readWritten, sealText, unsealText, untrusted } from './sealed.ts'

/**
 * Below the path of the state: `records/framework`, `records/agent/ID` and the like, one znode a record; `head`, which every
 * commit changes; `parts`, the changes of a commit that is too large for one packet.
 */
export class StatePaths {
  readonly root: string
  readonly head: string
  readonly records: string
  readonly agents: string
  readonly sizings: string
  readonly parts: string

  /** @param root `/sidecar`, or `/` */
  constructor(root: string) {
    this.root = root === '/' ? '' : root
    this.head = `${this.root}/head`
    this.records = `${this.root}/records`
    this.agents = `${this.records}/agent`
    this.sizings = `${this.records}/sizing`
    this.parts = `${this.root}/parts`
  }

  /** Names of znodes hold no slash and are not `.` or `..`. */
  ofKey(key: Change['key']): string {
    const [folder, ...rest] = key.split('/')
    if (rest.length === 0) return `${this.records}/${key}`
    return `${this.records}/${folder}/${encodeURIComponent(rest.join('/')).replaceAll('.', '%2E')}`
  }

  part(index: number): string {
    return `${this.parts}/${String(index).padStart(6, '0')}`
  }
}

/** What stands in `head`. */
export interface Head {
  /** Names the last commit: whether it was done is read here when its answer was lost. */
  readonly commit: string
  /** So many parts of it are still to be carried out. */
  readonly parts: number
}

const HeadCheck = Compile(Type.Object({ commit: Type.String(), parts: Type.Integer({ minimum: 0 }) }))
const RecordCheck = Compile(Type.Object({ key: Type.String(), value: Type.Unknown() }))
const PartCheck = Compile(
  Type.Object({ changes: Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() })) }),
)

export function writeHead(head: Head): Buffer {
  return Buffer.from(sealText(head))
}

/** Its key is in it, so that a copy under another name is no record. */
export function writeRecord({ key, value }: WrittenChange): Buffer {
  return Buffer.from(sealText({ key, value }))
}

export function writePart(changes: readonly WrittenChange[]): Buffer {
  return Buffer.from(sealText({ changes }))
}

export interface ReadState {
  /** `undefined`: nothing was ever stored here. */
  readonly head: { readonly head: Head; readonly version: number } | undefined
  /** With what is still to be carried out. */
  readonly contents: Contents
  /** Of the znodes that there are, by key. */
  readonly versions: ReadonlyMap<string, number>
  /** Committed, and not yet in all of its znodes. */
  readonly pending: readonly Change[]
}

/**
 * Reads everything as of now; changes nothing.
 * @throws StoreError where the content cannot be trusted; ZooKeeperError
 */
export async function readRecords(session: ZooKeeperSession, paths: StatePaths): Promise<ReadState> {
  await session.sync(paths.root === '' ? '/' : paths.root)
  const head = await readHead(session, paths)
  const contents = new Contents()
  const versions = new Map<string, number>()
  const read = async (path: string): Promise<void> => {
    const node = await session.get(path)
    if (node === undefined) return
    const place = { znode: path }
    const { format, content } = unsealText(node.data.toString('utf8'), place)
    if (!RecordCheck.Check(content)) throw untrusted(place, 'key or value is missing')
    const change = readWritten({ key: content.key, value: content.value }, format, place)
    if (paths.ofKey(change.key) !== path) throw untrusted(place, `it holds the record of ${change.key}`)
    if (head === undefined) throw untrusted({ znode: paths.head }, 'it is missing although there are records')
    contents.apply(change)
    versions.set(change.key, node.version)
  }
  const others = ((await session.children(paths.records)) ?? []).filter((name) => name !== 'agent' && name !== 'sizing')
  const agents = (await session.children(paths.agents)) ?? []
  const sizings = (await session.children(paths.sizings)) ?? []
  await Promise.all(others.map((name) => read(`${paths.records}/${name}`)))
  await Promise.all(sizings.map((name) => read(`${paths.sizings}/${name}`)))
  await Promise.all([...agents].sort().map((name) => read(`${paths.agents}/${name}`)))
  const pending = await readParts(session, paths, head?.head.parts ?? 0)
  for (const change of pending) contents.apply(change)
  return { head, contents, versions, pending }
}

/** For commands that only look. */
export async function readZooKeeperState(session: ZooKeeperSession, path: string): Promise<Saved> {
  return (await readRecords(session, new StatePaths(path))).contents.saved()
}

async function readHead(session: ZooKeeperSession, { head }: StatePaths): Promise<ReadState['head']> {
  const node = await session.get(head)
  if (node === undefined) return undefined
  const place = { znode: head }
  const { content } = unsealText(node.data.toString('utf8'), place)
  if (!HeadCheck.Check(content)) throw untrusted(place, 'commit or parts is missing')
  return { head: { commit: content.commit, parts: content.parts }, version: node.version }
}

async function readParts(session: ZooKeeperSession, paths: StatePaths, count: number): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (let index = 0; index < count; index++) {
    const place = { znode: paths.part(index) }
    const node = await session.get(place.znode)
    if (node === undefined) throw untrusted(place, 'it is missing although the last commit needs it')
    const { format, content } = unsealText(node.data.toString('utf8'), place)
    if (!PartCheck.Check(content)) throw untrusted(place, 'changes are missing or have another type')
    for (const change of content.changes) changes.push(readWritten(change, format, place))
  }
  return changes
}
