import { Type } from 'typebox'
import { closed, flag, mebibytes, notes, optionalText, seconds, text, whole } from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

const ScheduleInput = Type.Object(
  {
    cron: text('when it begins to hold: minute, hour, day of month, month, day of week', { example: '0 8 * * 1-5' }),
    timezone: optionalText('the time zone of that', { default: DEFAULTS.timezone, example: 'Europe/Berlin' }),
    durationMinutes: whole(1, 'how long it holds', {
      unit: 'minutes',
      otherwise: 'until another schedule of the template begins',
      example: '600',
    }),
    minIdle: whole(0, 'in place of the one of the template', { unit: 'executors', example: '4' }),
    maxAgents: whole(0, 'in place of the one of the template; 0: none', { unit: 'agents', example: '20' }),
    idleTimeoutSeconds: seconds(0, 'in place of the one of the template', { example: '1800' }),
  },
  closed,
)

/** How many agents there are, and how long they live. */
export const POOL = {
  maxAgents: whole(1, 'most agents at once', { default: DEFAULTS.maxAgents, unit: 'agents', example: '20' }),
  maxCpus: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e9,
      ...notes('most CPUs of its agents together', { unit: 'CPUs', otherwise: 'no limit', example: '16' }),
    }),
  ),
  maxMemMib: mebibytes(1, 'most memory of its agents together', { otherwise: 'no limit', example: '65536' }),
  minIdle: whole(0, 'warm pool: executors kept idle on purpose', {
    default: DEFAULTS.minIdle,
    unit: 'executors',
    example: '2',
  }),
  headroom: Type.Optional(
    Type.Object(
      {
        factor: Type.Number({
          minimum: 0,
          maximum: 10,
          ...notes('idle executors kept for each busy one', { example: '0.2' }),
        }),
        limit: whole(0, 'never more than this', { unit: 'executors', otherwise: 'no limit', example: '10' }),
      },
      { ...closed, ...notes('more idle executors while many are busy; `minIdle` is the least') },
    ),
  ),
  schedules: Type.Optional(
    Type.Array(
      ScheduleInput,
      notes('other values at times', { example: '[{ cron: "0 8 * * 1-5", durationMinutes: 600, minIdle: 4 }]' }),
    ),
  ),
  idleTimeoutSeconds: seconds(0, 'an agent without a build for so long goes', {
    default: DEFAULTS.idleTimeoutSeconds,
    example: '600',
  }),
  keepIdle: flag('idle agents never go by themselves', { default: DEFAULTS.keepIdle }),
  coolDownSeconds: seconds(0, 'no idle agent goes so soon after one of the template was provisioned', {
    default: DEFAULTS.coolDownSeconds,
    example: '60',
  }),
  oneShot: flag('one build an agent', { default: DEFAULTS.oneShot }),
  maxBuilds: whole(1, 'an agent goes after so many builds', { otherwise: 'no limit', unit: 'builds', example: '20' }),
  maxAgeSeconds: seconds(1, 'an agent that is online for so long takes no new build, and goes', {
    otherwise: 'no limit',
    example: '86400',
  }),
  reapOrder: Type.Optional(
    Type.Enum(
      ['oldest', 'newest', 'emptiestHost'],
      notes('which of several idle agents goes first; emptiestHost: one on the host that runs fewest', {
        default: DEFAULTS.reapOrder,
        example: 'emptiestHost',
      }),
    ),
  ),
  connectTimeoutSeconds: seconds(1, 'an agent that is not online so long after its launch has failed', {
    otherwise: `CONNECT_TIMEOUT_SECONDS, else ${DEFAULTS.connectTimeoutSeconds}, with an image ${DEFAULTS.connectTimeoutWithImageSeconds}`,
    example: '900',
  }),
  reconnectTimeoutSeconds: seconds(1, 'an idle agent that is disconnected so long goes', {
    default: DEFAULTS.reconnectTimeoutSeconds,
    example: '120',
  }),
  unreachableTimeoutSeconds: seconds(1, 'an agent that Mesos cannot reach for so long is given up', {
    default: DEFAULTS.unreachableTimeoutSeconds,
    example: '1800',
  }),
  rescheduleLostBuilds: flag(
    'builds that were lost with their host are started again, with their parameters; needs Job/Build',
    {
      default: DEFAULTS.rescheduleLostBuilds,
    },
  ),
  killGraceSeconds: seconds(0, 'between the first and the last signal that ends the agent', {
    default: DEFAULTS.killGraceSeconds,
    example: '60',
  }),
}
