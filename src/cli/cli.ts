import { parseArgs } from 'node:util'
import { messageOf } from '../core/code-of.ts'
import { redact } from '../core/secret.ts'
import { createAnchors, removeAnchors } from './anchors.ts'
import { check } from './check.ts'
import { demo } from './demo.ts'
import { embeddedJenkins, embeddedMesos } from './embedded.ts'
import { importPlugin } from './import.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './io.ts'
import { migrateState } from './migrate.ts'
import { planOnce } from './plan.ts'
import { start } from './start.ts'

const HELP = `jenkins-mesos-sidecar <command>

  start                       provision and reap agents until told to stop (the default)
  check                       look at the configuration, Jenkins and Mesos, and say what is wrong
  plan                        one round: print what would be done and why, do nothing
  anchors create              make the anchors of the configuration in Jenkins, as start does
  anchors remove [--yes]      say which anchors of this configuration's sidecar would go, or remove them
  migrate --from URL --to URL move the state to another store, file:DIR or zk://host:2181/path,
                              while no sidecar runs on either
  import FILE --out DIR [--force]
                              templates and settings from the configuration of the Mesos plugin: Jenkins'
                              config.xml, or a YAML file of Configuration as Code
  demo --once [--speed N]     the tutorial's day on embedded systems, N times as fast [1]
  embedded-mesos [--port N] [--state DIR] [--hosts N]
  embedded-jenkins [--port N] [--state DIR]
                              one of the embedded systems on its own
  help, version

Everything else is set by environment variables: see README.md.`

const OPTIONS = {
  once: { type: 'boolean' },
  speed: { type: 'string' },
  port: { type: 'string' },
  state: { type: 'string' },
  hosts: { type: 'string' },
  yes: { type: 'boolean' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

const ALLOWED: Readonly<Record<string, readonly (keyof typeof OPTIONS)[]>> = {
  start: [],
  check: [],
  plan: [],
  'anchors create': [],
  'anchors remove': ['yes'],
  migrate: ['from', 'to'],
  import: ['out', 'force'],
  demo: ['once', 'speed'],
  'embedded-mesos': ['port', 'state', 'hosts'],
  'embedded-jenkins': ['port', 'state'],
  help: [],
  version: [],
}

const ANCHORS = 'anchors needs one word more: anchors create, or anchors remove.'

class UsageError extends Error {}

/** Runs one command. Its exit code: 0 done, 1 it failed or found something wrong, 2 it was called wrongly. */
export async function runCli(args: readonly string[], unguarded: CommandIo): Promise<number> {
  const io = guarded(unguarded)
  try {
    return await dispatch(args, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${HELP}`)
      return EXIT_USAGE
    }
    io.err(`Failed: ${messageOf(error)}`)
    return EXIT_FAILED
  }
}

/** No line holds a secret of the configuration, whatever it quotes. */
function guarded(io: CommandIo): CommandIo {
  return {
    ...io,
    out: (line) => {
      io.out(redact(line))
    },
    err: (line) => {
      io.err(redact(line))
    },
  }
}

async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, command, file } = parse(args)
  if (values.help === true || command === 'help') return say(HELP, io)
  if (values.version === true || command === 'version') return say(io.version, io)
  const embedded = { port: numberOf('port', values.port) ?? 0, state: values.state ?? '.state' }
  switch (command) {
    case 'start':
      return await start(io)
    case 'check':
      return await check(io)
    case 'plan':
      return await planOnce(io)
    case 'anchors create':
      return await createAnchors(io)
    case 'anchors remove':
      return await removeAnchors(values.yes === true, io)
    case 'anchors':
      throw new UsageError(ANCHORS)
    case 'migrate':
      if (values.from === undefined || values.to === undefined) {
        throw new UsageError('migrate needs --from and --to: as STATE_URL is now, and as it will be.')
      }
      return await migrateState(values.from, values.to, io)
    case 'import':
      if (file === undefined || values.out === undefined) {
        throw new UsageError('import needs the file and --out with a folder for what it writes.')
      }
      return importPlugin(file, values.out, values.force === true, io)
    case 'demo':
      if (values.once !== true) throw new UsageError('demo plays once and ends: call it with --once.')
      return await demo({ speed: numberOf('speed', values.speed) ?? 1 }, io)
    case 'embedded-mesos':
      return await embeddedMesos({ ...embedded, hosts: numberOf('hosts', values.hosts) }, io)
    case 'embedded-jenkins':
      return await embeddedJenkins(embedded, io)
    default:
      throw new UsageError(`There is no command ${command}.`)
  }
}

function parse(args: readonly string[]): {
  readonly command: string
  /** The word behind `import`. */
  readonly file: string | undefined
  readonly values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']
} {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const [first = 'start', second, ...more] = positionals
    // Some commands have two words.
    const both = `${first} ${second ?? ''}`
    const command = both in ALLOWED ? both : first
    const words = command === both || second === undefined ? more : [second, ...more]
    const [file, ...rest] = command === 'import' ? words : [undefined, ...words]
    if (command === 'anchors' && second !== undefined) throw new UsageError(ANCHORS)
    if (rest.length > 0) throw new UsageError(`${command} takes no further words, but got ${rest.join(' ')}.`)
    const allowed: readonly string[] = [...(ALLOWED[command] ?? []), 'help', 'version']
    const foreign = Object.keys(values).find((name) => !allowed.includes(name))
    if (foreign !== undefined) throw new UsageError(`${command} takes no --${foreign}.`)
    return { command, file, values }
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${name} must be a number, not ${text}.`)
  return value
}

function say(text: string, io: CommandIo): number {
  io.out(text)
  return EXIT_OK
}
