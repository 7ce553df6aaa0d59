import type { Config } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Program } from '../program.ts'
import { aborted } from './aborted.ts'
import type { CommandIo } from './io.ts'
import { count } from './terminal/amounts.ts'

/** So long a second Ctrl-C is waited for, where agents would go on. */
const SECOND_CTRL_C_MS = 5_000

/** Marathon and Docker kill what has not ended by then, and leaving agents behind needs nobody's answer. */
const LEAVE_MS = 8_000
/** Once told twice, ending takes no longer than this. */
const FORCED_MS = 5_000
/** Ending all agents asks Jenkins about each. */
const KILL_MS = 60_000

export type Ended =
  | { readonly kind: 'done' }
  /** It takes too long, and is not waited for. */
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Ending {
  readonly wanted: Config['shutdownPolicy']
  readonly program: Pick<Program, 'view' | 'drain' | 'startNothing'>
  readonly io: Pick<CommandIo, 'err' | 'stopped' | 'killed'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * What becomes of the agents, once it is to end. A second Ctrl-C is the operator's word that all of them go now,
 * whatever the policy.
 */
export async function policyFor({ wanted, program, io, clock, log }: Ending): Promise<'leave' | 'kill'> {
  if (wanted === 'kill') return 'kill'
  if (wanted === 'drain') {
    log.info({}, 'draining: agents go as their builds end; Ctrl-C twice within 5 s ends them all, whatever they run')
    // The log may be a file; a person is told as well.
    if (io.stopped.reason === 'SIGINT') {
      const agents = count(program.view().agents.length, 'agent')
      io.err(`Draining ${agents}: each goes as its builds end. Ctrl-C twice within 5 s ends all, whatever they run.`)
    }
    await program.drain(io.killed)
    return io.killed.aborted ? 'kill' : 'leave'
  }
  // Only a person at a terminal is waited for, and only where there is something to end.
  const agents = program.view().agents.length
  if (io.stopped.reason !== 'SIGINT' || agents === 0) return 'leave'
  program.startNothing()
  const these = agents === 1 ? '1 agent goes on and is' : `${agents} agents go on and are`
  io.err(`${these} taken over by the next start. Ctrl-C again within 5 s ends all of them, whatever they run.`)
  await clock.sleep(SECOND_CTRL_C_MS, io.killed).catch((error: unknown) => {
    if (!io.killed.aborted) throw error
  })
  return io.killed.aborted ? 'kill' : 'leave'
}

/** Waits for the end, for as long as whoever asked for it has patience. Never fails. */
export async function ended(
  stopping: Promise<void>,
  policy: 'leave' | 'kill',
  { io, clock }: { readonly io: Pick<CommandIo, 'killed'>; readonly clock: Clock },
): Promise<Ended> {
  const over = new AbortController()
  const late = async (ms: number): Promise<Ended> => {
    await clock.sleep(ms, over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) throw error
    })
    return { kind: 'late' }
  }
  try {
    return await Promise.race([
      stopping.then((): Ended => ({ kind: 'done' })),
      aborted(io.killed).then(async () => await late(policy === 'kill' ? KILL_MS : FORCED_MS)),
      ...(policy === 'leave' ? [late(LEAVE_MS)] : []),
    ])
  } catch (error) {
    return { kind: 'failed', error }
  } finally {
    over.abort()
  }
}
