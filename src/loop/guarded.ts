import type { Log } from '../core/log.ts'

/**
 * For what a timer makes: there nobody catches what it throws, and the process would end. Told once until it works
 * again.
 * @returns `undefined` where it could not be made
 */
export function guarded<T>(log: Pick<Log, 'error'>, make: () => T): () => T | undefined {
  let failed = false
  return () => {
    try {
      const made = make()
      failed = false
      return made
    } catch (error) {
      if (!failed) log.error({ err: error }, 'what people are shown could not be made: please report it')
      failed = true
      return undefined
    }
  }
}
