import type { Clock } from '../core/clock.ts'
import type { ZooKeeperSession } from '../zookeeper/session.ts'
import { StoreError } from './errors.ts'

/**
 * Resolves when the session is connected.
 * @param until of the monotonic clock
 * @throws StoreError `STORE_DEPOSED` when it is over, `STORE_WRITE` when it takes too long
 */
export async function connected(session: ZooKeeperSession, clock: Clock, until: number, path: string): Promise<void> {
  if (session.state === 'connected' && clock.monotonic() < until) return
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const { state } = session
      if (state === 'connected' && clock.monotonic() < until) leave(resolve)
      if (state === 'expired' || state === 'closed') {
        const words = `${path} was not written: the session with ZooKeeper is over`
        leave(() => {
          reject(new StoreError('STORE_DEPOSED', words))
        })
      }
    }
    const cancel = session.onState(look)
    const cancelTimer = clock.timer(Math.max(0, until - clock.monotonic()), () => {
      const words = `${path} was not written: ZooKeeper did not answer. Nothing new is begun until it does.`
      leave(() => {
        reject(new StoreError('STORE_WRITE', words))
      })
    })
    const leave = (then: () => void): void => {
      cancel()
      cancelTimer()
      then()
    }
    look()
  })
}
