import { afterEach, beforeEach, expect } from '@jest/globals'
import type { FrameworkId, OfferId } from '../../src/core/model.ts'
import type { MesosEvent } from '../../src/loop/ports.ts'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import { MesosSession, type MesosSessionOptions } from '../../src/mesos/session.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { StubMaster } from './stub-master.ts'

export const MASTER = 'http://m1:5050'
export const OTHER = 'http://m2:5050'

/** A session at a stub master, on a virtual clock. */
export class SessionRig {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork()
  readonly master = new StubMaster()
  readonly seen: MesosEvent[] = []
  readonly logged: string[] = []
  session: MesosSession | undefined

  constructor() {
    this.network.serve(MASTER, this.master.handler)
  }

  make(over: Partial<MesosSessionOptions> = {}): MesosSession {
    const log = Object.fromEntries(
      (['debug', 'info', 'warn', 'error'] as const).map((level) => [
        level,
        (fields: object, message: string) => this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
      ]),
    ) as unknown as MesosSessionOptions['log']
    this.session = new MesosSession({
      framework: {
        user: 'ci',
        name: 'Jenkins',
        roles: ['ci', 'big'],
        failoverTimeoutSeconds: 604_800,
        principal: undefined,
        hostname: 'sidecar.test',
        webuiUrl: 'http://sidecar.test/',
      },
      detector: new FixedUrlDetector([MASTER]),
      clock: this.clock,
      random: () => 1,
      log,
      dispatcher: (origin) => this.network.dispatcher(origin),
      ...over,
    })
    return this.session
  }

  async start(over: Partial<MesosSessionOptions> = {}, id?: string): Promise<MesosSession> {
    const made = this.make(over)
    made.start(id as FrameworkId | undefined, (event) => this.seen.push(event))
    await settle()
    return made
  }

  kinds(): readonly string[] {
    return this.seen.map(({ kind }) => kind)
  }

  async give(...offers: readonly object[]): Promise<void> {
    this.master.stream.push({ type: 'OFFERS', offers: { offers } })
    await settle()
  }

  /** Time goes on while the master's heart beats. */
  async beat(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10_000) {
      await this.clock.advance(Math.min(left, 10_000))
      this.master.stream.push({ type: 'HEARTBEAT' })
      await settle()
    }
  }
}

/** A fresh rig for each test of the file; nothing of it is left running. */
export function useSession(): SessionRig {
  const rig = Object.create(SessionRig.prototype) as SessionRig
  beforeEach(() => {
    Object.assign(rig, new SessionRig())
    rig.session = undefined
  })
  afterEach(async () => {
    await rig.session?.stop()
    await settle()
    expect(rig.clock.pending).toBe(0)
    expect(rig.network.open).toBe(0)
  })
  return rig
}

export const ids = (...names: readonly string[]) => names as unknown as OfferId[]

export function offer(id: string, over: object = {}): object {
  return {
    id: { value: id },
    framework_id: { value: 'F1' },
    agent_id: { value: 'S0' },
    hostname: 'h0',
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, allocation_info: { role: 'ci' } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 4096 }, allocation_info: { role: 'ci' } },
    ],
    allocation_info: { role: 'ci' },
    ...over,
  }
}
