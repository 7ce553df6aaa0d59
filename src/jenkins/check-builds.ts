import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'
import { attempt, type Finding, untried } from './finding.ts'
import { isAtLeast } from './version.ts'

function Maybe<T extends TSchema>(type: T) {
  return Type.Optional(Type.Union([type, Type.Null()]))
}

const Job = Type.Object({
  name: Type.String(),
  buildable: Maybe(Type.Boolean()),
  property: Maybe(
    Type.Array(Type.Union([Type.Object({ parameterDefinitions: Maybe(Type.Array(Type.Unknown())) }), Type.Null()])),
  ),
})
const Jobs = Compile(Type.Object({ jobs: Type.Array(Type.Interface([Job], { jobs: Maybe(Type.Array(Job)) })) }))
const FIELDS = 'name,buildable,property[parameterDefinitions[name]]'
const TREE = encodeURIComponent(`jobs[${FIELDS},jobs[${FIELDS}]{0,20}]{0,50}`)

const WHAT = 'start builds again'
const RIGHT = 'Job/Build'
/** From here on a GET of `build` never starts one. */
const ONLY_BY_POST = '2.0'

/**
 * Whether the user may start builds. A GET is asked for the right before it is refused for not being a POST: 403
 * without the right, 405 with it; nothing is started.
 */
export async function buildRight(client: JenkinsClient, signal: AbortSignal | undefined): Promise<Finding> {
  if (!isAtLeast(client.version, ONLY_BY_POST)) return untriedBuild('a Jenkins this old starts a build if asked.')
  const found = await attempt(WHAT, async () => {
    const job = await plainJob(client, signal)
    if (job === undefined) return ''
    try {
      await client.get(`${job.path}build`, signal)
    } catch (thrown) {
      if (thrown instanceof JenkinsError && thrown.status === 405) return `may, by what job ${job.name} says`
      throw thrown
    }
    return ''
  })
  if (found.missingPermission !== undefined || (found.ok && found.detail !== '')) return found
  return untriedBuild('it takes a job without parameters that is not disabled, and none is seen.')
}

export function untriedBuild(why: string): Finding {
  return untried(WHAT, RIGHT, why)
}

/** A job that the question can be put to: another answers 409, or with its form. */
async function plainJob(
  client: JenkinsClient,
  signal: AbortSignal | undefined,
): Promise<{ readonly name: string; readonly path: string } | undefined> {
  const { jobs } = await client.getJson(`api/json?tree=${TREE}`, Jobs, signal)
  const all = jobs.flatMap((job) => [
    { job, name: job.name, path: pathOf(job.name) },
    ...(job.jobs ?? []).map((inner) => ({
      job: inner,
      name: `${job.name}/${inner.name}`,
      path: `${pathOf(job.name)}${pathOf(inner.name)}`,
    })),
  ])
  return all.find(({ job }) => isPlain(job))
}

function isPlain({ buildable, property }: Static<typeof Job>): boolean {
  return buildable === true && (property ?? []).every((one) => (one?.parameterDefinitions ?? []).length === 0)
}

function pathOf(name: string): string {
  return `job/${encodeURIComponent(name)}/`
}
