import type { LeaderPort } from './ports.ts'
import type { Report } from './report.ts'

/** Tells each time that this instance comes to lead, or ceases to. */
export function toldLeader(leader: LeaderPort, { leading: tell }: Pick<Report, 'leading'>): LeaderPort {
  let leads = false
  return {
    mayAct: () => leader.mayAct(),
    standsBy: () => leader.standsBy(),
    start: (onChange) => {
      leader.start((leading, why) => {
        if (leading !== leads) tell(leading)
        leads = leading
        onChange(leading, why)
      })
    },
    stop: () => leader.stop(),
  }
}
