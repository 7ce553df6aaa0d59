import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Cluster, FRAMEWORK } from './cluster.ts'
import { JenkinsSite } from './jenkins.ts'
import { MarathonStage } from './marathon.ts'
import { quoted } from './places.ts'
import { Sidecar } from './sidecar.ts'
import type { Stage } from './stage.ts'

export interface Scene {
  readonly cluster: Cluster
  readonly marathon: MarathonStage
  readonly jenkins: JenkinsSite
  readonly sidecar: Sidecar
}

/** All of it, with a sidecar that is registered. */
export async function begin(stage: Stage, idleTimeoutSeconds: number): Promise<Scene> {
  const cluster = await Cluster.start(stage)
  const marathon = await MarathonStage.start(stage, cluster)
  const jenkins = await JenkinsSite.byMarathon(stage, marathon)
  const sidecar = await Sidecar.start(stage, cluster, jenkins, idleTimeoutSeconds)
  stage.say('The sidecar starts, and finds the master in ZooKeeper.')
  await stage.until(
    'the sidecar is registered',
    () => cluster.framework(FRAMEWORK),
    () => true,
  )
  return { cluster, marathon, jenkins, sidecar }
}

/** Builds that run until the step lets them end: nothing here depends on how fast a machine is. */
export class Builds {
  readonly #stage: Stage
  readonly #jenkins: JenkinsSite

  constructor(stage: Stage, jenkins: JenkinsSite) {
    this.#stage = stage
    this.#jenkins = jenkins
  }

  async start(label: string, jobs: readonly string[]): Promise<void> {
    const gate = quoted(this.#gate)
    for (const name of jobs) {
      await this.#jenkins.createJob(name, label, `until [ -e ${gate} ]; do sleep 0.2; done`)
      await this.#jenkins.build(name)
    }
  }

  letEnd(): void {
    writeFileSync(this.#gate, '')
  }

  get #gate(): string {
    return join(this.#stage.folder, 'builds-may-end')
  }
}

export async function expectResults(
  stage: Stage,
  jenkins: JenkinsSite,
  jobs: readonly string[],
  expected: string,
): Promise<void> {
  const results = await stage.until(
    `builds of ${jobs.join(', ')} end`,
    () => jenkins.results(jobs),
    (found) => !/running|none/.test(found),
  )
  stage.expect('builds', results, expected)
}
