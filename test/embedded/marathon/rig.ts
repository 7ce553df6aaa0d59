/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   What Marathon answers is looked into freely. */

import type { HttpResponse } from '../../../src/embedded/http.ts'
import { EmbeddedMarathon, type EmbeddedMarathonOptions } from '../../../src/embedded/marathon/embedded-marathon.ts'
import { settle } from '../../support/virtual-clock.ts'
import { ask, headerOf, type Json, text, type World, world } from '../mesos/client.ts'

/** A Marathon over an embedded Mesos, both in memory and on a virtual clock. */
export class Rig {
  readonly world: World
  readonly problems: string[] = []
  marathon: EmbeddedMarathon

  private constructor(there: World, marathon: EmbeddedMarathon) {
    this.world = there
    this.marathon = marathon
  }

  static async start(options: Partial<EmbeddedMarathonOptions> = {}, given?: World): Promise<Rig> {
    const there = given ?? (await world())
    const rig = new Rig(there, undefined as unknown as EmbeddedMarathon)
    rig.marathon = await EmbeddedMarathon.start({
      clock: there.clock,
      mesosUrl: 'http://127.0.0.1:5150',
      master: there.mesos.masterHandler,
      chance: () => 0,
      onProblem: (words) => rig.problems.push(words),
      ...options,
    })
    await rig.pass(2)
    return rig
  }

  async pass(seconds: number): Promise<void> {
    await this.world.clock.advance(seconds * 1000)
    await settle()
  }

  async send(
    method: string,
    path: string,
    body?: Json,
  ): Promise<{ status: number; body: Json; response: HttpResponse }> {
    const sent = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const response = await ask(this.marathon.handler, method, path, {}, sent)
    const answer = text(response)
    return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer), response }
  }

  async get(path: string): Promise<Json> {
    return (await this.send('GET', path)).body
  }

  /** Statuses of instances, and of all. */
  async pod(id = '/ci/jenkins'): Promise<{ status: string; instances: string[]; body: Json }> {
    const body = await this.get(`/v2/pods${id}::status`)
    return { status: body.status, instances: body.instances.map(({ status }: Json) => status), body }
  }

  /** Environment of the last launch of a container. */
  environment(name: string): Readonly<Record<string, string>> {
    const { info } = this.world.runner.launched.findLast((task) => task.info.name === name) ?? {}
    const variables = info?.command?.environment?.variables ?? []
    return Object.fromEntries(variables.map((variable) => [variable.name, variable.value]))
  }

  launches(name: string): number {
    return this.world.runner.launched.filter((task) => task.info.name === name).length
  }

  end(name: string, status: number): void {
    const { runner } = this.world
    const running = [...runner.tasks.values()].find(({ task }) => task.info.name === name)
    if (running === undefined) throw new Error(`no ${name} runs`)
    runner.end(running, { kind: 'exited', status })
  }

  get deploymentOf(): (response: HttpResponse) => string {
    return (response) => headerOf(response, 'Marathon-Deployment-Id')
  }
}

export function aPod(more: Json = {}): Json {
  return {
    id: '/ci/jenkins',
    environment: { TZ: 'UTC', WHO: 'pod' },
    networks: [{ mode: 'host' }],
    containers: [
      {
        name: 'jenkins',
        exec: { command: { shell: 'sleep 100000' } },
        environment: { WHO: 'jenkins' },
        resources: { cpus: 1, mem: 512 },
        endpoints: [{ name: 'jenkins' }, { name: 'agents', hostPort: 31_100 }],
      },
      {
        name: 'sidecar',
        exec: { command: { shell: 'sleep 100000' } },
        resources: { cpus: 0.2, mem: 128 },
        endpoints: [{ name: 'side-car' }],
        lifecycle: { killGracePeriodSeconds: 30 },
      },
    ],
    scheduling: {
      backoff: { backoff: 5, backoffFactor: 2, maxLaunchDelay: 15 },
      upgrade: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      unreachableStrategy: 'disabled',
    },
    ...more,
  }
}

export function anApp(more: Json = {}): Json {
  return { id: '/web', cmd: 'sleep 100000', cpus: 0.5, mem: 64, portDefinitions: [{ name: 'web-ui' }], ...more }
}
