import { plan } from '../core/plan.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import { describe } from '../loop/act.ts'
import { systemClock } from '../system-clock.ts'
import { makeDemoJobs } from './demo-jobs.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { lookAtMesos, lookSnapshot, type MesosLook } from './look.ts'
import { type Around, lookAround } from './look-around.ts'
import { explanationLines } from './plan-lines.ts'
import { readSaved } from './state.ts'
import { count } from './terminal/amounts.ts'

/** `plan`: reads everything once, prints what the next round would do and why, and does nothing. */
export async function planOnce(io: CommandIo): Promise<number> {
  return await lookAround(io, async (around) => await printPlan(around, io))
}

async function printPlan({ config, surroundings, jenkins, log, steps }: Around, io: CommandIo): Promise<number> {
  const saved = await readSaved(config, log)
  if (surroundings.jenkins !== undefined) {
    for (const name of makeDemoJobs(surroundings.jenkins.jenkins, config)) surroundings.jenkins.jenkins.build(name)
  }
  const seen = await steps.run('reading Jenkins', () => jenkins.read(io.stopped))
  // Also of templates that nothing waits for: what fits them is told, too.
  const roles = new Set(config.templates.map(({ role }) => role))
  const mesos = await steps.run('subscribing to Mesos and looking at its offers', () =>
    lookAtMesos(config, surroundings.endpoints, roles, log, io.stopped),
  )
  const snapshot = lookSnapshot(config, seen, saved, mesos)
  print(plan(snapshot, systemClock.now()), snapshot, mesos, io)
  return mesos.subscribed ? EXIT_OK : EXIT_FAILED
}

function print(plan: Plan, snapshot: Snapshot, mesos: MesosLook, io: CommandIo): void {
  const { actions, explanation } = plan
  const { queue = [], nodes = [] } = snapshot.jenkins ?? {}
  io.out(
    `Jenkins: ${queue.length} in the queue, ${count(nodes.length, 'node')}. Agents known here: ${snapshot.records.length}.`,
  )
  io.out(
    mesos.subscribed
      ? `Mesos: ${mesos.master ?? ''}, ${count(snapshot.offers.length, 'offer')}.`
      : `Mesos: not subscribed: ${mesos.why ?? 'no reason known'}`,
  )
  const doing = actions.filter(({ kind }) => kind !== 'decline').map(describe)
  io.out(doing.length === 0 ? '\nThe next round would do nothing.' : `\nThe next round would:\n- ${doing.join('\n- ')}`)
  if (explanation.held !== undefined) io.out(`It would take nothing away: ${explanation.held}`)
  for (const line of explanationLines(plan, snapshot, systemClock.now(), io.paper.out)) io.out(line)
  for (const problem of explanation.problems) io.out(`needs a look: ${problem}`)
}
