import { parseArgs } from 'node:util'
import { messageOf } from '../core/code-of.ts'
import { hint } from '../core/nearest.ts'
import { redact } from '../core/secret.ts'
import { COMMANDS, OPTIONS } from './commands.ts'
import { commandHelp, helpText, usageOf } from './help.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './io.ts'
import { fitted } from './terminal/fitted.ts'
import type { Screen } from './terminal/screen.ts'

const ANCHORS = 'anchors needs one word more: anchors create, or anchors remove.'

/** Words behind a command; all others take none. */
const MOST_WORDS: Readonly<Record<string, number>> = {
  import: 1,
  help: 2,
  tutorial: 1,
  deploy: Number.POSITIVE_INFINITY,
}

/** It was called wrongly. */
class UsageError extends Error {
  /** `undefined`: it is not known which command was meant. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.command = command
  }
}

/** Runs one command. Its exit code: 0 done, 1 it failed or found something wrong, 2 it was called wrongly. */
export async function runCli(args: readonly string[], unguarded: CommandIo): Promise<number> {
  const io = guarded(unguarded)
  try {
    return await dispatch(args, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${usageOf(error.command ?? '', io.paper.err)}`)
      return EXIT_USAGE
    }
    io.err(`Failed: ${messageOf(error)}`)
    return EXIT_FAILED
  }
}

/** No line holds a secret of the configuration, whatever it quotes; on a terminal none is broken within a word. */
function guarded(io: CommandIo): CommandIo {
  return {
    ...io,
    out: (line) => {
      io.out(fitted(redact(line), io.paper.out))
    },
    err: (line) => {
      io.err(fitted(redact(line), io.paper.err))
    },
    screen: io.screen && guardedScreen(io.screen),
  }
}

function guardedScreen(screen: Screen): Screen {
  return {
    size: () => screen.size(),
    open: () => {
      screen.open()
    },
    draw: (lines) => {
      screen.draw(lines.map(redact))
    },
    close: () => {
      screen.close()
    },
    onChange: (changed) => screen.onChange(changed),
  }
}

/** Loads what the command needs and no more: `health` is called every few seconds. */
async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, command, words, isNamed } = parse(args)
  if (command === 'help') return sayHelp(words.join(' '), io)
  if (values.help === true) return sayHelp(isNamed ? command : '', io)
  if (values.version === true || command === 'version') return say(io.version, io)
  const embedded = { port: numberOf('port', values.port) ?? 0, state: values.state ?? '.state' }
  switch (command) {
    case 'start':
      return await (await import('./start.ts')).start(io)
    case 'check':
      return await (await import('./check.ts')).check(io)
    case 'health':
      return await (await import('./health.ts')).health(values.ready === true, io)
    case 'plan':
      return await (await import('./plan.ts')).planOnce(io)
    case 'anchors create':
      return await (await import('./anchors.ts')).createAnchors(io)
    case 'anchors remove':
      return await (await import('./anchors.ts')).removeAnchors(values.yes === true, io)
    case 'anchors':
      throw new UsageError(ANCHORS)
    case 'migrate':
      if (values.from === undefined || values.to === undefined) {
        throw new UsageError('migrate needs --from and --to: as STATE_URL is now, and as it will be.', command)
      }
      return await (await import('./migrate.ts')).migrateState(values.from, values.to, io)
    case 'import':
      if (words[0] === undefined || values.out === undefined) {
        throw new UsageError('import needs the file and --out with a folder for what it writes.', command)
      }
      return (await import('./import.ts')).importPlugin(words[0], values.out, values.force === true, io)
    case 'deploy': {
      const [file, ...patches] = words
      if (file === undefined) throw new UsageError('deploy needs a file, such as marathon/pod.json.', command)
      return await (await import('./deploy.ts')).deployDefinition(
        {
          file,
          patches,
          assignments: values.set ?? [],
          marathon: values.marathon,
          dryRun: values['dry-run'] === true,
          force: values.force === true,
          timeoutSeconds: numberOf('timeout', values.timeout) ?? 900,
        },
        io,
      )
    }
    case 'demo':
      if (values.once !== true) throw new UsageError('demo plays once and ends: call it with --once.', command)
      return await (await import('./demo.ts')).demo({ speed: numberOf('speed', values.speed) ?? 1 }, io)
    case 'tutorial': {
      const { stepWords, stepOf, tutorial } = await import('./tutorial/tutorial.ts')
      const step = stepOf(words[0] ?? '')
      if (step === undefined) throw new UsageError(`tutorial needs one of its steps: ${stepWords}.`, command)
      return await tutorial(step, io)
    }
    case 'embedded-mesos':
      return await (await import('./embedded.ts')).embeddedMesos(
        { ...embedded, hosts: numberOf('hosts', values.hosts) },
        io,
      )
    case 'embedded-marathon':
      if (values.mesos === undefined || !URL.canParse(values.mesos) || !/^https?:/.test(values.mesos)) {
        throw new UsageError('embedded-marathon needs --mesos with the URL of a master: http://HOST:PORT.', command)
      }
      return await (await import('./embedded.ts')).embeddedMarathon({ ...embedded, mesos: values.mesos }, io)
    case 'embedded-jenkins':
      return await (await import('./embedded.ts')).embeddedJenkins(embedded, io)
    default:
      throw unknownCommand(command)
  }
}

function parse(args: readonly string[]): {
  readonly command: string
  /** It was given, and not only meant. */
  readonly isNamed: boolean
  /** Those behind the command. */
  readonly words: readonly string[]
  readonly values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']
} {
  const { values, positionals } = parseWords(args)
  const [first = 'start', second, ...more] = positionals
  // Some commands have two words.
  const both = `${first} ${second ?? ''}`
  const command = Object.hasOwn(COMMANDS, both) ? both : first
  const words = command === both || second === undefined ? more : [second, ...more]
  if (command === 'anchors' && values.help !== true) throw new UsageError(ANCHORS)
  if (command !== 'anchors' && !Object.hasOwn(COMMANDS, command)) throw unknownCommand(command)
  const most = MOST_WORDS[command] ?? 0
  const rest = words.slice(most)
  if (rest.length > 0) throw new UsageError(`${command} takes no further words, but got ${rest.join(' ')}.`, command)
  const allowed = [...Object.keys(COMMANDS[command]?.options ?? {}), 'help', 'version']
  const foreign = Object.keys(values).find((name) => !allowed.includes(name))
  if (foreign !== undefined) throw new UsageError(`${command} takes no --${foreign}${hint(foreign, allowed)}.`, command)
  return { command, isNamed: positionals.length > 0, words, values }
}

function parseWords(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const [, unknown] = /Unknown option '--([^']+)'/.exec(messageOf(error)) ?? []
    if (unknown === undefined) throw new UsageError(messageOf(error))
    throw new UsageError(`There is no option --${unknown}${hint(unknown, Object.keys(OPTIONS))}.`)
  }
}

function unknownCommand(command: string): UsageError {
  const known = Object.keys(COMMANDS)
  // Two letters that changed places are the most common mistake of all.
  const letters = (word: string): string => Array.from(word).sort().join('')
  const turned = known.find((name) => letters(name) === letters(command))
  const maybe = turned === undefined ? hint(command, known) : `: maybe ${turned} is meant`
  return new UsageError(`There is no command ${command}${maybe}.`)
}

/** @param name `''`: the list of all commands */
function sayHelp(name: string, io: CommandIo): number {
  if (name === '') return say(helpText(io.paper.out), io)
  const both = name === 'anchors' ? ['anchors create', 'anchors remove'] : [name]
  const texts = both.map((one) => commandHelp(one, io.paper.out))
  if (texts.includes(undefined)) throw unknownCommand(name)
  return say(texts.join('\n\n'), io)
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
