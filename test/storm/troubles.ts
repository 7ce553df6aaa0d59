import type { EmbeddedMasters } from '../../src/embedded/mesos/embedded-masters.ts'
import type { Farm } from '../support/farm.ts'
import { asAdmin } from '../support/farm-jenkins.ts'
import { JENKINS, MESOS } from '../support/farm-options.ts'
import { anyOf, type Chance, OVER, type Trouble, upTo } from './trouble.ts'

/** As whoever supervises masters does: one that lost ZooKeeper ends by itself. */
function reviveDead(masters: EmbeddedMasters): void {
  for (const { authority, alive } of masters.shown.masters) if (!alive) masters.revive(authority)
}

const master: readonly Trouble[] = [
  {
    name: 'subscription reset',
    begin: ({ mesos }) => {
      if (mesos.leader === undefined) return undefined
      mesos.resetStreams()
      return OVER
    },
  },
  {
    name: 'subscription ended in order',
    begin: ({ mesos }) => {
      if (mesos.leader === undefined) return undefined
      mesos.endStreams()
      return OVER
    },
  },
  {
    name: 'half a record',
    begin: ({ mesos }) => {
      if (mesos.leader === undefined) return undefined
      mesos.halfRecord()
      return OVER
    },
  },
  {
    name: 'silent master',
    begin: (farm) => {
      if (farm.mesos.leader === undefined) return undefined
      farm.watch.silent = true
      farm.mesos.silence()
      return OVER
    },
  },
  {
    name: 'master dies, another takes over',
    longestMs: 300_000,
    begin: ({ cluster: { masters } }) => {
      if (masters.leader === undefined) return undefined
      masters.killLeader()
      return () => {
        reviveDead(masters)
      }
    },
  },
  {
    name: 'masters without ZooKeeper',
    longestMs: 180_000,
    begin: ({ cluster: { masters } }) => {
      masters.loseZooKeeper()
      return () => {
        masters.returnZooKeeper()
        reviveDead(masters)
      }
    },
  },
  ...(['kill', 'freeze', 'isolate'] as const).map(
    (what): Trouble => ({
      name: `ZooKeeper server: ${what}`,
      longestMs: 120_000,
      begin: ({ ensemble }, chance) => {
        const server = anyOf([...ensemble.servers.keys()], chance) ?? 0
        ensemble[what](server)
        return () => {
          ensemble.heal(server)
        }
      },
    }),
  ),
  {
    name: 'ZooKeeper without quorum',
    longestMs: 180_000,
    begin: ({ ensemble }) => {
      ensemble.loseQuorum()
      return () => {
        ensemble.regainQuorum()
      }
    },
  },
  {
    name: 'ZooKeeper sessions expire',
    begin: ({ ensemble }) => {
      ensemble.expire()
      return OVER
    },
  },
  ...(['silenceRequests', 'silenceAnswers'] as const).map(
    (way): Trouble => ({
      name: way === 'silenceRequests' ? 'no request reaches the master' : 'no answer comes from the master',
      longestMs: 400_000,
      begin: ({ cluster }) => {
        cluster.link(MESOS)[way]()
        return () => {
          cluster.link(MESOS).heal()
        }
      },
    }),
  ),
  {
    name: 'frozen master',
    longestMs: 60_000,
    begin: (farm) => {
      farm.faults.freeze(MESOS)
      return () => {
        farm.faults.thaw(MESOS)
      }
    },
  },
  {
    name: 'acknowledgement lost in the master',
    begin: ({ mesos }) => {
      if (mesos.leader === undefined) return undefined
      mesos.loseNextAck()
      return OVER
    },
  },
  {
    name: 'offer rescinded',
    begin: ({ mesos }, chance) => {
      const offer = anyOf(mesos.snapshot().offers, chance)
      if (offer === undefined) return undefined
      mesos.rescind(offer.id)
      return OVER
    },
  },
]

function excuseHost(farm: Farm, hostname: string): void {
  const hit = new Set(farm.tasks.filter((task) => task.hostname === hostname).map(({ taskId }) => taskId))
  farm.checker.builds.excuse((node) => hit.has(node))
}

const anyHost = (farm: Farm, chance: Chance): string | undefined =>
  anyOf(
    farm.mesos.snapshot().hosts.filter(({ connected }) => connected),
    chance,
  )?.hostname

export const HOST_TROUBLES: readonly Trouble[] = [
  {
    name: 'host without power',
    longestMs: 900_000,
    begin: async (farm, chance) => {
      const hostname = anyHost(farm, chance)
      if (hostname === undefined) return undefined
      excuseHost(farm, hostname)
      await farm.mesos.removeHost(hostname, { tasks: 'lost' })
      return () => farm.mesos.returnHost(hostname)
    },
  },
  {
    name: 'host cut off',
    longestMs: 900_000,
    begin: async (farm, chance) => {
      const hostname = anyHost(farm, chance)
      if (hostname === undefined) return undefined
      await farm.mesos.removeHost(hostname, { tasks: 'keep' })
      return () => farm.mesos.returnHost(hostname)
    },
  },
  {
    name: 'host rebooted',
    begin: async (farm, chance) => {
      const hostname = anyHost(farm, chance)
      if (hostname === undefined) return undefined
      excuseHost(farm, hostname)
      await farm.mesos.rebootHost(hostname)
      return OVER
    },
  },
  {
    name: "a host's Mesos agent restarted",
    begin: async (farm, chance) => {
      const hostname = anyHost(farm, chance)
      if (hostname === undefined) return undefined
      await farm.mesos.restartHost(hostname)
      return OVER
    },
  },
  {
    name: 'host drained by an operator',
    longestMs: 300_000,
    begin: (farm, chance) => {
      const host = anyOf(
        farm.mesos.snapshot().hosts.filter(({ connected }) => connected),
        chance,
      )
      if (host === undefined || farm.mesos.leader === undefined) return undefined
      excuseHost(farm, host.hostname)
      farm.mesos.draining.drain(host.mesosAgentId, false)
      return () => {
        if (farm.mesos.leader !== undefined) farm.mesos.draining.reactivate(host.mesosAgentId)
      }
    },
  },
  {
    name: 'launches that fail',
    longestMs: 120_000,
    begin: (farm, chance) => {
      const fault = anyOf(['fetch', 'exit', 'mute'] as const, chance)
      farm.faults.task = () => (chance() < 0.7 ? fault : undefined)
      return () => {
        farm.faults.task = () => undefined
      }
    },
  },
]

const jenkins: readonly Trouble[] = [
  {
    name: 'Jenkins restarts',
    begin: (farm, chance) => {
      if (farm.jenkins.phase !== 'ready') return undefined
      farm.checker.builds.excuse(() => true)
      void farm.jenkins.restart({ downMs: 2_000 + upTo(60_000, chance), startingMs: upTo(90_000, chance) })
      return OVER
    },
  },
  {
    name: 'frozen Jenkins',
    longestMs: 60_000,
    begin: (farm) => {
      farm.faults.freeze(JENKINS)
      return () => {
        farm.faults.thaw(JENKINS)
      }
    },
  },
  {
    name: 'node deleted by a person',
    begin: async (farm, chance) => {
      const node = anyOf(farm.agentNodes, chance)
      if (node === undefined || farm.jenkins.phase !== 'ready') return undefined
      farm.checker.builds.excuse((name) => name === node)
      await asAdmin(farm.jenkins, 'POST', `/computer/${node}/doDelete`)
      return OVER
    },
  },
  {
    name: 'task killed by a person',
    begin: (farm, chance) => {
      const task = anyOf(
        farm.tasks.filter(({ state }) => state === 'TASK_RUNNING'),
        chance,
      )
      if (task === undefined) return undefined
      farm.checker.builds.excuse((name) => name === task.taskId)
      return farm.cluster.tryMurder(task.taskId) ? OVER : undefined
    },
  },
]

const network: readonly Trouble[] = [
  {
    name: 'requests lost',
    longestMs: 120_000,
    begin: (farm, chance) => {
      farm.faults.before = () => {
        if (chance() < 0.25) throw new Error('the request is lost')
      }
      return () => {
        farm.faults.before = () => undefined
      }
    },
  },
  {
    name: 'answers lost',
    longestMs: 120_000,
    begin: (farm, chance) => {
      farm.faults.loseAnswer = () => chance() < 0.25
      return () => {
        farm.faults.loseAnswer = () => false
      }
    },
  },
  {
    name: 'requests hang',
    longestMs: 90_000,
    begin: (farm, chance) => {
      farm.faults.hang = () => chance() < 0.15
      return () => {
        farm.faults.hang = () => false
        farm.faults.letGo()
      }
    },
  },
  ...[JENKINS, MESOS].map(
    (origin): Trouble => ({
      name: `sidecar cut off from ${new URL(origin).hostname.replace('.test', '')}`,
      longestMs: 300_000,
      begin: (farm) => {
        farm.cut(origin)
        return () => {
          farm.uncut(origin)
        }
      },
    }),
  ),
]

const sidecar: readonly Trouble[] = [
  {
    name: 'sidecar killed',
    longestMs: 300_000,
    begin: (farm) => {
      if (!farm.life.alive) return undefined
      farm.crashSidecar()
      return async () => {
        if (!farm.life.alive) await farm.startSidecar()
      }
    },
  },
  {
    name: 'sidecar killed and started at once',
    begin: async (farm) => {
      if (!farm.life.alive) return undefined
      await farm.restartSidecar()
      return OVER
    },
  },
  {
    name: 'sidecar paused',
    longestMs: 240_000,
    begin: (farm) => {
      if (!farm.life.alive) return undefined
      return farm.life.pause()
    },
  },
  {
    name: 'store fails',
    longestMs: 180_000,
    begin: (farm) => farm.store.break('fails').mend,
  },
  {
    name: 'store hangs',
    longestMs: 120_000,
    begin: (farm) => farm.store.break('hangs').mend,
  },
  {
    name: 'clock set back',
    begin: (farm, chance) => {
      farm.clock.offsetMs -= upTo(1_800_000, chance)
      return OVER
    },
  },
  {
    name: 'clock set forth',
    begin: (farm, chance) => {
      farm.clock.offsetMs += upTo(1_800_000, chance)
      return OVER
    },
  },
]

export const TROUBLES: readonly Trouble[] = [...master, ...HOST_TROUBLES, ...jenkins, ...network, ...sidecar]
