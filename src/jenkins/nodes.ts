import type { Clock } from '../core/clock.ts'
import type { JenkinsNode } from '../core/jenkins-reading.ts'
import type { Instant } from '../core/model.ts'
import type { NodeSpec } from '../loop/ports.ts'
import type { JenkinsClient } from './client.ts'
import { COMPUTER_TREE, toNode } from './computers.ts'
import { JenkinsError } from './errors.ts'
import { NODE_TYPES, nodeForm } from './node-form.ts'
import type { OfflineReasons } from './offline-reasons.ts'
import { Anything, ComputerNames, OneComputer } from './shapes.ts'
import { isAtLeast, QUEUE_LOCK } from './version.ts'

/** A toggle without an answer may still wait in Jenkins for the queue: so long no other is sent for that node. */
const DOUBT_MS = 60_000
/** On a controller whose toggle does not wait for the queue, a build given before it shows up within this time. */
const SETTLE_MS = 2_000
const NAMES_PATH = `computer/api/json?tree=${encodeURIComponent('computer[displayName]')}`
const TREE = encodeURIComponent(COMPUTER_TREE)

/** Makes, reads, takes offline and removes nodes, one at a time. */
export class Nodes {
  readonly #client: JenkinsClient
  readonly #clock: Clock
  readonly #reasons: OfflineReasons
  readonly #doubtUntil = new Map<string, Instant>()

  constructor(client: JenkinsClient, clock: Clock, reasons: OfflineReasons) {
    this.#client = client
    this.#clock = clock
    this.#reasons = reasons
  }

  async read(name: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    try {
      const computer = await this.#client.getJson(`${pathOf(name)}api/json?tree=${TREE}`, OneComputer, signal)
      if (!computer.temporarilyOffline) this.#reasons.forget(name)
      return toNode(computer, this.#reasons.of)
    } catch (thrown) {
      if (!isNotFound(thrown)) throw thrown
      await this.#confirmMissing(name, thrown, signal)
      return undefined
    }
  }

  async create(node: NodeSpec, signal?: AbortSignal): Promise<'created' | 'exists'> {
    const version = await this.#version(signal)
    const types = version === undefined || isAtLeast(version, '1.500') ? NODE_TYPES : NODE_TYPES.toReversed()
    for (const [index, type] of types.entries()) {
      try {
        await this.#client.post('computer/doCreateItem', nodeForm(node, type, version), signal)
        return 'created'
      } catch (thrown) {
        if (!(thrown instanceof JenkinsError)) throw thrown
        // An unknown type of node is a 500 on every controller; today's know the first.
        const otherType = thrown.status === 500 && !isAtLeast(version, '2.0') && index === 0
        if (thrown.status !== 400 && !otherType) throw thrown
        // The words of a refusal are translated: whether the name is taken is asked.
        if ((await this.read(node.name, signal)) !== undefined) return 'exists'
        if (thrown.status === 400) throw notSeen(node.name, thrown)
      }
    }
    throw new JenkinsError('JENKINS_REFUSED', `Jenkins knows none of the node types ${NODE_TYPES.join(', ')}.`)
  }

  async delete(name: string, signal?: AbortSignal): Promise<'deleted' | 'missing'> {
    try {
      await this.#client.post(`${pathOf(name)}doDelete`, {}, signal)
    } catch (thrown) {
      if (!isNotFound(thrown)) throw thrown
      await this.#confirmMissing(name, thrown, signal)
      this.#forget(name)
      return 'missing'
    }
    this.#forget(name)
    return 'deleted'
  }

  /** See `JenkinsPort.setOffline`. */
  async setOffline(name: string, reason: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    const before = await this.read(name, signal)
    if (before === undefined) return undefined
    if (!before.temporarilyOffline) {
      const plain = plainReason(reason)
      const toggled = await this.#toggle(name, true, plain, signal)
      if (!toggled) return undefined
      this.#reasons.remember(name, plain)
    }
    // Begun only now, after Jenkins has said that the node is offline: what runs by now is all that will run.
    let after = await this.read(name, signal)
    if (after !== undefined && !isAtLeast(this.#client.version, QUEUE_LOCK)) {
      await this.#clock.sleep(SETTLE_MS, signal)
      after = await this.read(name, signal)
    }
    if (after?.temporarilyOffline === false) throw changedByOther(name)
    return after
  }

  /**
   * See `JenkinsPort.setOnline`. On a controller that tells no reasons only an offline that this process has set
   * carries a marker; an empty marker lifts any offline.
   */
  async setOnline(name: string, marker: string, signal?: AbortSignal): Promise<JenkinsNode | undefined> {
    const before = await this.read(name, signal)
    if (before?.temporarilyOffline !== true || !before.offlineReason.startsWith(marker)) return before
    if (!(await this.#toggle(name, false, '', signal))) return undefined
    const after = await this.read(name, signal)
    if (after?.temporarilyOffline === true) throw changedByOther(name)
    return after
  }

  /**
   * There is only a toggle: sent twice it undoes itself. Without a certain answer the node is read instead.
   * @returns false where there is no such node
   */
  async #toggle(name: string, offline: boolean, message: string, signal: AbortSignal | undefined): Promise<boolean> {
    if ((this.#doubtUntil.get(name) ?? 0) > this.#clock.now()) {
      throw new JenkinsError(
        'JENKINS_UNAVAILABLE',
        `node ${name}: whether Jenkins still carries out the last toggleOffline is not known; no other is sent until ${DOUBT_MS / 1000} s after it.`,
      )
    }
    try {
      await this.#client.post(`${pathOf(name)}toggleOffline?offlineMessage=${encodeURIComponent(message)}`, {}, signal)
      this.#doubtUntil.delete(name)
      return true
    } catch (thrown) {
      if (isNotFound(thrown)) {
        await this.#confirmMissing(name, thrown, signal)
        return false
      }
      if (isCertain(thrown)) throw thrown
      this.#doubtUntil.set(name, this.#clock.now() + DOUBT_MS)
      if (signal?.aborted) throw thrown
      const node = await this.read(name, signal)
      if (node === undefined) return false
      if (node.temporarilyOffline !== offline) throw thrown
      this.#doubtUntil.delete(name)
      return true
    }
  }

  /** A 404 that may come from a proxy, or from a wrong context path, says nothing about the node. */
  async #confirmMissing(name: string, thrown: JenkinsError, signal: AbortSignal | undefined): Promise<void> {
    if (!thrown.byJenkins) {
      const { computer } = await this.#client.getJson(NAMES_PATH, ComputerNames, signal)
      if (computer.some(({ displayName }) => displayName === name)) throw thrown
    }
    this.#forget(name)
  }

  async #version(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (this.#client.version === undefined) await this.#client.getJson('api/json?tree=mode', Anything, signal)
    return this.#client.version
  }

  #forget(name: string): void {
    this.#reasons.forget(name)
    this.#doubtUntil.delete(name)
  }
}

export function pathOf(name: string): string {
  return `computer/${encodeURIComponent(name)}/`
}

/** Jenkins cuts a reason at its last ` : `, and escapes everything but plain characters twice. */
function plainReason(reason: string): string {
  return reason
    .replaceAll(/[^A-Za-z0-9 :.,=_/-]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .replaceAll(' :', ':')
    .trim()
}

function isNotFound(thrown: unknown): thrown is JenkinsError {
  return thrown instanceof JenkinsError && thrown.code === 'JENKINS_NOT_FOUND'
}

/** Nothing came of the request for certain: it never left, or was refused before it was looked at. */
function isCertain(thrown: unknown): boolean {
  if (!(thrown instanceof JenkinsError)) return false
  return thrown.notSent || (thrown.status !== undefined && thrown.status >= 400 && thrown.status < 500)
}

/** A node that was made with no executors is in no list, and still holds its name. */
function notSeen(name: string, refused: JenkinsError): JenkinsError {
  return new JenkinsError(
    'JENKINS_REFUSED',
    `${refused.message} Jenkins shows no node ${name}: if the name is taken, it is by a node without executors, which only an administrator can remove (script console, or the node's folder under nodes/).`,
    { status: 400, byJenkins: refused.byJenkins, cause: refused },
  )
}

function changedByOther(name: string): JenkinsError {
  return new JenkinsError(
    'JENKINS_CONFLICT',
    `node ${name} was taken offline or online by somebody else at the same moment. It is looked at again.`,
  )
}
