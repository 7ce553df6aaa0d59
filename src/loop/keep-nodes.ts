import { codeOf, messageOf } from '../core/code-of.ts'
import { describeAnchor, offlineReason } from '../core/markers.ts'
import type { Action } from '../core/snapshot.ts'
import type { Template } from '../core/template.ts'
import type { Context, Settings } from './context.ts'

const ANCHOR_WORDS = 'anchor, stays offline: Jenkins names its labels in the queue'

/** What is needed to keep nodes: a command that makes anchors has no more. */
export interface KeeperContext extends Pick<Context, 'jenkins' | 'log' | 'trigger'> {
  readonly report: Pick<Context['report'], 'orphanRemoved'>
  readonly settings: Pick<Settings, 'frameworkName'>
}

/** Nodes that are no agent's: anchors, and orphans that nobody owns. */
export class NodeKeeper {
  readonly #context: KeeperContext
  readonly #busy = new Set<string>()
  readonly #jobs = new Set<Promise<void>>()
  /** The last failure by node: said once until it changes. */
  readonly #failures = new Map<string, string>()

  constructor(context: KeeperContext) {
    this.#context = context
  }

  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs)
  }

  /** Why anchors could not be made or mended; for people. */
  get failures(): ReadonlyMap<string, string> {
    return this.#failures
  }

  /** All that is to be done to nodes now: what failed and is in it no more is over, as a person mended it. */
  wanted(actions: readonly Action[]): void {
    if (this.#failures.size === 0) return
    const names = new Set(actions.flatMap((action) => ('node' in action ? [action.node] : [])))
    for (const name of this.#failures.keys()) if (!names.has(name)) this.#failures.delete(name)
  }

  createAnchor(template: Template, name: string): void {
    const { jenkins, log, settings } = this.#context
    this.#begin(name, async () => {
      await jenkins.createNode({
        name,
        description: describeAnchor(template, settings.frameworkName),
        remoteFs: 'anchor',
        executors: 1,
        mode: 'EXCLUSIVE',
        labels: template.labels,
        connection: 'tcp',
      })
      await jenkins.setOffline(name, offlineReason(ANCHOR_WORDS))
      log.info({ template: template.name, node: name }, 'anchor made')
    })
  }

  offlineAnchor(name: string): void {
    this.#begin(name, async () => {
      await this.#context.jenkins.setOffline(name, offlineReason(ANCHOR_WORDS))
    })
  }

  deleteAnchor(name: string, reason: string): void {
    this.#begin(name, async () => {
      await this.#context.jenkins.deleteNode(name)
      this.#context.log.info({ node: name, reason }, 'anchor removed')
    })
  }

  /** Offline first: only a node that nothing can start on any more is looked at and deleted. */
  removeOrphan(name: string): void {
    const { jenkins, log, report } = this.#context
    this.#begin(name, async () => {
      const node = await jenkins.setOffline(name, offlineReason('orphan: no agent of this sidecar owns it'))
      if (node !== undefined && (node.running.length > 0 || !node.idle)) return
      if ((await jenkins.deleteNode(name)) === 'missing') return
      report.orphanRemoved('node')
      log.warn({ node: name }, 'orphan removed: a node with our mark that no agent owns')
    })
  }

  #begin(name: string, work: () => Promise<void>): void {
    if (this.#busy.has(name)) return
    this.#busy.add(name)
    const job = work()
      .then(() => {
        this.#failures.delete(name)
      })
      .catch((error: unknown) => {
        if (codeOf(error) === 'NOT_LEADING') return
        const words = messageOf(error)
        if (this.#failures.get(name) !== words) {
          this.#context.log.warn({ node: name, why: words, err: error }, 'a node of ours could not be changed')
        }
        this.#failures.set(name, words)
      })
      .finally(() => {
        this.#busy.delete(name)
        this.#jobs.delete(job)
        this.#context.trigger('job')
      })
    this.#jobs.add(job)
  }
}
