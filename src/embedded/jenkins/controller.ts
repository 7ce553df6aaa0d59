import type { Clock } from '../../core/clock.ts'
import { Agents } from './agents.ts'
import type { Access } from './auth.ts'
import type { Computer } from './computer.ts'
import { Farm } from './farm.ts'
import { buildOf, configOf, type JobOptions, jobFromConfig } from './jobs.ts'
import type { BuildState, ItemState, JobState, Parameters, SavedState } from './model.ts'
import { Queue } from './queue.ts'
import type { JenkinsView } from './scene.ts'

export interface ControllerOptions {
  readonly clock: Clock
  readonly url: string
  readonly access: Access
  readonly old: boolean
  readonly builtInExecutors: number
  readonly quietPeriodMs: number
  readonly pendingMs: number
  readonly secretKey: string
  readonly random: (bytes: number) => string
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  /** Something changed that must survive a restart. */
  readonly changed: () => void
}

/** Nodes, jobs, queue and agents, and what happens between them. Knows no HTTP but the agents' streams. */
export class Controller implements JenkinsView {
  readonly clock: Clock
  readonly url: string
  readonly access: Access
  readonly old: boolean
  readonly quietPeriodMs: number
  readonly farm: Farm
  readonly queue: Queue
  readonly agents: Agents
  readonly jobs = new Map<string, JobState>()
  readonly #changed: () => void
  /** No build begins any more. */
  #ending = false

  constructor(options: ControllerOptions) {
    this.clock = options.clock
    this.url = options.url
    this.access = options.access
    this.old = options.old
    this.quietPeriodMs = options.quietPeriodMs
    this.#changed = options.changed
    this.farm = new Farm(options.builtInExecutors, options.clock.now())
    this.queue = new Queue({
      clock: options.clock,
      farm: this.farm,
      jobs: this.jobs,
      pendingMs: options.pendingMs,
      start: (item, job, computer) => this.#start(item, job, computer),
      changed: options.changed,
    })
    this.agents = new Agents({
      ...options,
      admit: (name) => (this.farm.computer(name)?.node.inbound === true ? undefined : `Unknown client name: ${name}`),
      connected: (name) => {
        this.#connected(name)
      },
      gone: (name) => {
        this.#gone(name)
      },
      console: (build, text) => {
        const [job, number] = this.#build(build)
        if (job !== undefined && number?.result === null) number.console += text
      },
      ended: (build, exitCode) => {
        const [job, number] = this.#build(build)
        if (job !== undefined && number !== undefined) this.#end(job, number, exitCode === 0 ? 'SUCCESS' : 'FAILURE')
      },
    })
  }

  get jobList(): readonly JobState[] {
    return [...this.jobs.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  createJob(options: JobOptions): JobState {
    return this.createJobFrom(options.name, configOf(options))
  }

  /** @throws where the text is no freestyle project */
  createJobFrom(name: string, config: string): JobState {
    const job = jobFromConfig(name, config, this.old)
    this.jobs.set(name, job)
    this.#changed()
    return job
  }

  /** Schedules a build. @param quietMs the job's quiet period unless given */
  build(job: JobState, by: string, parameters: Parameters, quietMs = this.quietPeriodMs, label?: string): ItemState {
    return this.queue.schedule({ job, by, parameters, quietMs, ...(label === undefined ? {} : { label }) })
  }

  /** A node goes at once; builds that run there fail. */
  deleteNode(name: string): void {
    const computer = this.farm.computer(name)
    this.farm.remove(name)
    if (computer !== undefined) this.#failBuilds(computer, 'FAILURE')
    this.agents.close(name, 'the node was deleted')
    this.queue.maintain()
  }

  disconnect(name: string): void {
    this.agents.close(name, 'disconnected')
  }

  /** After nodes or jobs were changed by hand. */
  changed(): void {
    this.queue.maintain()
  }

  /** The controller ends: what runs is aborted, agents are cut off. */
  shutDown(): void {
    this.#ending = true
    this.queue.stop()
    for (const computer of this.farm.computers) this.#failBuilds(computer, 'ABORTED', false)
    this.agents.breakAll(new Error('the controller has gone'))
    this.queue.stop()
  }

  restore({ nodes, jobs, items, nextItem }: SavedState): void {
    for (const node of nodes) this.farm.add(node, this.clock.now())
    for (const job of jobs) {
      for (const build of job.builds) {
        // A controller that was killed could not say so itself.
        if (build.result === null) finish(build, 'ABORTED', this.clock.now())
      }
      this.jobs.set(job.name, job)
    }
    this.queue.restore(items, nextItem)
  }

  save(): SavedState {
    return {
      nodes: [...this.farm.nodes.values()],
      jobs: [...this.jobs.values()],
      items: this.queue.save(),
      nextItem: this.queue.nextId,
    }
  }

  #connected(name: string): void {
    const computer = this.farm.computer(name)
    if (computer === undefined) return
    computer.connected = true
    computer.brokenAt = null
    computer.monitoredAt = this.clock.now()
    this.queue.maintain()
  }

  #gone(name: string): void {
    const computer = this.farm.computer(name)
    if (computer === undefined) return
    computer.connected = false
    computer.brokenAt = this.clock.now()
    this.#failBuilds(computer, 'FAILURE', !this.#ending)
  }

  #start(item: ItemState, job: JobState, computer: Computer): number {
    const number = job.nextBuild++
    const running = { job: job.name, number }
    const { node, displayName } = computer
    const labels = node.labelString === '' ? '' : ` (${node.labelString})`
    const build: BuildState = {
      number,
      queueId: item.id,
      node: node.name,
      executor: computer.occupy(running),
      startedAt: this.clock.now(),
      durationMs: null,
      result: null,
      by: item.by,
      parameters: item.parameters,
      console: `Started by user ${item.by}\nRunning as SYSTEM\nBuilding ${computer.builtIn ? '' : 'remotely '}on ${displayName}${labels} in workspace ${node.remoteFs ?? '.'}/workspace/${job.name}\n`,
    }
    job.builds.push(build)
    if (computer.builtIn) {
      // Nobody is there to run a process: it takes its time, and that is all.
      this.clock.timer(job.work.durationMs, () => {
        this.#end(job, build, job.work.exitCode === 0 ? 'SUCCESS' : 'FAILURE')
      })
    } else {
      this.agents.send(node.name, {
        kind: 'build',
        build: `${encodeURIComponent(job.name)}/${number}`,
        job: job.name,
        environment: {
          ...Object.fromEntries(node.environment),
          ...Object.fromEntries(item.parameters),
          JOB_NAME: job.name,
          BUILD_NUMBER: String(number),
        },
        work: job.work,
      })
    }
    return number
  }

  #build(id: string): [JobState | undefined, BuildState | undefined] {
    const [name, number] = id.split('/')
    const job = this.jobs.get(decodeURIComponent(name ?? ''))
    return [job, job === undefined ? undefined : buildOf(job, Number(number))]
  }

  #end(job: JobState, build: BuildState, result: 'SUCCESS' | 'FAILURE'): void {
    if (build.result !== null) return
    finish(build, result, this.clock.now())
    const computer = build.node === '' ? this.farm.builtIn : this.farm.computer(build.node)
    const running = computer?.executors[build.executor]
    if (running?.job === job.name && running.number === build.number) computer?.release(build.executor)
    this.queue.maintain()
  }

  #failBuilds(computer: Computer, result: 'FAILURE' | 'ABORTED', maintain = true): void {
    for (const [executor, running] of computer.executors.entries()) {
      if (running === null) continue
      const job = this.jobs.get(running.job)
      const build = job === undefined ? undefined : buildOf(job, running.number)
      if (build !== undefined && build.result === null) {
        build.console += 'FATAL: command execution failed\nThe connection to the agent was broken\n'
        finish(build, result, this.clock.now())
      }
      computer.release(executor)
    }
    if (maintain) this.queue.maintain()
  }
}

function finish(build: BuildState, result: 'SUCCESS' | 'FAILURE' | 'ABORTED', now: number): void {
  build.result = result
  build.durationMs = now - build.startedAt
  build.console += `Finished: ${result}\n`
}
