import type { Logger } from 'pino'
import type { Config, ConfigReading } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import { configurationView } from '../configuration-view.ts'
import { messageOf } from '../core/code-of.ts'
import { showEnsemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import type { Endpoints } from '../endpoints.ts'
import { Listener } from '../listener.ts'
import { EventLog, heard } from '../loop/event-log.ts'
import type { ConfigurationView } from '../loop/view-types.ts'
import { systemClock } from '../system-clock.ts'
import { aborted } from './aborted.ts'
import { DemoJobs, makeDemoJobs } from './demo-jobs.ts'
import { ended, policyFor } from './ending.ts'
import { FileWatch } from './file-watch.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './io.ts'
import { LiveConfiguration } from './live-configuration.ts'
import { makeLogger, setLevel } from './logger.ts'
import { launch, type Running } from './running.ts'
import { describeState } from './state.ts'
import { CANNOT_START, MISCONFIGURED, stayUp } from './stay.ts'
import { count } from './terminal/amounts.ts'
import { type Face, faceFor } from './terminal/face.ts'
import { Steps } from './terminal/steps.ts'

/** `start`: runs until it is told to stop. */
export async function start(io: CommandIo): Promise<number> {
  let failure: string | undefined
  for (;;) {
    const reading = readConfig(io.env, io.readFile, systemClock.now())
    if (reading.ok) {
      const end = await run(reading, failure, io)
      if (typeof end === 'number') return end
      failure = end.failure
      continue
    }
    if (!reading.fallback.stay) return tellMistakes(reading, io)
    if (!(await stayUntilChanged(reading, io))) return EXIT_OK
  }
}

/** Every mistake at once, for the command line. */
export function tellMistakes(reading: Extract<ConfigReading, { ok: false }>, io: CommandIo): number {
  for (const warning of reading.warnings) io.err(`warning: ${warning}`)
  io.err(
    `The configuration has ${reading.mistakes.length === 1 ? 'a mistake' : `${reading.mistakes.length} mistakes`}:`,
  )
  for (const mistake of reading.mistakes) io.err(`- ${mistake}`)
  return EXIT_USAGE
}

/** `true` when a file changed and it is worth another look, `false` when we are to stop. */
async function stayUntilChanged(reading: Extract<ConfigReading, { ok: false }>, io: CommandIo): Promise<boolean> {
  // Begun in the same breath as the reading: a file that is mended while we begin to listen is noticed.
  let mended: () => void = () => undefined
  const changed = new Promise<boolean>((resolve) => {
    mended = () => {
      resolve(true)
    }
    io.stopped.addEventListener('abort', () => {
      resolve(false)
    })
    if (io.stopped.aborted) resolve(false)
  })
  const watch = new FileWatch(reading.files, systemClock, mended)
  const log = makeLogger(reading.fallback.logLevel)
  log.error({ mistakes: reading.mistakes }, 'the configuration has mistakes: nothing is done until they are mended')
  // Where the port is taken, too, nobody can be shown anything; the log has it.
  const staying = await stayUp(reading.fallback, MISCONFIGURED, reading.mistakes).catch(() => undefined)
  watch.start()
  const again = await changed
  watch.stop()
  await staying?.close()
  return again
}

/**
 * @param before why it could not start the last time; told once
 * @returns the exit code, or why it could not start, where that is to be tried again
 */
async function run(
  reading: Extract<ConfigReading, { ok: true }>,
  before: string | undefined,
  io: CommandIo,
): Promise<number | { readonly failure: string }> {
  const face = faceFor(reading.config, io, systemClock)
  try {
    return await runAs(face, reading, before, { ...io, err: face.say })
  } finally {
    face.close()
  }
}

async function runAs(
  face: Face,
  reading: Extract<ConfigReading, { ok: true }>,
  before: string | undefined,
  io: CommandIo,
): Promise<number | { readonly failure: string }> {
  const { config } = reading
  const logger = makeLogger(config.logLevel, face.destination)
  const events = new EventLog({ now: systemClock.now })
  const log = heard(logger, events)
  if (before === undefined) {
    for (const warning of reading.warnings) log.warn({ warning }, 'the configuration has a warning')
    tellAddresses(config, log)
    if (config.stay) surviveErrors(logger)
  }
  const listener = new Listener(config.http.tls)
  const live = new LiveConfiguration({
    reading,
    io,
    clock: systemClock,
    log,
    applied: ({ http }) => {
      if (http.tls !== undefined) listener.renew(http.tls)
    },
  })
  const begin = (): Promise<Running> =>
    launch({
      config,
      log,
      events,
      version: io.version,
      templates: () => live.templates,
      problems: () => live.problems,
      access: () => live.access,
      jenkinsToken: () => live.config.jenkins.token,
      configuration: () => configurationOf(live, io, logger),
      listener,
      self: {
        reload: async () => live.reload(),
        setLogLevel: (level) => {
          setLevel(logger, log, level)
        },
      },
    })
  let running: Running
  try {
    running = await (io.status === undefined ? begin() : new Steps(io, systemClock).run('starting', begin))
  } catch (error) {
    const failure = messageOf(error)
    if (failure !== before) {
      logger.fatal({ err: error }, 'the program cannot start')
      io.err(`Cannot start: ${failure}`)
    }
    if (!config.stay) return EXIT_FAILED
    return (await stayForAWhile(config, failure, io)) ? { failure } : EXIT_OK
  }
  const demo = introduce(config, running, io)
  face.show({ version: io.version, url: running.url, view: running.program.view })
  live.watch()
  log.info({ url: running.url, version: io.version }, 'started')
  await aborted(io.stopped)
  live.stop()
  demo?.stop()
  const policy = await policyFor({
    wanted: config.shutdownPolicy,
    program: running.program,
    io,
    clock: systemClock,
    log,
  })
  log.info({ policy }, 'stopping')
  const agents = running.program.view().agents.length
  if (policy === 'kill' && agents > 0) io.err(`Ending ${count(agents, 'agent')}, whatever they run.`)
  const end = await ended(running.stop(policy), policy, { io, clock: systemClock })
  if (end.kind !== 'done') {
    const why = end.kind === 'failed' ? { err: end.error } : {}
    log.error(why, 'stopped by force: what was under way is found by the next start')
    // Told to end, it ends: in a pod a failure would take Jenkins with it.
    return config.stay ? EXIT_OK : EXIT_FAILED
  }
  log.info({}, 'stopped')
  const left = running.program.view().agents.length
  if (agents > 0)
    io.err(left === 0 ? 'Stopped; no agent is left.' : `Stopped; ${count(left, 'agent')} left for the next start.`)
  return EXIT_OK
}

/** Once: in a pod they are another pair wherever it is placed. */
function tellAddresses({ told: { agents, hosts } }: Config, log: Log): void {
  if (agents === undefined && hosts === undefined) return
  log.info(
    { agentUrl: agents?.url, agentUrlFrom: agents?.from, secretUrl: hosts?.url, secretUrlFrom: hosts?.from },
    'addresses that agents and hosts are told',
  )
}

function configurationOf(live: LiveConfiguration, io: CommandIo, { level }: Logger): ConfigurationView {
  const { config, files, warnings, mistakes } = live
  return configurationView({ variables: io.env, config, files, warnings, mistakes, logLevel: level })
}

/** A container that ends takes Jenkins with it: an error that nobody caught is told, and the next round goes on. */
function surviveErrors(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught: please report it')
  })
}

const AGAIN_MS = 5_000

/**
 * It could not start although the configuration is sound: the one before still has the state, the state cannot be
 * trusted, a port is taken.
 * @returns whether it is to try again: it was not told to stop
 */
async function stayForAWhile(config: Config, words: string, io: CommandIo): Promise<boolean> {
  const staying = await stayUp(config, CANNOT_START, [words]).catch(() => undefined)
  await Promise.race([aborted(io.stopped), systemClock.sleep(AGAIN_MS)])
  await staying?.close()
  return !io.stopped.aborted
}

function introduce(config: Config, running: Running, io: CommandIo): DemoJobs | undefined {
  const { jenkins, mesos } = running.surroundings
  const where = (url: string, embedded: boolean): string => (embedded ? `${url} (embedded)` : url)
  io.err(`jenkins-mesos-sidecar ${io.version}`)
  io.err(`  Jenkins  ${where(running.surroundings.endpoints.jenkinsUrl.href, jenkins !== undefined)}`)
  io.err(`  Mesos    ${where(mastersOf(config, running.surroundings.endpoints), mesos !== undefined)}`)
  io.err(`  page     ${running.url}/`)
  io.err(`  metrics  ${running.url}/metrics`)
  io.err(`  state    ${describeState(config.state)}`)
  if (jenkins === undefined) return undefined
  const label = config.templates[0]?.labels[0] ?? ''
  makeDemoJobs(jenkins.jenkins, config)
  io.err(`Four jobs with the label ${label} are built now and again: open the page, watch agents come and go.`)
  io.err('Ctrl-C ends everything.')
  const demo = new DemoJobs(jenkins.jenkins, systemClock)
  demo.start()
  return demo
}

/** As people wrote it, without a password. */
function mastersOf({ mesos: { ensemble } }: Config, { masters }: Endpoints): string {
  return ensemble === undefined ? masters.join(' ') : showEnsemble(ensemble)
}
