import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { BuildFacts, BuildsPort } from '../loop/ports.ts'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'

function Maybe<T extends TSchema>(type: T) {
  return Type.Optional(Type.Union([type, Type.Null()]))
}

const Build = Type.Object({
  _class: Maybe(Type.String()),
  building: Type.Boolean(),
  result: Maybe(Type.String()),
  builtOn: Maybe(Type.String()),
  actions: Maybe(
    Type.Array(
      Type.Union([
        Type.Object({
          parameters: Maybe(Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.Unknown()) }))),
        }),
        Type.Null(),
      ]),
    ),
  ),
})
const OneBuild = Compile(Build)
const TREE = encodeURIComponent('building,result,builtOn,actions[parameters[name,value]]')

/** Builds that start again from their beginning, as one whole. Pipelines resume by themselves; parts of others do not. */
const WHOLE = /(?:^|\.)(?:FreeStyleBuild|MavenModuleSetBuild)$/

/** Builds of jobs: how they ended, and starting them again. */
export class Builds implements BuildsPort {
  readonly #client: JenkinsClient

  constructor(client: JenkinsClient) {
    this.#client = client
  }

  readonly read = async (url: string, signal?: AbortSignal): Promise<BuildFacts | undefined> => {
    try {
      return toFacts(await this.#client.getJson(`${url}api/json?tree=${TREE}`, OneBuild, signal))
    } catch (error) {
      if (error instanceof JenkinsError && error.code === 'JENKINS_NOT_FOUND') return undefined
      throw error
    }
  }

  readonly start = async (url: string, parameters: BuildFacts['parameters'], signal?: AbortSignal): Promise<void> => {
    const job = url.replace(/[^/]+\/$/, '')
    const action = parameters.length === 0 ? 'build' : 'buildWithParameters'
    const fields = Object.fromEntries(parameters.map(({ name, value }) => [name, value ?? '']))
    await this.#client.post(`${job}${action}?delay=0sec`, fields, signal)
  }
}

function toFacts(build: Static<typeof Build>): BuildFacts {
  const given = (build.actions ?? []).flatMap((action) => action?.parameters ?? [])
  return {
    running: build.building,
    lost: build.result === 'FAILURE' || build.result === 'ABORTED',
    node: build.builtOn ?? undefined,
    whole: WHOLE.test(build._class ?? ''),
    parameters: given.map(({ name, value }) => ({ name, value: textOf(value) })),
  }
}

/** Passwords are told without a value, files and runs with none that could be given again. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
