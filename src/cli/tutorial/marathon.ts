import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { systemChance } from '../../chance.ts'
import { EmbeddedMarathon } from '../../embedded/marathon/embedded-marathon.ts'
import { systemClock } from '../../system-clock.ts'
import { deployDefinition } from '../deploy.ts'
import { getJson } from '../fetched.ts'
import { EXIT_OK } from '../io.ts'
import type { Cluster } from './cluster.ts'
import { FILES } from './places.ts'
import type { Stage } from './stage.ts'

interface App {
  readonly tasksHealthy: number
  readonly tasks: readonly { readonly id: string; readonly ports: readonly number[] }[]
}

interface PodStatus {
  readonly status: string
  readonly instances: readonly {
    readonly containers: readonly {
      readonly name: string
      readonly endpoints?: readonly { readonly name: string; readonly allocatedHostPort: number }[]
    }[]
  }[]
}

/** A Marathon over the cluster. */
export class MarathonStage {
  readonly #stage: Stage
  readonly #url: string

  private constructor(stage: Stage, url: string) {
    this.#stage = stage
    this.#url = url
  }

  static async start(stage: Stage, { masters }: Cluster): Promise<MarathonStage> {
    const marathon = await EmbeddedMarathon.start({
      clock: systemClock,
      mesosUrl: masters.join(','),
      port: 0,
      chance: systemChance.fraction,
      onProblem: () => undefined, // a master that dies is part of the story
    })
    stage.atEnd(() => marathon.close())
    return new MarathonStage(stage, marathon.url)
  }

  /** As `marathon/deploy marathon/FILE values.json` does. @throws where that fails */
  async deploy(file: string, values: object): Promise<void> {
    const patch = join(this.#stage.folder, `values-${file}`)
    await writeFile(patch, JSON.stringify(values))
    const { io } = this.#stage
    const errors: string[] = []
    this.#stage.say(`marathon/deploy marathon/${file} values.json`)
    const code = await deployDefinition(
      {
        file: join(FILES, 'marathon', file),
        patches: [patch],
        assignments: [],
        marathon: this.#url,
        dryRun: false,
        force: false,
        timeoutSeconds: 90,
      },
      {
        ...io,
        env: {},
        status: undefined,
        out: (line) => {
          this.#stage.say(`  ${line}`)
        },
        err: (line) => {
          errors.push(line)
        },
      },
    )
    if (code !== EXIT_OK) throw new Error(`the deployment failed: ${errors.join(' ')}`)
  }

  async app(id: string): Promise<App> {
    return ((await getJson(`${this.#url}/v2/apps${id}`)) as { readonly app: App }).app
  }

  async pod(id: string): Promise<PodStatus> {
    return (await getJson(`${this.#url}/v2/pods${id}::status`)) as PodStatus
  }

  async deletePod(id: string): Promise<void> {
    const { statusCode, body } = await request(`${this.#url}/v2/pods${id}`, { method: 'DELETE' })
    await body.dump()
    if (statusCode !== 202) throw new Error(`Marathon answered ${statusCode} to DELETE /v2/pods${id}`)
  }

  async pods(): Promise<number> {
    return ((await getJson(`${this.#url}/v2/pods`)) as readonly unknown[]).length
  }
}
