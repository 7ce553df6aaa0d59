import { systemChance } from '../chance.ts'
import { messageOf } from '../core/code-of.ts'
import { readAccess } from '../marathon/access.ts'
import { Marathon } from '../marathon/client.ts'
import type { Definition } from '../marathon/definition.ts'
import { deploy, type Outcome } from '../marathon/deploy.ts'
import { MarathonError } from '../marathon/errors.ts'
import { Http } from '../marathon/http.ts'
import type { Scene } from '../marathon/scene.ts'
import type { Status } from '../marathon/status.ts'
import { systemClock } from '../system-clock.ts'
import { changeLines } from './deploy-changes.ts'
import { readDefinitionFiles } from './deploy-files.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from './io.ts'
import { Steps } from './terminal/steps.ts'

export interface DeployArguments {
  readonly file: string
  /** Files that are merged into it. */
  readonly patches: readonly string[]
  /** `--set`, after them. */
  readonly assignments: readonly string[]
  readonly marathon: string | undefined
  readonly dryRun: boolean
  readonly force: boolean
  readonly timeoutSeconds: number
}

/** `deploy`: Marathon is to run a pod or an app. The same twice changes nothing. */
export async function deployDefinition(args: DeployArguments, io: CommandIo): Promise<number> {
  const access = readAccess(args.marathon, io.env, io.readFile)
  const reading = readDefinitionFiles(args, io.readFile)
  const mistakes = [...(access.ok ? [] : access.mistakes), ...(reading.ok ? [] : reading.mistakes)]
  if (!access.ok || !reading.ok) {
    for (const mistake of mistakes) io.err(`- ${mistake}`)
    return EXIT_USAGE
  }
  const http = new Http(access.access)
  try {
    const { definition } = reading
    const marathon = new Marathon(http, definition, access.access.authorization !== undefined)
    const scene: Scene = {
      marathon,
      definition,
      clock: systemClock,
      chance: systemChance.fraction,
      say: io.err,
      signal: io.stopped,
      deadline: systemClock.monotonic() + args.timeoutSeconds * 1000,
    }
    return await run(scene, args, access.access.url, io)
  } finally {
    await http.close()
  }
}

async function run(scene: Scene, args: DeployArguments, url: string, io: CommandIo): Promise<number> {
  const { definition } = scene
  const steps = new Steps(io, systemClock)
  const tell = (lines: readonly string[]): void => {
    for (const line of lines) io.out(line)
  }
  try {
    const outcome = await steps.run(`${args.dryRun ? 'looking at' : 'deploying'} ${definition.id} at ${url}`, () =>
      succeeded(
        deploy(scene, {
          dryRun: args.dryRun,
          force: args.force,
          tell: (changes, isNew) => {
            tell(changeLines(definition, changes, isNew))
          },
        }),
      ),
    )
    return conclude(outcome, definition, io)
  } catch (error) {
    if (io.stopped.aborted) {
      io.err(`Not waited for any longer. A deployment that was begun goes on in Marathon: the same command follows it.`)
      return EXIT_FAILED
    }
    io.err(error instanceof MarathonError ? error.message : `Failed: ${messageOf(error)}`)
    return EXIT_FAILED
  }
}

type Success = Exclude<Outcome, { readonly kind: 'failed' }>

/** @throws MarathonError with what to do */
async function succeeded(work: Promise<Outcome>): Promise<Success> {
  const outcome = await work
  if (outcome.kind === 'failed') throw new MarathonError('MARATHON_REFUSED', outcome.words)
  return outcome
}

function conclude(outcome: Success, { id }: Definition, io: CommandIo): number {
  switch (outcome.kind) {
    case 'planned':
      io.out('Nothing was done: this was a dry run.')
      return EXIT_OK
    case 'same':
      io.out(`Nothing is deployed. ${stateOf(id, outcome.status)}`)
      tellAddresses(outcome.status, io)
      return EXIT_OK
    case 'done':
      io.out(stateOf(id, outcome.status))
      tellAddresses(outcome.status, io)
      // Without health checks a deployment is done as soon as all has run for a moment.
      return outcome.status.isWell ? EXIT_OK : EXIT_FAILED
  }
}

function stateOf(id: string, { isWell, instances, failures }: Status): string {
  if (isWell) return `${id} runs: ${instances}.`
  const last = failures.at(-1)
  return `${id} is not well now: ${instances}.${last === undefined ? '' : ` An instance ended: ${last.words}.`}`
}

function tellAddresses({ addresses }: Status, io: CommandIo): void {
  const width = Math.max(0, ...addresses.map(({ name }) => name.length))
  for (const { name, address } of addresses) io.out(`  ${name.padEnd(width)}  ${address}`)
}
