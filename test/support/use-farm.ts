import { afterEach } from '@jest/globals'
import { Farm } from './farm.ts'
import type { FarmOptions } from './farm-options.ts'

/** Gives the tests of a file their farms, and closes each after its test: a leak fails the test that left it. */
export function useFarm(): (options?: FarmOptions) => Promise<Farm> {
  let farm: Farm | undefined
  afterEach(async () => {
    const last = farm
    farm = undefined
    await last?.close()
  })
  return async (options) => {
    farm = await Farm.start(options)
    return farm
  }
}
