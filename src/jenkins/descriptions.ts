import type { JenkinsNode } from '../core/jenkins-reading.ts'
import type { JenkinsClient } from './client.ts'
import { JenkinsError } from './errors.ts'
import { Label } from './shapes.ts'

/**
 * Descriptions of nodes on controllers whose `/computer` tells none. A node's own label tells it there: asked once a
 * node, and not at all for nodes that this process made.
 */
export class Descriptions {
  readonly #client: JenkinsClient
  readonly #known = new Map<string, string>()

  constructor(client: JenkinsClient) {
    this.#client = client
  }

  remember(name: string, description: string): void {
    this.#known.set(name, description)
  }

  /** The same nodes with their descriptions. Nodes that are gone are forgotten: a new one may have their name. */
  async fill(nodes: readonly JenkinsNode[], signal?: AbortSignal): Promise<readonly JenkinsNode[]> {
    const names = new Set(nodes.map(({ name }) => name))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    const filled: JenkinsNode[] = []
    for (const node of nodes) filled.push({ ...node, description: await this.#of(node.name, signal) })
    return filled
  }

  async #of(name: string, signal: AbortSignal | undefined): Promise<string> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const description = await this.#ask(name, signal)
    this.#known.set(name, description)
    return description
  }

  async #ask(name: string, signal: AbortSignal | undefined): Promise<string> {
    try {
      const path = `label/${encodeURIComponent(name)}/api/json?tree=${encodeURIComponent('description')}`
      return (await this.#client.getJson(path, Label, signal)).description ?? ''
    } catch (thrown) {
      if (thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND') return ''
      throw thrown
    }
  }
}
