import type { LeaderPort } from '../loop/ports.ts'

/** The state's lock keeps every other instance away: this one leads from its start to its end. */
export const alwaysLeading: LeaderPort = {
  mayAct: () => true,
  standsBy: () => false,
  start: (onChange) => {
    onChange(true, 'the only instance on its state')
  },
  stop: async () => undefined,
}
