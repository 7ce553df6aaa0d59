import type { Config } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import { messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import { JenkinsError } from '../jenkins/errors.ts'
import type { Jenkins } from '../jenkins/jenkins.ts'
import { systemClock } from '../system-clock.ts'
import { type CommandIo, EXIT_FAILED } from './io.ts'
import { makeLogger } from './logger.ts'
import { lookAtJenkins } from './look.ts'
import { type Surroundings, startSurroundings } from './running.ts'
import { tellMistakes } from './start.ts'
import { Steps } from './terminal/steps.ts'

/** What a command has that looks and then ends. */
export interface Around {
  readonly config: Config
  readonly surroundings: Surroundings
  readonly jenkins: Jenkins
  readonly log: Log
  /** What takes time is told. */
  readonly steps: Steps
}

/**
 * Reads the configuration, starts what is embedded, and ends that after the work.
 *
 * @returns the exit code, of a failure where Jenkins could not be read
 */
export async function lookAround(io: CommandIo, work: (around: Around) => Promise<number>): Promise<number> {
  const reading = readConfig(io.env, io.readFile, systemClock.now())
  if (!reading.ok) return tellMistakes(reading, io)
  const { config } = reading
  const log = makeLogger('fatal')
  for (const warning of reading.warnings) io.err(`warning: ${warning}`)
  const steps = new Steps(io, systemClock)
  const isEmbedded = config.jenkins.kind === 'embedded' || config.mesos.kind === 'embedded'
  const begin = (): Promise<Surroundings> => startSurroundings(config, log)
  const surroundings = await (isEmbedded ? steps.run('starting the embedded systems', begin) : begin())
  const jenkins = lookAtJenkins(config, surroundings.endpoints, log)
  try {
    return await work({ config, surroundings, jenkins, log, steps })
  } catch (error) {
    if (!(error instanceof JenkinsError)) throw error
    io.err(`Jenkins cannot be read: ${messageOf(error)}`)
    return EXIT_FAILED
  } finally {
    await jenkins.close()
    await surroundings.close(true)
  }
}
