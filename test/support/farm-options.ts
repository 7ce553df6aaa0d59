import type { HttpHandler } from '../../src/embedded/http.ts'
import type { EmbeddedJenkinsOptions } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import type { EmbeddedMastersOptions } from '../../src/embedded/mesos/embedded-masters.ts'
import type { EmbeddedMesosOptions } from '../../src/embedded/mesos/embedded-mesos.ts'
import type { HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import type { CrashPoint, Step } from './sidecar-life.ts'

export const JENKINS = 'http://jenkins.test:8080'
export const MESOS = 'http://mesos.test:5050'
export const SIDECAR = 'http://sidecar.test:8091'

/** Where the masters answer when there are several: the first one at `MESOS`. */
export function mastersOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? MESOS : `http://mesos-${index + 1}.test:5050`))
}

export interface FarmOptions {
  readonly hosts?: number
  /** More than one: masters over the same hosts, which a test lets fail over (`cluster.masters`) [1]. */
  readonly masters?: number
  /** How the sidecar finds them: by `MESOS_MASTER` of its environment, or where they write themselves down [address]. */
  readonly mastersBy?: 'address' | 'zookeeper' | 'zookeeper-later'
  /** How they do it. */
  readonly election?: Pick<EmbeddedMastersOptions, 'sessionTimeoutMs' | 'recoveryMs' | 'startMs'>
  readonly host?: Partial<Omit<HostSpec, 'hostname' | 'authority'>>
  /** Of the host with this number, from 1 on. */
  readonly attributes?: (host: number) => Readonly<Record<string, string>>
  readonly templates?: Readonly<Record<string, TemplateOptions>>
  readonly environment?: Readonly<Record<string, string>>
  /** More servers, by origin. */
  readonly servers?: Readonly<Record<string, HttpHandler>>
  readonly jenkins?: Partial<EmbeddedJenkinsOptions>
  readonly mesos?: Partial<EmbeddedMesosOptions>
  /** From the end of the fetching to the start of an agent [400]. */
  readonly startMs?: number
  /** What each task uses from its launch on; without it the same few CPU seconds at any time. */
  readonly use?: { readonly cpus: number; readonly memMib: number }
  /** Each request of the sidecar takes so long [0]. */
  readonly latencyMs?: number
  /** The state is in ZooKeeper, and sidecars are called `a` and `b`. */
  readonly zookeeper?: boolean
  /** Nothing is logged and no launch remembered: for many days in a row. */
  readonly quiet?: boolean
  /** As for the virtual clock. */
  readonly turns?: number
  /** Of the steps of all lives of the sidecar, counted from 0. */
  readonly crashAt?: (step: Step, index: number) => CrashPoint | undefined
}

/** Fields as in the templates file. */
export type TemplateOptions = Readonly<Record<string, unknown>> & { readonly maxAgents?: number }

/** One executor, so that one build is one agent. */
export const LINUX: TemplateOptions = {
  labels: ['linux'],
  executors: 1,
  cpus: { agent: 0.2, perExecutor: 0.1 },
  memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
  idleTimeoutSeconds: 30,
  maxAgents: 5,
}
