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
  /** How many ever began on a node. */
  readonly begun = new Map<string, number>()
  /** How many of a job ended badly. */
  readonly lostOf = new Map<string, number>()
  readonly #jenkins: JenkinsSide
  readonly #lost: (words: string) => void
  /** Number of the last build of a job behind which all have ended. Old builds may be deleted. */
  readonly #closed = new Map<string, number>()
  /** Later ones that ended before an earlier one. */
  readonly #counted = new Set<string>()
  readonly #excused = new Set<string>()
  /** Began, and not closed yet. */
  readonly #seen = new Set<string>()

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
    this.#each((id, build, job) => {
      if (!this.#seen.has(id)) {
        this.#seen.add(id)
        this.begun.set(build.node, (this.begun.get(build.node) ?? 0) + 1)
      }
      if (build.result === null || this.#counted.has(id)) return
      this.#counted.add(id)
      this.#end(id, build, job)
    })
    for (const { name, builds } of this.#jenkins.jobs) {
      const closed = this.#closed.get(name) ?? 0
      let now = closed
      for (const { number } of this.#open(builds, closed)) {
        if (!this.#counted.delete(`${name} #${number}`)) break
        this.#seen.delete(`${name} #${number}`)
        now = number
      }
      if (now !== closed) this.#closed.set(name, now)
    }
  }

  #end(id: string, { result, node }: SeenBuild, job: string): void {
    const word = result ?? ''
    this.ended.set(word, (this.ended.get(word) ?? 0) + 1)
    const excused = this.#excused.delete(id)
    if (word === 'SUCCESS') return
    this.lostOf.set(job, (this.lostOf.get(job) ?? 0) + 1)
    if (excused) this.excusedLosses += 1
    else this.#lost(`build ${id} on ${node} ended with ${word}, and nothing was done to it`)
  }

  #each(see: (id: string, build: SeenBuild, job: string) => void): void {
    for (const { name, builds } of this.#jenkins.jobs) {
      for (const build of this.#open(builds, this.#closed.get(name) ?? 0)) see(`${name} #${build.number}`, build, name)
    }
  }

  /** Builds with a later number, oldest first. */
  #open(builds: readonly SeenBuild[], closed: number): readonly SeenBuild[] {
    let from = builds.length
    while (from > 0 && (builds[from - 1]?.number ?? 0) > closed) from -= 1
    return from === builds.length ? [] : builds.slice(from)
  }
}
