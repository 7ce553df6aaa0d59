import type { JenkinsSide, SeenBuild } from './scene.ts'

/**
 * Every build there ever was, looked at again only while it runs. A build may end badly only where a fault that was
 * done on purpose explains it: then it was excused before.
 */
export class BuildLedger {
  /** Builds that have ended, by result. */
  readonly ended = new Map<string, number>()
  /** Those that ended badly, with an excuse. */
  excusedLosses = 0
  readonly #jenkins: JenkinsSide
  readonly #lost: (words: string) => void
  /** Builds of a job before this index have all ended. */
  readonly #closed = new Map<string, number>()
  /** Behind the first that runs: builds that were counted already. */
  readonly #counted = new Set<string>()
  readonly #excused = new Set<string>()

  constructor(jenkins: JenkinsSide, lost: (words: string) => void) {
    this.#jenkins = jenkins
    this.#lost = lost
  }

  /** Builds that run now, by node. */
  running(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>()
    this.#each((id, { node, result }) => {
      if (result === null) found.set(node, [...(found.get(node) ?? []), id])
    })
    return found
  }

  /** What runs on these nodes now may end badly: something was done to it. */
  excuse(isHit: (node: string) => boolean): void {
    this.#each((id, { node, result }) => {
      if (result === null && isHit(node)) this.#excused.add(id)
    })
  }

  look(): void {
    for (const { name, builds } of this.#jenkins.jobs) {
      let closed = this.#closed.get(name) ?? 0
      for (let at = closed; at < builds.length; at++) {
        const build = builds[at]
        if (build === undefined || build.result === null) continue
        const id = `${name} #${build.number}`
        if (!this.#counted.has(id)) this.#end(id, build)
        if (at === closed) {
          closed += 1
          this.#counted.delete(id)
        } else this.#counted.add(id)
      }
      this.#closed.set(name, closed)
    }
  }

  #end(id: string, { result, node }: SeenBuild): void {
    const word = result ?? ''
    this.ended.set(word, (this.ended.get(word) ?? 0) + 1)
    const excused = this.#excused.delete(id)
    if (word === 'SUCCESS') return
    if (excused) this.excusedLosses += 1
    else this.#lost(`build ${id} on ${node} ended with ${word}, and nothing was done to it`)
  }

  #each(see: (id: string, build: SeenBuild) => void): void {
    for (const { name, builds } of this.#jenkins.jobs) {
      for (let at = this.#closed.get(name) ?? 0; at < builds.length; at++) {
        const build = builds[at]
        if (build !== undefined) see(`${name} #${build.number}`, build)
      }
    }
  }
}
