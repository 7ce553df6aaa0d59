import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { asAdmin } from '../support/farm-jenkins.ts'
import { JENKINS, LINUX, MESOS } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** Numbers in [0, 1) that are the same for the same seed. */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/** What happens to a farm, with how long it lasts; what it gives back ends it. */
type Event = (farm: Farm, chance: () => number) => (() => void | Promise<void>) | undefined

const anyOf = <T>(list: readonly T[], chance: () => number): T | undefined => list[Math.floor(chance() * list.length)]

/** Troubles that must not cost a build. */
const GENTLE: Readonly<Record<string, Event>> = {
  crash: (farm) => {
    farm.crashSidecar()
    return () => farm.startSidecar().then(() => undefined)
  },
  'stream reset': (farm) => {
    farm.mesos.resetStreams()
    return undefined
  },
  'half a record': (farm) => {
    farm.mesos.halfRecord()
    return undefined
  },
  'frozen Jenkins': (farm) => {
    farm.faults.freeze(JENKINS)
    return () => {
      farm.faults.thaw(JENKINS)
    }
  },
  'Mesos without a master': (farm) => {
    farm.down(MESOS)
    return () => {
      farm.up(MESOS)
    }
  },
  'store that fails': (farm) => farm.store.break('fails').mend,
  'store that hangs': (farm) => farm.store.break('hangs').mend,
  'host cut off': (farm, chance) => {
    const host = anyOf(
      farm.mesos.snapshot().hosts.filter(({ connected }) => connected),
      chance,
    )
    if (host === undefined) return undefined
    void farm.mesos.removeHost(host.hostname, { tasks: 'keep' })
    return () => farm.mesos.returnHost(host.hostname)
  },
  'launches that fail': (farm) => {
    farm.faults.task = () => 'fetch'
    return () => {
      farm.faults.task = () => undefined
    }
  },
  'answers of Jenkins that get lost': (farm, chance) => {
    farm.faults.loseAnswer = ({ path }) => !path.includes('/api/v1/') && chance() < 0.3
    return () => {
      farm.faults.loseAnswer = () => false
    }
  },
  'clock set back': (farm, chance) => {
    farm.clock.offsetMs -= Math.floor(chance() * 600_000)
    return undefined
  },
}

/** Troubles that end builds by themselves. */
const HARSH: Readonly<Record<string, Event>> = {
  ...GENTLE,
  'Jenkins restarts': (farm) => {
    if (farm.jenkins.phase !== 'ready') return undefined
    void farm.jenkins.restart({ downMs: 3_000, startingMs: 15_000 })
    return undefined
  },
  'agent killed by hand': (farm, chance) => {
    const task = anyOf(
      farm.tasks.filter(({ state }) => state === 'TASK_RUNNING'),
      chance,
    )
    if (task !== undefined) farm.cluster.murder(task.taskId)
    return undefined
  },
  'node deleted by hand': (farm, chance) => {
    const node = anyOf(farm.agentNodes, chance)
    if (node !== undefined && farm.jenkins.phase === 'ready')
      void asAdmin(farm.jenkins, 'POST', `/computer/${node}/doDelete`)
    return undefined
  },
  'host without power': (farm, chance) => {
    const host = anyOf(
      farm.mesos.snapshot().hosts.filter(({ connected }) => connected),
      chance,
    )
    if (host === undefined) return undefined
    void farm.mesos.removeHost(host.hostname, { tasks: 'lost' })
    return () => farm.mesos.returnHost(host.hostname)
  },
}

const TROUBLES = 12
const LONGEST_MS = 60_000

/** One trouble after the other while builds come in; then all is well again, and everything must end. */
async function storm(farm: Farm, events: Readonly<Record<string, Event>>, chance: () => number): Promise<string[]> {
  const happened: string[] = []
  farm.job('short', 4_000).job('middle', 30_000).job('long', 150_000)
  for (let trouble = 0; trouble < TROUBLES; trouble++) {
    await farm.advance(Math.floor(chance() * 20_000))
    for (const name of ['short', 'middle', 'long']) {
      if (chance() < 0.4 && farm.jenkins.phase === 'ready') farm.jenkins.build(name)
    }
    const name = anyOf(Object.keys(events), chance) ?? ''
    happened.push(name)
    const end = events[name]?.(farm, chance)
    await farm.advance(Math.floor(chance() * LONGEST_MS))
    await end?.()
  }
  return happened
}

describe('one trouble after the other', () => {
  test.each(seeds())(
    'of the kind that costs no build, seed %i: every build ends well and nothing is left',
    async (seed) => {
      const farm = await start({ hosts: 3, templates: { linux: { ...LINUX, maxAgents: 4 } } })
      const happened = await storm(farm, GENTLE, chanceOf(seed))
      await farm.until(() => farm.running + farm.queued === 0, 3_600_000, `all builds after ${happened.join(', ')}`)
      expect([...new Set(farm.results), happened]).toEqual(['SUCCESS', happened])
      await farm.empty(3_600_000)
    },
  )

  test.each(seeds())('of any kind, seed %i: every build ends and nothing is left', async (seed) => {
    const farm = await start({ hosts: 3, templates: { linux: { ...LINUX, maxAgents: 4 } } })
    const happened = await storm(farm, HARSH, chanceOf(seed))
    await farm.until(() => farm.running + farm.queued === 0, 3_600_000, `all builds after ${happened.join(', ')}`)
    await farm.empty(3_600_000)
  })
})

/** `CHAOS_SEEDS=50` looks longer for trouble. */
function seeds(): readonly number[] {
  return Array.from({ length: Number(process.env['CHAOS_SEEDS'] ?? 3) }, (_, index) => index + 1)
}
