import { type ComposedState, composeZooKeeperState } from '../../src/compose-state.ts'
import type { AgentRecord } from '../../src/core/model.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import type { StorePort } from '../../src/loop/ports.ts'
import { type OwnParts, stepOf } from './sidecar-life.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { SimulatedEnsemble } from './zookeeper/simulated-ensemble.ts'

const PATH = '/sidecar'
/** Below `records`, and no records. */
const FOLDERS: ReadonlySet<string> = new Set([`${PATH}/records/agent`, `${PATH}/records/sizing`])

/** A state in ZooKeeper for several sidecars, and a watch over which of them changes the world. */
export class FarmState {
  readonly ensemble: SimulatedEnsemble
  readonly violations: string[] = []
  /** Changing requests that reached a server, by who sent them. */
  readonly calls: { readonly at: number; readonly by: string; readonly what: string }[] = []
  readonly #clock: VirtualClock
  readonly #onCommit: (name: string) => void

  /** @param onCommit a process with this name has written */
  constructor(clock: VirtualClock, ensemble: SimulatedEnsemble, onCommit: (name: string) => void) {
    this.#clock = clock
    this.#onCommit = onCommit
    this.ensemble = ensemble
  }

  /** The state as one process has it. */
  compose(name: string, { clock, chance, log, mortal }: OwnParts): ComposedState {
    const { store, leader } = composeZooKeeperState({
      ensemble: this.ensemble.at(PATH),
      tls: undefined,
      me: { hostname: name, pid: 1, startedAt: new Date(this.#clock.now()).toISOString() },
      clock,
      chance,
      log,
      connect: mortal(this.ensemble.connect(name)),
    })
    const commit: StorePort['commit'] = async (changes) => {
      await store.commit(changes)
      this.#onCommit(name)
    }
    return { store: { load: () => store.load(), commit, close: () => store.close() }, leader }
  }

  /** Invariant 9, as the servers see it: who changes something is the one that ZooKeeper has elected at that instant. */
  watched(name: string, origin: string, handler: HttpHandler): HttpHandler {
    return (request) => {
      const step = stepOf(request, origin)
      if (step !== undefined) this.#called(name, step.name)
      return handler(request)
    }
  }

  get elected(): string | undefined {
    const rank = (path: string): number => Number(path.slice(-10))
    const [first] = this.ensemble.paths
      .filter((path) => path.startsWith(`${PATH}/leader/`))
      .sort((a, b) => rank(a) - rank(b))
    if (first === undefined) return undefined
    const data = this.ensemble.node(first)?.data.toString() ?? '{}'
    return (JSON.parse(data) as { hostname?: string }).hostname
  }

  /** Everything that is stored, by key. */
  get contents(): ReadonlyMap<string, object> {
    const nodes = this.ensemble.paths
      .filter((path) => path.startsWith(`${PATH}/records/`) && !FOLDERS.has(path))
      .map((path) => JSON.parse(this.ensemble.node(path)?.data.toString() ?? '{}') as { key: string; value: object })
    return new Map(nodes.map(({ key, value }) => [key, value]))
  }

  get records(): readonly AgentRecord[] {
    return [...this.contents].filter(([key]) => key.startsWith('agent/')).map(([, value]) => value as AgentRecord)
  }

  #called(by: string, what: string): void {
    const at = this.#clock.monotonic()
    this.calls.push({ at, by, what })
    if (this.elected === by) return
    this.violations.push(`${what} by ${by}, while ${this.elected ?? 'nobody'} is elected`)
  }
}
