import { expect, test } from '@jest/globals'
import { ZooKeeperRig } from '../../zookeeper/rig.ts'

const NOTHING = Buffer.alloc(0)

/** Two clients through every kind of fault. @returns all that was seen, with its instant */
async function story(): Promise<readonly string[]> {
  const rig = new ZooKeeperRig()
  const { clock, ensemble } = rig
  const begin = clock.now()
  const seen: string[] = []
  const see = (what: string): void => {
    seen.push(`${clock.now() - begin} ${what}`)
  }
  ensemble.put('/all', '')
  ensemble.onExpiry((id) => {
    see(`expired ${id}`)
  })
  const sessions = ['one', 'two'].map((client) => {
    const session = rig.open({ client })
    const look = (): void => {
      session.children('/all', look).then(
        (names) => {
          see(`${client} sees ${names?.join() ?? 'nothing'}`)
        },
        (error: unknown) => {
          see(`${client} fails ${String(error)}`)
        },
      )
    }
    session.onState((state, why) => {
      see(`${client} ${state} ${why}`)
      if (state !== 'connected') return
      look()
      session.create(`/all/${client}-`, NOTHING, { ephemeral: true, sequential: true }).catch((error: unknown) => {
        see(`${client} fails ${String(error)}`)
      })
    })
    return session
  })
  const faults = [
    () => {
      ensemble.cutClient('one')
    },
    () => {
      ensemble.kill(0)
    },
    () => {
      ensemble.delay(7)
    },
    () => {
      ensemble.loseNextAnswer()
    },
    () => {
      ensemble.cutClient('two')
    },
    () => {
      ensemble.freeze(1)
    },
    () => {
      ensemble.start(0)
    },
    () => {
      ensemble.thaw(1)
    },
    () => {
      ensemble.isolate(2)
    },
    () => {
      ensemble.blockClient('two')
    },
    () => {
      ensemble.rejoin(2)
    },
    () => {
      ensemble.unblockClient('two')
    },
    () => {
      ensemble.expire()
    },
  ]
  for (const fault of faults) {
    await clock.advance(7_777)
    fault()
  }
  await clock.advance(20_000)
  see(sessions.map(({ state }) => state).join())
  see(ensemble.paths.join())
  expect(await rig.close()).toBe(0)
  return seen
}

test('the same faults at the same instants give the same story, to the last answer', async () => {
  const first = await story()
  expect(first.length).toBeGreaterThan(30)
  expect(await story()).toEqual(first)
})

test('without a quorum nobody is served, and no session ends', async () => {
  const rig = new ZooKeeperRig()
  const session = await rig.connected()
  await session.create('/mine', NOTHING, { ephemeral: true })
  rig.ensemble.loseQuorum()
  await rig.clock.advance(3_600_000)
  expect(session.state).toBe('expired')
  expect(rig.ensemble.node('/mine')).toBeDefined()
  rig.ensemble.regainQuorum()
  await rig.clock.advance(9_000)
  expect(rig.ensemble.node('/mine')).toBeDefined()
  await rig.clock.advance(2_000)
  expect(rig.ensemble.node('/mine')).toBeUndefined()
  await rig.close()
})
