import { readConfig } from '../config/read-config.ts'
import { messageOf } from '../core/code-of.ts'
import { plan } from '../core/plan.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
import { describe } from '../loop/act.ts'
import { systemClock } from '../system-clock.ts'
import { makeDemoJobs } from './demo-jobs.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { makeLogger } from './logger.ts'
import { lookAtJenkins, lookAtMesos, lookSnapshot, type MesosLook } from './look.ts'
import { explanationLines } from './plan-lines.ts'
import { startSurroundings } from './running.ts'
import { tellMistakes } from './start.ts'
import { readSaved } from './state.ts'

/** `plan`: reads everything once, prints what the next round would do and why, and does nothing. */
export async function planOnce(io: CommandIo): Promise<number> {
  const reading = readConfig(io.env, io.readFile, systemClock.now())
  if (!reading.ok) return tellMistakes(reading, io)
  const { config } = reading
  const log = makeLogger('fatal')
  for (const warning of reading.warnings) io.err(`warning: ${warning}`)
  const saved = await readSaved(config, log)
  const surroundings = await startSurroundings(config, log)
  if (surroundings.jenkins !== undefined) {
    for (const name of makeDemoJobs(surroundings.jenkins.jenkins, config)) surroundings.jenkins.jenkins.build(name)
  }
  const jenkins = lookAtJenkins(config, surroundings.endpoints, log)
  try {
    const seen = await jenkins.read(io.stopped)
    const { wantedRoles } = plan(lookSnapshot(config, seen, saved, undefined), systemClock.now())
    const mesos = await lookAtMesos(config, surroundings.endpoints, wantedRoles, log, io.stopped)
    const snapshot = lookSnapshot(config, seen, saved, mesos)
    print(plan(snapshot, systemClock.now()), snapshot, mesos, io)
    return mesos.subscribed ? EXIT_OK : EXIT_FAILED
  } catch (error) {
    io.err(`Jenkins cannot be read: ${messageOf(error)}`)
    return EXIT_FAILED
  } finally {
    await jenkins.close()
    await surroundings.close(true)
  }
}

function print(plan: Plan, snapshot: Snapshot, mesos: MesosLook, io: CommandIo): void {
  const { actions, explanation } = plan
  const { queue = [], nodes = [] } = snapshot.jenkins ?? {}
  io.out(`Jenkins: ${queue.length} in the queue, ${nodes.length} nodes. Agents known here: ${snapshot.records.length}.`)
  io.out(
    mesos.subscribed
      ? `Mesos: ${mesos.master ?? ''}, ${snapshot.offers.length} offers.`
      : `Mesos: not subscribed: ${mesos.why ?? 'no reason known'}`,
  )
  const doing = actions.filter(({ kind }) => kind !== 'decline').map(describe)
  io.out(doing.length === 0 ? '\nThe next round would do nothing.' : `\nThe next round would:\n- ${doing.join('\n- ')}`)
  if (explanation.held !== undefined) io.out(`It would take nothing away: ${explanation.held}`)
  for (const line of explanationLines(plan, snapshot, systemClock.now())) io.out(line)
  for (const problem of explanation.problems) io.out(`needs a look: ${problem}`)
}
