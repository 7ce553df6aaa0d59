import type { Clock } from '../core/clock.ts'
import type { JenkinsNode, JenkinsReading } from '../core/jenkins-reading.ts'
import type { Connection } from '../core/launch.ts'
import type { AgentSecret, JenkinsPort, NodeSpec } from '../loop/ports.ts'
import { readAgentSecret } from './agent-secret.ts'
import { checkJenkins } from './check.ts'
import { JenkinsClient, type JenkinsClientOptions } from './client.ts'
import { readNodes } from './computers.ts'
import { Descriptions } from './descriptions.ts'
import { JenkinsError } from './errors.ts'
import type { Finding } from './finding.ts'
import { readIdentity } from './identity.ts'
import { JobSight } from './jobs.ts'
import { Nodes } from './nodes.ts'
import { OfflineReasons } from './offline-reasons.ts'
import { readQueue } from './queue.ts'
import { Builds } from './rebuild.ts'
import { DESCRIPTIONS, isAtLeast } from './version.ts'

export interface JenkinsOptions extends JenkinsClientOptions {
  /** Jenkins as agents reach it from their hosts [`url`]. */
  readonly agentUrl?: URL | undefined
  readonly clock: Clock
}

/** One Jenkins over its REST API, as the loop uses it. */
export class Jenkins implements JenkinsPort {
  readonly builds: Builds
  readonly #client: JenkinsClient
  readonly #clock: Clock
  readonly #agentUrl: string
  readonly #reasons = new OfflineReasons()
  readonly #nodes: Nodes
  readonly #jobs: JobSight
  readonly #descriptions: Descriptions

  constructor(options: JenkinsOptions) {
    this.#client = new JenkinsClient(options)
    this.builds = new Builds(this.#client)
    this.#clock = options.clock
    this.#agentUrl = options.agentUrl === undefined ? this.#client.url : withSlash(options.agentUrl.href)
    this.#nodes = new Nodes(this.#client, options.clock, this.#reasons)
    this.#descriptions = new Descriptions(this.#client)
    this.#jobs = new JobSight(this.#client, options.clock)
  }

  async read(signal?: AbortSignal): Promise<JenkinsReading> {
    const readAt = this.#clock.now()
    const told = await readNodes(this.#client, this.#reasons.of, signal)
    const { session } = this.#client
    const old = told.silent && !isAtLeast(this.#client.version, DESCRIPTIONS)
    const nodes = old ? await this.#descriptions.fill(told.nodes, signal) : told.nodes
    this.#reasons.keep(new Set(nodes.filter((node) => node.temporarilyOffline).map((node) => node.name)))
    const queue = await readQueue(this.#client, signal)
    if (queue.length > 0) this.#jobs.saw()
    const seesJobs = await this.#jobs.sees(signal)
    if (this.#client.session !== session) {
      throw new JenkinsError('JENKINS_UNAVAILABLE', 'Jenkins was restarted between two requests of one reading.')
    }
    const { quietingDown } = this.#jobs
    return { readAt, session, version: this.#client.version, nodes, queue, seesJobs, quietingDown }
  }

  identity(signal?: AbortSignal): Promise<string | undefined> {
    return readIdentity(this.#client, signal)
  }

  readNode(name: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    return this.#nodes.read(name, signal)
  }

  async createNode(node: NodeSpec, signal?: AbortSignal): Promise<'created' | 'exists'> {
    const outcome = await this.#nodes.create(node, signal)
    if (outcome === 'created') this.#descriptions.remember(node.name, node.description)
    return outcome
  }

  agentSecret(name: string, connection: Connection, signal?: AbortSignal): Promise<AgentSecret> {
    return readAgentSecret(this.#client, this.#agentUrl, name, connection, signal)
  }

  setOffline(name: string, reason: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    return this.#nodes.setOffline(name, reason, signal)
  }

  setOnline(name: string, marker: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    return this.#nodes.setOnline(name, marker, signal)
  }

  deleteNode(name: string, signal?: AbortSignal): Promise<'deleted' | 'missing'> {
    return this.#nodes.delete(name, signal)
  }

  /**
   * Whether the user may do all that the sidecar needs. Makes a node for a moment; `id` makes its name unique.
   * @param options.builds whether lost builds are to be started again
   */
  check(id: string, signal?: AbortSignal, options: { readonly builds?: boolean } = {}): Promise<readonly Finding[]> {
    const { builds = false } = options
    return checkJenkins({ client: this.#client, nodes: this.#nodes, jobs: this.#jobs, id, builds }, signal)
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
