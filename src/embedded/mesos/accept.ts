import type { Allocator } from './allocator.ts'
import type { Cluster, OfferRecord } from './cluster.ts'
import type { Framework } from './framework.ts'
import { launchGroup } from './launch-group.ts'
import { taskError } from './launch-validation.ts'
import type { ReceivedCall, ReceivedOperation, ReceivedTask } from './received.ts'
import { add, fromWire, InvalidResource, type Pool, subtract } from './resources.ts'

type Accept = NonNullable<ReceivedCall['accept']>
type Decline = NonNullable<ReceivedCall['decline']>

/** ACCEPT: launches what is valid, says what is not, and takes the rest back under the call's filter. */
export function accept(cluster: Cluster, allocator: Allocator, framework: Framework, call: Accept): void {
  const ids = (call.offer_ids ?? []).map(({ value }) => value)
  const wrong = offersError(cluster, framework, ids)
  const offers = [...new Set(ids)].flatMap((id) => {
    const offer = cluster.offers.get(id)
    return offer?.framework === framework ? [offer] : []
  })
  for (const offer of offers) cluster.dropOffer(offer)
  const first = offers[0]
  if (wrong !== undefined || first === undefined) {
    dropTasks(cluster, framework, call, wrong ?? 'No offers specified')
    return
  }
  framework.count('offers/accepted', offers.length)
  let left = offers.reduce<Pool>((sum, { resources }) => add(sum, resources), [])
  for (const operation of call.operations ?? []) left = perform(cluster, framework, first, operation, left)
  allocator.refuse(first, left, call.filters?.refuse_seconds)
}

/** DECLINE: ids that are not (or no longer) its offers are passed over. */
export function decline(cluster: Cluster, allocator: Allocator, framework: Framework, call: Decline): void {
  for (const { value } of call.offer_ids ?? []) {
    const offer = cluster.offers.get(value)
    if (offer?.framework !== framework) continue
    cluster.dropOffer(offer)
    framework.count('offers/declined')
    allocator.refuse(offer, offer.resources, call.filters?.refuse_seconds)
  }
}

function offersError(cluster: Cluster, framework: Framework, ids: readonly string[]): string | undefined {
  if (ids.length === 0) return 'No offers specified'
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) return `Duplicate offer ${twice} in offer list`
  let first: OfferRecord | undefined
  for (const id of ids) {
    const offer = cluster.offers.get(id)
    if (offer === undefined) return `Offer ${id} is no longer valid`
    if (offer.framework !== framework) {
      return `Offer ${id} has invalid framework ${offer.framework.id} while framework ${framework.id} is expected`
    }
    first ??= offer
    if (offer.role !== first.role) {
      return `Aggregated offers must be allocated to the same role. Offer ${id} uses role '${offer.role}' but another is using role '${first.role}'`
    }
    if (offer.record !== first.record) {
      return `Aggregated offers must belong to one single agent. Offer ${id} uses agent ${offer.record.id} and agent ${first.record.id}`
    }
  }
  return undefined
}

function tasksOf(operation: ReceivedOperation): readonly ReceivedTask[] {
  return operation.launch?.task_infos ?? operation.launch_group?.task_group.tasks ?? []
}

function dropTasks(cluster: Cluster, framework: Framework, call: Accept, wrong: string): void {
  const launches = (call.operations ?? []).filter(({ type }) => type === 'LAUNCH' || type === 'LAUNCH_GROUP')
  for (const task of launches.flatMap(tasksOf)) {
    const state = framework.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST'
    const message = `Task launched with invalid offers: ${wrong}`
    cluster.count(framework.partitionAware ? 'tasks_dropped' : 'tasks_lost')
    cluster.tell(
      framework,
      cluster.masterStatus(task.task_id.value, state, message, 'REASON_INVALID_OFFERS', {
        mesosAgentId: task.agent_id.value,
      }),
    )
  }
}

/** Gives back what is left. */
function perform(
  cluster: Cluster,
  framework: Framework,
  offer: OfferRecord,
  operation: ReceivedOperation,
  available: Pool,
): Pool {
  const refuseAll = (message: string, reason: string): Pool => {
    for (const task of tasksOf(operation)) refuse(cluster, framework, task, message, reason)
    return available
  }
  if (operation.type === 'LAUNCH_GROUP' && operation.launch_group !== undefined) {
    const launched = launchGroup(cluster, framework, offer, operation, available)
    return 'wrong' in launched ? refuseAll(launched.wrong, 'REASON_TASK_GROUP_INVALID') : launched.left
  }
  if (operation.type !== 'LAUNCH') return available
  if (operation.id !== undefined) {
    return refuseAll('The `id` field cannot be set on LAUNCH operations', 'REASON_TASK_INVALID')
  }
  let wanted: readonly (readonly [ReceivedTask, Pool])[]
  try {
    wanted = tasksOf(operation).map((task) => [task, fromWire(task.resources ?? [], offer.role)] as const)
  } catch (error) {
    if (!(error instanceof InvalidResource)) throw error
    return refuseAll(error.message, 'REASON_TASK_INVALID')
  }
  let left = available
  for (const [task, pool] of wanted) {
    const wrong = taskError(task, framework, offer.record.id, pool, left)
    if (wrong === undefined) {
      left = subtract(left, pool)
      launch(cluster, framework, offer, task, pool)
    } else refuse(cluster, framework, task, wrong, 'REASON_TASK_INVALID')
  }
  return left
}

function refuse(cluster: Cluster, framework: Framework, task: ReceivedTask, message: string, reason: string): void {
  cluster.count('tasks_error')
  cluster.tell(
    framework,
    cluster.masterStatus(task.task_id.value, 'TASK_ERROR', message, reason, { mesosAgentId: task.agent_id.value }),
  )
}

function launch(cluster: Cluster, framework: Framework, offer: OfferRecord, info: ReceivedTask, resources: Pool): void {
  const { record, role } = offer
  const task = cluster.makeTask({ frameworkId: framework.id, mesosAgentId: record.id, role, info }, resources)
  framework.tasks.set(task.taskId, task)
  framework.count('operations/launch')
  record.host.run(framework.hostTask(info, role))
}
