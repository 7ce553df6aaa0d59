import type { QueueItem } from '../core/jenkins-reading.ts'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'
import { type Item, Queue } from './shapes.ts'

const ITEM_TREE =
  'id,why,stuck,blocked,buildable,pending,inQueueSince,buildableStartMilliseconds,task[name,fullName,url,labelExpression]'
const QUEUE_PATH = `queue/api/json?tree=${encodeURIComponent(`items[${ITEM_TREE}]`)}`

export async function readQueue(client: JenkinsClient, signal?: AbortSignal): Promise<readonly QueueItem[]> {
  const { items } = await client.getJson(QUEUE_PATH, Queue, signal)
  return toQueue(items)
}

/** @throws JenkinsError on an item whose state cannot be told: it may be demand, so it is not passed over */
function toQueue(items: readonly Item[]): readonly QueueItem[] {
  const taken = new Set<string>()
  const queue: QueueItem[] = []
  for (const item of items) {
    const kind = kindOf(item)
    if (kind === 'left') continue
    const job = item.task?.fullName ?? item.task?.name ?? 'unnamed'
    queue.push({
      id: idOf(item, job, taken),
      job,
      jobUrl: item.task?.url ?? '',
      why: item.why ?? undefined,
      stuck: item.stuck ?? false,
      blocked: kind === 'blocked',
      buildable: kind === 'buildable',
      pending: item.pending ?? false,
      buildableSince: item.buildableStartMilliseconds ?? undefined,
      queuedSince: item.inQueueSince ?? undefined,
      labelExpression: item.task?.labelExpression ?? undefined,
    })
  }
  return queue
}

type Kind = 'waiting' | 'blocked' | 'buildable' | 'left'

const KINDS: Readonly<Record<string, Kind>> = {
  WaitingItem: 'waiting',
  BlockedItem: 'blocked',
  BuildableItem: 'buildable',
  LeftItem: 'left',
}

/** By its class, or by its flags where the controller is too old to tell classes. */
function kindOf(item: Item): Kind {
  const type = /([A-Za-z]+)$/.exec(item._class ?? '')?.[1]
  const byClass = type === undefined ? undefined : KINDS[type]
  if (byClass !== undefined) return byClass
  if (item.buildable === true) return 'buildable'
  if (item.blocked === true) return 'blocked'
  if (item.buildable === false && item.blocked === false) return 'waiting'
  throw new JenkinsError(
    'JENKINS_MALFORMED',
    `GET queue/api/json: item ${item.id ?? item.task?.name ?? '?'} tells neither its class nor whether it is buildable. Is it really Jenkins that answers?`,
  )
}

/** Controllers before 1.5xx have no ids. Two items of one job that came at once are told apart by their order. */
function idOf(item: Item, job: string, taken: Set<string>): string {
  const base = item.id != null ? String(item.id) : `${job}@${item.buildableStartMilliseconds ?? 'waiting'}`
  let id = base
  for (let copy = 2; taken.has(id); copy++) id = `${base}#${copy}`
  taken.add(id)
  return id
}
