import { codeOf, messageOf } from '../core/code-of.ts'
import { withFailure } from '../core/launch-memory.ts'
import { settle, stop } from '../core/lifecycle.ts'
import { describeAgent } from '../core/markers.ts'
import type { AgentId, AgentRecord } from '../core/model.ts'
import type { Template } from '../core/template.ts'
import type { Context } from './context.ts'
import { Limiter } from './limiter.ts'
import type { AgentSecret, TaskLaunch } from './ports.ts'

/** Agents whose nodes are made at the same time. */
const PARALLEL = 8

interface Prepared {
  readonly template: Template
  readonly token: string
  /** `undefined` until its node is there. */
  readonly secret: AgentSecret | undefined
}

/** What an agent needs before it can be launched: its node in Jenkins, and the node's secret. */
export class Preparer {
  readonly #context: Context
  readonly #limiter = new Limiter(PARALLEL)
  readonly #prepared = new Map<AgentId, Prepared>()

  constructor(context: Context) {
    this.#context = context
  }

  /** How many agents anything is kept of. */
  get size(): number {
    return this.#prepared.size
  }

  /** A new agent. @param token with which its task fetches the secret */
  begin(agentId: AgentId, template: Template, token: string): void {
    this.#prepared.set(agentId, { template, token, secret: undefined })
  }

  /** Node and secret. `false`: it did not work, and the agent is on its way out. */
  async prepare(record: AgentRecord, template: Template): Promise<boolean> {
    const { jenkins, log, world, report, secrets, settings, clock } = this.#context
    const { agentId } = record
    const before = this.#prepared.get(agentId)
    if (before?.secret !== undefined) return true
    try {
      await this.#limiter.run(async () => {
        await jenkins.createNode({
          name: agentId,
          description: describeAgent(
            { agentId, template: template.name, frameworkId: world.frameworkId, owner: settings.frameworkName },
            record.reason,
          ),
          remoteFs: template.launch.remoteFs,
          executors: record.executors,
          mode: template.mode,
          labels: template.labels,
          connection: template.launch.connection,
          properties: template.nodeProperties,
        })
        const secret = await jenkins.agentSecret(agentId, template.launch.connection)
        secrets.keep(agentId, secret.secret)
        this.#prepared.set(agentId, { template, secret, token: before?.token ?? '' })
      })
      return true
    } catch (error) {
      if (codeOf(error) === 'NOT_LEADING') return false // for a moment, and it is tried again; or the end
      log.warn({ agentId, template: template.name, err: error }, 'the node could not be made ready')
      report.launch(template.name, 'jenkins_failed')
      world.memory = withFailure(world.memory, template.name, clock.now())
      this.#giveUp(agentId, `its node could not be made ready: ${messageOf(error)}`)
      return false
    }
  }

  /** `undefined`: it is not ready. */
  launchOf(agentId: AgentId): TaskLaunch | undefined {
    const { world, settings } = this.#context
    const record = world.get(agentId)
    const prepared = this.#prepared.get(agentId)
    if (record === undefined || prepared?.secret === undefined) return undefined
    const { template, secret, token } = prepared
    const base = settings.secretBaseUrl()
    const byUri = template.launch.secretVia === 'uri' && secret.secret !== '' && base !== undefined
    return {
      agentId,
      template,
      executors: record.executors,
      resources: record.resources,
      agent: secret,
      secretUrl: byUri ? `${base}/agent-secret/${agentId}/${token}` : undefined,
    }
  }

  /** It was launched, or will never be. */
  forget(agentId: AgentId): void {
    this.#prepared.delete(agentId)
  }

  /** Agents end without passing here: given up by the planner, or ended by Mesos. Nothing of them is kept. */
  prune(): void {
    const { world } = this.#context
    for (const agentId of this.#prepared.keys()) {
      if (world.get(agentId)?.state !== 'planned' && !world.busy.has(agentId)) this.#prepared.delete(agentId)
    }
  }

  #giveUp(agentId: AgentId, reason: string): void {
    const { world, clock } = this.#context
    const record = world.get(agentId)
    if (record === undefined) return
    const now = clock.now()
    world.put(settle({ ...stop(record, 'placement_failed', reason, now), taskEnded: true }, now))
    this.#prepared.delete(agentId)
  }
}
