import type { Clock } from '../core/clock.ts'
import type { StorePort } from './ports.ts'

/** A disk that takes longer for a few records does not work. */
const COMMIT_MS = 10_000

/**
 * A store that does not answer counts as one that fails, so that health tells it and the rounds go on. What it was
 * given may still be stored later: commits keep their order, so what is stored after it holds.
 */
export function withDeadline(store: StorePort, clock: Clock): StorePort {
  return {
    load: () => store.load(),
    commit: (changes) =>
      new Promise((resolve, reject) => {
        const cancel = clock.timer(COMMIT_MS, () => {
          const why = `the store has not answered for ${COMMIT_MS / 1000} s`
          reject(Object.assign(new Error(why), { code: 'STORE_TIMEOUT' }))
        })
        void store.commit(changes).then(resolve, reject).finally(cancel)
      }),
    close: () => store.close(),
  }
}
