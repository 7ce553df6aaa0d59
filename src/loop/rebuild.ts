import { codeOf, messageOf } from '../core/code-of.ts'
import { type AtRisk, followBuilds, isBack, type LostBuild } from '../core/lost-builds.ts'
import type { Instant } from '../core/model.ts'
import type { Context } from './context.ts'
import type { BuildFacts, BuildsPort } from './ports.ts'

/** Jenkins needs minutes to see that an agent is gone. Who is not told of by then is forgotten. */
const PATIENCE_MS = 30 * 60_000
const LOOK_EVERY_MS = 5_000
/** So many are remembered: far more than one agent can bring up again. */
const MOST_SETTLED = 10_000

interface Waiting extends LostBuild {
  readonly since: Instant
  lookedAt: Instant | undefined
}

/**
 * Starts builds again that were lost with their host, for templates that ask for it: once each, with their parameters,
 * when Jenkins says that they ended badly. What is known of them lives in this process only, and is forgotten before
 * the call: a crash or a lost answer may cost a new build, and never makes two.
 */
export class Rebuilder {
  readonly #context: Context
  readonly #builds: BuildsPort
  #atRisk: AtRisk = new Map()
  readonly #waiting = new Map<string, Waiting>()
  /** Decided for good: a round may go by a reading from before its node went, and find it lost once more. */
  readonly #settled = new Set<string>()
  readonly #jobs = new Set<Promise<void>>()
  #toldForbidden = false

  constructor(context: Context, builds: BuildsPort) {
    this.#context = context
    this.#builds = builds
  }

  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs)
  }

  /** After each look at Jenkins, before anything is done to nodes. */
  look(): void {
    const { world, settings, clock, log } = this.#context
    const templates = settings.templates().filter(({ rescheduleLostBuilds }) => rescheduleLostBuilds)
    if (templates.length === 0 && this.#waiting.size === 0) return
    const names = new Set<string>(templates.map(({ name }) => name))
    const nodes = new Map((world.jenkins.reading?.nodes ?? []).map((node) => [node.name, node]))
    const records = world.records.filter(({ template }) => names.has(template))
    const { atRisk, lost } = followBuilds(this.#atRisk, records, nodes)
    this.#atRisk = atRisk
    const now = clock.now()
    for (const build of lost) {
      if (this.#waiting.has(build.url) || this.#settled.has(build.url)) continue
      log.info(
        { agentId: build.agentId, build: build.url },
        'a build was lost with its host: it is to be started again',
      )
      this.#waiting.set(build.url, { ...build, since: now, lookedAt: undefined })
    }
    for (const build of this.#waiting.values()) this.#follow(build, now)
  }

  #follow(build: Waiting, now: Instant): void {
    const { agentId, since, lookedAt } = build
    const record = this.#context.world.get(agentId)
    if (record !== undefined && isBack(record)) {
      this.#drop(build, 'its host came back')
      return
    }
    // As long as Jenkins has the node it may find that the build goes on.
    if (record !== undefined && !record.nodeGone) return
    if (now - since > PATIENCE_MS) {
      this.#drop(build, 'Jenkins did not say how it ended')
      return
    }
    if (lookedAt !== undefined && Math.abs(now - lookedAt) < LOOK_EVERY_MS) return
    build.lookedAt = now
    const job = this.#decide(build).finally(() => this.#jobs.delete(job))
    this.#jobs.add(job)
  }

  async #decide(build: Waiting): Promise<void> {
    const { log } = this.#context
    let facts: BuildFacts | undefined
    try {
      facts = await this.#builds.read(build.url)
    } catch (error) {
      log.debug({ build: build.url, why: messageOf(error), err: error }, 'a lost build could not be read')
      return
    }
    if (facts?.running === true || this.#waiting.get(build.url) !== build) return
    const why = whyNot(facts, build)
    this.#settle(build.url)
    if (why !== undefined || facts === undefined) this.#drop(build, why ?? '')
    else await this.#start(build, facts)
  }

  async #start({ url, agentId }: Waiting, { parameters }: BuildFacts): Promise<void> {
    const { log } = this.#context
    try {
      await this.#builds.start(url, parameters)
      log.info({ agentId, build: url }, 'a lost build was started again')
    } catch (error) {
      if (codeOf(error) === 'JENKINS_FORBIDDEN') this.#tellForbidden(error)
      else {
        log.warn(
          { agentId, build: url, why: messageOf(error), err: error },
          'a lost build was not started again, once is all',
        )
      }
    }
  }

  #settle(url: string): void {
    this.#waiting.delete(url)
    this.#settled.add(url)
    const [oldest] = this.#settled
    if (this.#settled.size > MOST_SETTLED && oldest !== undefined) this.#settled.delete(oldest)
  }

  #drop({ url, agentId }: Waiting, why: string): void {
    this.#waiting.delete(url)
    this.#context.log.info({ agentId, build: url, why }, 'a lost build is not started again')
  }

  #tellForbidden(error: unknown): void {
    if (this.#toldForbidden) return
    this.#toldForbidden = true
    this.#context.log.warn(
      { why: messageOf(error), err: error },
      'lost builds cannot be started again: give the user of the sidecar Job/Build in Jenkins, or take rescheduleLostBuilds out of the templates',
    )
  }
}

function whyNot(facts: BuildFacts | undefined, { agentId }: LostBuild): string | undefined {
  if (facts === undefined) return 'Jenkins has no such build'
  if (!facts.whole) return 'it is a pipeline, which goes on by itself, or a part of another build'
  if (!facts.lost) return 'it did not end badly'
  if (facts.node !== undefined && facts.node !== agentId) return `it ran on ${facts.node}`
  const secret = facts.parameters.find(({ value }) => value === undefined)
  return secret === undefined ? undefined : `Jenkins does not tell the value of its parameter ${secret.name}`
}
