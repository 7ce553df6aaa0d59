import type { Instant } from '../../core/model.ts'
import type { Computer } from './computer.ts'
import type { Farm } from './farm.ts'
import { estimatedDuration, runningBuild } from './jobs.ts'
import { labelOf } from './labels.ts'
import { type Messages, timeSpan } from './messages.ts'
import type { ItemState, JobState } from './model.ts'

/** What a plugin says against running this item on this node; `undefined` where it has nothing against it. */
export type Veto = (item: ItemState, job: JobState, computer: Computer) => string | undefined

export interface Blockage {
  readonly farm: Farm
  readonly veto: Veto | undefined
  readonly quietingDown: boolean
  readonly now: Instant
}

/** The item's own label, where a parameter gave it one, else the job's. */
function labelOfItem(item: ItemState, job: JobState): string | null {
  return item.labelExpression ?? job.labelExpression
}

/** Why this item waits, in Jenkins' words; `null` for one that waits no more. */
export function whyOf(item: ItemState, job: JobState, world: Blockage, say: Messages): string | null {
  switch (item.stage) {
    case 'left':
      return null
    case 'pending':
      return say.finishedWaiting
    case 'waiting':
      return item.startAt > world.now ? say.quiet(timeSpan(item.startAt - world.now)) : say.finishedWaiting
    case 'blocked':
      return blockedBy(job, world, say)
    case 'buildable':
      return world.quietingDown ? say.shuttingDown : notTaken(item, job, world, say)
  }
}

function blockedBy(job: JobState, world: Blockage, say: Messages): string {
  const running = runningBuild(job)
  if (running === undefined) return say.inProgress
  const left = estimatedDuration(job) - (world.now - running.startedAt)
  return say.buildRunning(`#${running.number}`, left > 0 ? timeSpan(left) : 'N/A')
}

function notTaken(item: ItemState, job: JobState, world: Blockage, say: Messages): string {
  const { farm } = world
  // The built-in node does not count: with no other the label is not looked at.
  const wanted = farm.nodes.size === 0 ? null : labelOfItem(item, job)
  if (wanted === null) {
    const anyIdle = farm.computers.some(offersIdle)
    return (anyIdle ? refusals(item, job, world, say) : undefined) ?? say.waiting
  }
  const label = labelOf(wanted)
  const nodes = farm.nodesOf(wanted)
  const only = nodes.length === 1 ? nodes[0] : undefined
  const onlyName = only === undefined ? undefined : (only.computer?.displayName ?? only.node.name)
  if (!nodes.some(({ computer }) => computer?.online ?? false)) {
    if (onlyName !== undefined) return say.nodeOffline(onlyName)
    return nodes.length === 0 ? say.noNodes(label.name) : say.allOffline(label.name)
  }
  const idle = nodes.some(({ computer }) => computer !== undefined && offersIdle(computer))
  return (idle ? refusals(item, job, world, say) : undefined) ?? say.waitingOn(onlyName ?? label.name)
}

function offersIdle(computer: Computer): boolean {
  return computer.online && computer.acceptingTasks && computer.idleExecutors > 0
}

/** Why no idle executor takes the item: up to five different reasons, then how many more. */
function refusals(item: ItemState, job: JobState, world: Blockage, say: Messages): string | undefined {
  const reasons = new Set<string>()
  for (const computer of world.farm.computers) {
    if (computer.idleExecutors === 0) continue
    const reason = refusal(item, job, computer, world.veto, say)
    // It is about to be taken: the queue has not looked at this executor yet.
    reasons.add(reason ?? say.slotInUse)
  }
  if (reasons.size === 0) return undefined
  const said = [...reasons].sort()
  const more = said.length > 5 ? `; ... and ${said.length - 5} more` : ''
  return `${said.slice(0, 5).join('; ')}${more}`
}

/** Why an idle executor of this computer does not take the item; `undefined`: it does. */
export function refusal(
  item: ItemState,
  job: JobState,
  computer: Computer,
  veto: Veto | undefined,
  say: Messages,
): string | undefined {
  const label = labelOfItem(item, job)
  const name = computer.displayName
  if (label !== null && !labelOf(label).matches(computer.labels)) return say.lacksLabel(name, labelOf(label).name)
  if (label === null && computer.node.mode === 'EXCLUSIVE') return say.reserved(name)
  const vetoed = veto?.(item, job, computer)
  if (vetoed !== undefined) return vetoed
  if (!computer.online) return say.nodeOffline(name)
  if (!computer.acceptingTasks) return say.notAccepting(name)
  return undefined
}

/** `stuck` of a buildable item: no online node has its label, or it waits out of all proportion. */
export function isStuck(item: ItemState, job: JobState, farm: Farm, now: Instant): boolean {
  if (item.stage !== 'buildable' && item.stage !== 'pending') return false
  const label = labelOfItem(item, job)
  if (label !== null && farm.labelIsOffline(label)) return true
  const estimated = estimatedDuration(job)
  const elapsed = now - (item.buildableSince ?? item.since)
  return estimated >= 0 ? elapsed > 10 * Math.max(estimated, 60_000) : elapsed >= 25 * 3_600_000
}
