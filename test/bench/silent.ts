import type { Log } from '../../src/core/log.ts'

const nothing = (): void => undefined

export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
