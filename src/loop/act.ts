import { messageOf } from '../core/code-of.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import { never } from '../core/never.ts'
import type { Action, Plan } from '../core/snapshot.ts'
import type { Context } from './context.ts'
import type { NodeKeeper } from './keep-nodes.ts'
import type { Provisioner } from './provision.ts'
import type { Reaper } from './reap.ts'
import type { Rebuilder } from './rebuild.ts'

export interface Hands {
  readonly provisioner: Provisioner
  readonly reaper: Reaper
  readonly keeper: NodeKeeper
  readonly rebuilder: Rebuilder
}

/**
 * Does what a plan says: its records go to the store, then its actions begin. They go on beside the following rounds,
 * which leave their agents alone until they have ended. While the store fails only offers are answered.
 */
export async function act(plan: Plan, context: Context, hands: Hands): Promise<void> {
  const { world, mesos } = context
  world.memory = plan.memory
  if (world.mesos.standingBack !== undefined) return // another instance acts, or a person must
  // Held for as long as Jenkins is not seen; an operator's word is for what was held then.
  if (plan.memory.brake === undefined) world.brakeReleased = false
  for (const record of plan.records) {
    if (world.get(record.agentId) === undefined && !isAdopted(record, context)) continue
    world.put(record)
    if (record.state === 'gone') hands.reaper.gone(record)
    if (record.state !== 'planned') world.ready.delete(record.agentId)
  }
  const stored = await saved(context)
  mesos.want(stored ? plan.wantedRoles : new Set(), stored ? plan.revive : undefined)
  for (const action of plan.actions) if (stored || action.kind === 'decline') begin(action, context, hands)
  if (!stored) return
  hands.rebuilder.look()
  // A round that is held back does not say all that is to be done.
  if (plan.explanation.held === undefined) hands.keeper.wanted(plan.actions)
  hands.provisioner.begin(plan.actions.filter((action) => action.kind === 'provision' || action.kind === 'place'))
}

/** Its task may have ended between the look and now. */
function isAdopted({ agentId, template, reason, mesosAgentId }: AgentRecord, { world, log }: Context): boolean {
  if (!world.strays.delete(agentId)) return false
  log.warn({ agentId, template, mesosAgentId, reason }, 'agent adopted')
  return true
}

async function saved({ world, log }: Context): Promise<boolean> {
  try {
    await world.save()
    return true
  } catch (error) {
    log.debug({ err: error }, 'nothing is begun in this round')
    return false
  }
}

function begin(action: Action, context: Context, { reaper, keeper }: Hands): void {
  switch (action.kind) {
    case 'provision':
    case 'place':
      return // together, by place
    case 'createAnchor':
      keeper.createAnchor(action.template, action.node)
      return
    case 'offlineAnchor':
      keeper.offlineAnchor(action.node)
      return
    case 'deleteAnchor':
      keeper.deleteAnchor(action.node, action.reason)
      return
    case 'decline':
      void context.desk.decline(action.offers, action.refuseSeconds)
      return
    case 'reap':
      reaper.reap(action.agentId)
      return
    case 'offlineNode':
      reaper.offlineNode(action.agentId, action.reason)
      return
    case 'onlineNode':
      reaper.onlineNode(action.agentId)
      return
    case 'removeNode':
      reaper.removeNode(action.agentId)
      return
    case 'kill':
      reaper.kill(action.agentId)
      return
    case 'removeOrphanNode':
      keeper.removeOrphan(action.node)
      return
    case 'killStray':
      killStray(action, context)
      return
    case 'askTasks':
      ask(action.taskIds, context)
      return
    default:
      never(action)
  }
}

function ask(taskIds: readonly AgentId[], { mesos, log }: Context): void {
  mesos.reconcile(taskIds.map((taskId) => ({ taskId, mesosAgentId: undefined }))).catch((error: unknown) => {
    log.debug({ why: messageOf(error), err: error }, 'Mesos was not asked about tasks and is asked again')
  })
}

/** A KILL may get lost: its count begins anew, and it is killed again if Mesos goes on telling of it. */
function killStray({ taskId, mesosAgentId }: Extract<Action, { kind: 'killStray' }>, context: Context): void {
  const { world, mesos, report, log, clock } = context
  const stray = world.strays.get(taskId)
  if (stray === undefined) return
  const now = clock.now()
  world.strays.set(taskId, { ...stray, since: now, sweeps: 0, lastSweep: now })
  mesos.kill(taskId, mesosAgentId).then(
    () => {
      report.orphanRemoved('task')
      log.warn({ taskId }, 'orphan killed: a task of our framework that no agent owns')
    },
    (error: unknown) => {
      log.debug({ taskId, err: error }, 'an orphan was not killed and is found again')
    },
  )
}

/** One line for people: `provision linux on host-1 (2 executors): job app waits`. */
export function describe(action: Action): string {
  switch (action.kind) {
    case 'provision': {
      const { template, place, executors, reason } = action
      const many = executors === 1 ? '1 executor' : `${executors} executors`
      return `provision an agent of ${template.name} on ${place.hostname} (${many}): ${reason}`
    }
    case 'place':
      return `launch ${action.agentId} on ${action.place.hostname}`
    case 'createAnchor':
      return `make the anchor ${action.node} of template ${action.template.name}`
    case 'offlineAnchor':
      return `take the anchor ${action.node} offline`
    case 'deleteAnchor':
      return `remove the anchor ${action.node}: ${action.reason}`
    case 'decline':
      return `decline ${action.offers.length} offers for ${action.refuseSeconds} s`
    case 'reap':
      return `reap ${action.agentId}`
    case 'offlineNode':
      return `take the node ${action.agentId} offline: ${action.reason}`
    case 'onlineNode':
      return `bring the node ${action.agentId} back online`
    case 'removeNode':
      return `remove the node ${action.agentId}`
    case 'kill':
      return `kill the task ${action.agentId}`
    case 'removeOrphanNode':
      return `remove the orphan node ${action.node}`
    case 'killStray':
      return `kill the orphan task ${action.taskId}`
    case 'askTasks':
      return `ask Mesos about ${action.taskIds.length} tasks that only Jenkins knows, such as ${action.taskIds[0] ?? ''}`
  }
}
