import type { HostSpec } from './host-spec.ts'
import type { Hosts } from './hosts.ts'
import type { Master } from './master.ts'

/** What happens to machines of the cluster, as the master that leads sees it. Where none leads, only the machine does. */
export class Machines {
  readonly #hosts: Hosts
  readonly #leader: () => Master | undefined

  constructor(hosts: Hosts, leader: () => Master | undefined) {
    this.#hosts = hosts
    this.#leader = leader
  }

  /** One machine more: an earlier life of it needs a while to register. */
  async add(spec: HostSpec): Promise<void> {
    if (this.#hosts.has(spec.hostname)) throw new Error(`there is a host ${spec.hostname} already: return it instead`)
    const host = await this.#hosts.start(spec)
    const leader = this.#leader()
    if (host.id === '') leader?.membership.register(host)
    else {
      leader?.after(leader.cluster.settings.reregisterDelayMs, () => {
        leader.membership.register(host)
      })
    }
  }

  /**
   * The master hears nothing of the host any more: its offers are rescinded, later it is unreachable. `keep` leaves
   * its tasks running (a broken network), `lost` ends them (a broken machine).
   */
  async remove(hostname: string, { tasks }: { readonly tasks: 'lost' | 'keep' }): Promise<void> {
    const { host } = this.#hosts.entry(hostname)
    this.#hosts.cut(hostname, true)
    this.#forgetHost(hostname)
    if (tasks === 'lost') await this.#hosts.powerOff(hostname)
    else host.disconnect()
  }

  /** A removed host is back with its Mesos agent id. */
  async return(hostname: string): Promise<void> {
    if (this.#leader()?.cluster.gone.has(this.#hosts.entry(hostname).host.id)) {
      throw new Error(`host ${hostname} was marked gone: its id never comes back, reboot it`)
    }
    await this.#hosts.powerOn(hostname)
    this.#hosts.cut(hostname, false)
    this.#register(hostname)
  }

  /** The agent's process is started anew within the pings: checkpointed tasks do not notice. */
  async restart(hostname: string, awayMs: number): Promise<void> {
    const leader = this.#leader()
    if (leader === undefined) throw new Error(`host ${hostname} cannot restart its agent: no master leads`)
    await this.remove(hostname, { tasks: 'keep' })
    leader.after(awayMs, () => {
      this.#hosts.cut(hostname, false)
      this.#register(hostname)
    })
  }

  /** The machine comes back empty under another Mesos agent id; what was known of the old one runs into its timeout. */
  async reboot(hostname: string): Promise<void> {
    this.#forgetHost(hostname)
    await this.#hosts.replace(hostname)
    const fresh = this.#hosts.entry(hostname).host
    this.#leader()?.membership.register(fresh)
  }

  /** The host leaves for good, in order: TASK_LOST for what ran there. */
  async unregister(hostname: string): Promise<void> {
    const leader = this.#leader()
    if (leader !== undefined) leader.membership.unregister(leader.record(hostname), 'the agent unregistered')
    await this.#hosts.remove(hostname)
  }

  #forgetHost(hostname: string): void {
    const leader = this.#leader()
    const { host } = this.#hosts.entry(hostname)
    const record = leader?.cluster.hosts.get(host.id)
    if (record !== undefined) leader?.membership.disconnect(record)
  }

  #register(hostname: string): void {
    const leader = this.#leader()
    if (leader === undefined) return
    const { host } = this.#hosts.entry(hostname)
    const record = leader.cluster.hosts.get(host.id)
    if (record === undefined) leader.membership.register(host)
    else leader.membership.reconnect(record)
  }
}
