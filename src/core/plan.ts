import { planAdoption, unownedNodes, withHosts } from './adoption.ts'
import { planAnchors } from './anchors.ts'
import { customLabels } from './custom-labels.ts'
import { planDemand } from './demand-plan.ts'
import type { ItemDraft } from './drafts.ts'
import { explainOrders } from './explain-orders.ts'
import { explainTemplates } from './explain-templates.ts'
import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { rememberJobs } from './job-hosts.ts'
import { forgetGone, forgetMended, forgetUnused, learn } from './launch-memory.ts'
import { paced, refill, withoutHopeless } from './launch-rate.ts'
import { follow, NEVER_SEEN, type Seen } from './lifecycle.ts'
import type { AgentId, AgentRecord, Instant } from './model.ts'
import { addressNotes, strandedAgents } from './moved.ts'
import { settleOrders } from './orders.ts'
import { foreignNodes, planOrphanNodes, planStrays } from './orphans.ts'
import { pauseProblems, type Stop, stopOf } from './pause.ts'
import { planPlacement } from './placement.ts'
import { isQuietingDown } from './quieting-down.ts'
import { isKillDue, planRemoval } from './removal.ts'
import { renamedNodes, renamedProblems } from './renamed.ts'
import type { Action, Memory, Plan, Snapshot } from './snapshot.ts'
import { readSupply } from './supply.ts'
import { busyExecutors, watchBusy } from './warm-pool.ts'

/** Between looks while something is on its way. */
const EAGER_MS = 500

/**
 * Decides what to do. Pure: the same snapshot at the same time gives the same plan.
 *
 * Without a reading of Jenkins it only ends what Mesos has ended already. What it does not understand, it does not
 * count as zero: then it may add, and takes nothing away.
 */
export function plan(snapshot: Snapshot, now: Instant): Plan {
  const reading = snapshot.jenkins
  return reading === undefined ? planBlind(snapshot, now) : planSeeing(snapshot, reading, now)
}

function planSeeing(told: Snapshot, reading: JenkinsReading, now: Instant): Plan {
  const { templates, frameworkName } = told
  const memory = forgetGone(forgetMended(told.memory, templates), templates, now)
  const snapshot = memory === told.memory ? told : { ...told, memory }
  const renamed = renamedNodes(reading, snapshot.records)
  const followed = followAll(snapshot, reading, renamed)
  const byName = new Map(templates.map((template) => [template.name as string, template]))
  const nodes = new Map(reading.nodes.map((node) => [node.name, node]))
  const unowned = unownedNodes(reading, followed.records, snapshot.mesos.frameworkId, snapshot.lostFrameworks)
  const adoption = planAdoption(unowned, snapshot, byName, now)
  const known = [...withHosts(followed.records, snapshot.offers, snapshot.busy), ...adoption.records]
  const custom = customLabels(reading, known, templates, frameworkName, memory.customLabels, now)
  const variants = [...custom.variants.values()].flatMap(([best]) => best ?? [])
  const anchors = planAnchors(reading, templates, frameworkName, variants)
  const stranded = strandedAgents(known, nodes, snapshot.addresses)
  const supply = readSupply(reading, known, stranded)
  const busy = busyExecutors(supply.nodes)
  const { counted } = adoption
  const quietingDown = isQuietingDown(reading)
  const stop = stopOf(snapshot.paused, quietingDown)
  const orders = settleOrders(memory.orders, snapshot.records, templates, now)
  const asked = planDemand({
    snapshot,
    reading,
    records: known,
    supply: supply.nodes,
    busy,
    anchors,
    custom,
    counted,
    orders: orders.open,
    stop,
    now,
  })
  const tokens = refill(memory.launches, snapshot.launchRate, now)
  const demand = withoutHopeless(asked, tokens, snapshot.launchRate)
  const placed = planPlacement({
    snapshot: withoutStopped(adoption.waits ? unreconciled(snapshot) : snapshot, stop),
    records: known,
    demand,
    templates: byName,
    now,
  })
  const { placement, launches } = paced({
    placement: placed,
    wants: demand.wants,
    launches: tokens,
    rate: snapshot.launchRate,
    waitings: memory.waitings,
  })
  const explained = explainOrders(asked.orders, placement, demand === asked)
  const peaks = watchBusy(memory.peaks, templates, busy, now)
  const removal = planRemoval({
    snapshot: sparing(snapshot, renamed),
    reading,
    records: known,
    templates: byName,
    nodes,
    supply: supply.nodes,
    demand,
    peaks,
    stranded,
    now,
  })
  const adopted = new Set<string>(adoption.records.map(({ agentId }) => agentId))
  const orphaned = unowned.filter(({ node }) => !adopted.has(node.name))
  const orphans = planOrphanNodes(orphaned, snapshot, reading.readAt, adoption.asked)
  const strays = snapshot.strays.filter(({ taskId }) => !adopted.has(taskId))
  const mayRemoveOrphans = removal.held === undefined && snapshot.fresh && snapshot.round > 2
  const records = changed(snapshot.records, removal.records)
  const learned = learn(memory, snapshot.records, removal.records, now)
  const eager = isEager(removal.records, placement.wantedRoles, anchors.actions)
  const pause = eager ? Math.min(EAGER_MS, snapshot.pollIntervalMs) : snapshot.pollIntervalMs
  return {
    records,
    actions: [
      ...anchors.actions,
      ...removal.actions,
      ...(mayRemoveOrphans ? [...orphans.actions, ...planStrays(strays, reading, now)] : []),
      ...adoption.actions,
      ...placement.actions,
    ],
    wantedRoles: placement.wantedRoles,
    revive: placement.revive,
    explanation: {
      items: placement.items,
      candidates: candidatesOf(demand.drafts),
      templates: explainTemplates(templates, supply.nodes, removal.records, demand, placement, explained),
      orders: explained,
      endedOrders: orders.ended,
      problems: [
        ...anchors.problems,
        ...demand.problems,
        ...pauseProblems(snapshot.paused, quietingDown),
        ...renamedProblems(renamed),
        ...(snapshot.dryRun === true
          ? [] // they belong to the sidecar that runs beside
          : foreignNodes(reading, known, unowned, snapshot.mesos, frameworkName)),
        ...troublesOf(learned),
      ],
      notes: [...anchors.notes, ...addressNotes(known, snapshot.addresses)],
      held: removal.held,
    },
    memory: {
      ...forgetUnused(learned, custom.lastUsed),
      customLabels: custom.lastUsed,
      seen: followed.seen,
      passedOver: demand.passedOver,
      allotted: demand.allotted,
      orphanNodes: orphans.orphanNodes,
      refusals: placement.refusals,
      refusedLong: placement.refusedLong,
      // Who may not launch now waits for room all the same.
      waitings: demand === asked ? placement.waitings : memory.waitings,
      jobHosts: rememberJobs(memory.jobHosts, known, nodes),
      brake: removal.brake,
      launches,
      peaks,
      orders: orders.open,
    },
    nextLookAt: now + pause,
  }
}

function candidatesOf(drafts: readonly ItemDraft[]): Plan['explanation']['candidates'] {
  const candidates = new Map<string, ItemDraft['candidates']>()
  for (const draft of drafts) if (draft.candidates.length > 0) candidates.set(draft.item.id, draft.candidates)
  return candidates
}

function troublesOf({ troubles }: Memory): readonly string[] {
  return Object.values(troubles).map(({ words }) => words)
}

/** Jenkins is not to be seen: what Mesos has ended is still ended, offers go back, and nothing else is done. */
function planBlind(snapshot: Snapshot, now: Instant): Plan {
  const kills: readonly Action[] = snapshot.records
    .filter((record) => record.state === 'stopping' && record.nodeGone && isKillDue(record, snapshot, now))
    .map(({ agentId }) => ({ kind: 'kill', agentId }))
  return {
    records: [],
    actions: [...kills, ...declineAll(snapshot)],
    wantedRoles: new Set(),
    explanation: {
      items: [],
      candidates: new Map(),
      templates: [],
      problems: troublesOf(snapshot.memory),
      notes: [],
      held: snapshot.otherJenkins ?? 'Jenkins cannot be read',
    },
    memory: snapshot.memory,
    nextLookAt: now + snapshot.pollIntervalMs,
  }
}

/** On a node that a person renamed a build runs on: its agent is left alone until it ends. */
function sparing(snapshot: Snapshot, renamed: ReadonlyMap<AgentId, JenkinsNode>): Snapshot {
  const busy = [...renamed].filter(([, node]) => busyOf(node) !== undefined).map(([agentId]) => agentId)
  return busy.length === 0 ? snapshot : { ...snapshot, busy: new Set([...snapshot.busy, ...busy]) }
}

function busyOf(node: JenkinsNode | undefined): JenkinsNode | undefined {
  return node !== undefined && (node.running.length > 0 || !node.idle) ? node : undefined
}

/** As long as Mesos has not told what became of agents that Jenkins shows, nothing is placed. */
function unreconciled(snapshot: Snapshot): Snapshot {
  return { ...snapshot, mesos: { ...snapshot.mesos, reconciled: false } }
}

/** Agents without a place of templates for which nothing may be provisioned: they find none until that is over. */
function withoutStopped(snapshot: Snapshot, stop: Stop): Snapshot {
  if (snapshot.ready.size === 0) return snapshot
  const ready = snapshot.records.filter(
    ({ agentId, template }) => snapshot.ready.has(agentId) && stop(template) === undefined,
  )
  if (ready.length === snapshot.ready.size) return snapshot
  return { ...snapshot, ready: new Set(ready.map(({ agentId }) => agentId)) }
}

function declineAll(snapshot: Snapshot): readonly Action[] {
  if (snapshot.offers.length === 0) return []
  return [{ kind: 'decline', offers: snapshot.offers.map(({ id }) => id), refuseSeconds: 5 }]
}

function followAll(
  snapshot: Snapshot,
  reading: JenkinsReading,
  renamed: ReadonlyMap<AgentId, JenkinsNode>,
): { readonly records: readonly AgentRecord[]; readonly seen: Readonly<Record<AgentId, Seen>> } {
  const nodes = new Map(reading.nodes.map((node) => [node.name, node]))
  const seen: Record<AgentId, Seen> = {}
  const records = snapshot.records.map((before) => {
    const was = snapshot.memory.seen[before.agentId] ?? NEVER_SEEN
    if (!snapshot.fresh || snapshot.busy.has(before.agentId)) {
      seen[before.agentId] = was
      return before
    }
    const after = follow(before, nodes.get(before.agentId) ?? busyOf(renamed.get(before.agentId)), was, reading.readAt)
    seen[before.agentId] = after.seen
    return after.record
  })
  return { records, seen }
}

function changed(before: readonly AgentRecord[], after: readonly AgentRecord[]): readonly AgentRecord[] {
  const known = new Set(before)
  return after.filter((record) => !known.has(record))
}

function isEager(
  records: readonly AgentRecord[],
  wantedRoles: ReadonlySet<string>,
  anchorActions: readonly Action[],
): boolean {
  if (wantedRoles.size > 0 || anchorActions.length > 0) return true
  return records.some(({ state }) => state === 'planned' || state === 'starting' || state === 'stopping')
}
