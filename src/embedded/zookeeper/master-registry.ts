import type { ElectionShown } from '../mesos/embedded-masters.ts'
import type { EmbeddedEnsemble } from './embedded-ensemble.ts'

const PATH = '/mesos'

/** Where masters write themselves down: their znodes in a ZooKeeper follow them. */
export class MasterRegistry {
  readonly ensemble: EmbeddedEnsemble
  #shown: ElectionShown | undefined
  #written: ReadonlySet<string> = new Set()
  #open: boolean

  /** @param open `false`: nothing is there, not even the path, before `open` is called */
  constructor(ensemble: EmbeddedEnsemble, open: boolean) {
    this.ensemble = ensemble
    this.#open = open
  }

  /** For `MESOS_MASTER`. */
  get url(): string {
    return `zk://${this.ensemble.servers.map(({ host, port }) => `${host}:${port}`).join(',')}${PATH}`
  }

  open(): void {
    this.#open = true
    if (this.#shown !== undefined) this.show(this.#shown)
  }

  readonly show = (shown: ElectionShown): void => {
    this.#shown = shown
    if (!this.#open) return
    for (const path of [PATH, `${PATH}/log_replicas`]) {
      if (this.ensemble.node(path) === undefined) this.ensemble.put(path, '')
    }
    const now = new Map(shown.candidates.map(({ znode, data }) => [`${PATH}/${znode}`, data]))
    for (const path of this.#written) if (!now.has(path)) this.ensemble.remove(path)
    for (const [path, data] of now) if (!this.#written.has(path)) this.ensemble.put(path, data)
    this.#written = new Set(now.keys())
  }
}
