import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Loaded into the program before it starts, which knows nothing of it: keeps how long each part of each round took, as
 * the program tells its metrics. At each SIGUSR2 it says all since the last one in a line of JSON.
 */
const ROUNDS = 'jenkins_mesos_round_seconds'
const { Histogram } = createRequire(import.meta.url)('prom-client') as {
  readonly Histogram: {
    readonly prototype: { observeWithoutExemplar: (this: { name: string }, ...args: unknown[]) => void }
  }
}

let number = 0
let rounds: { readonly at: number; readonly observe: number; readonly plan: number; readonly act: number }[] = []
let parts: Record<string, number> = {}
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

const { observeWithoutExemplar: observe } = Histogram.prototype
Histogram.prototype.observeWithoutExemplar = function (...args) {
  observe.apply(this, args)
  if (this.name !== ROUNDS) return
  const [{ phase }, seconds] = args as [{ readonly phase: string }, number]
  parts[phase] = seconds * 1000
  if (phase !== 'act') return
  rounds.push({ at: performance.now(), observe: 0, plan: 0, act: 0, ...parts })
  parts = {}
}

let cpuBefore = process.cpuUsage()
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage(cpuBefore)
  cpuBefore = process.cpuUsage()
  const loop = { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }
  number += 1
  console.log(JSON.stringify({ probe: number, rounds, loop, cpuMs: (user + system) / 1000 }))
  rounds = []
  delay.reset()
})
