/**
 * With what an agent's command ends before the agent itself starts, as Mesos tells the status and nothing else.
 * Neither a shell, nor Java, nor the agent program uses these.
 */
export const PREFLIGHT_STATUS = {
  /** The program of the command is not there. */
  missing: 61,
  /** Java is there and does not start with the arguments of the template. */
  broken: 62,
  /** Java starts, and cannot read the agent program that this Jenkins has. */
  tooOld: 63,
} as const
