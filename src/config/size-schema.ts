import { Type } from 'typebox'
import { closed, cpus, mebibytes, notes, whole } from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

/** How much one agent is given. */
export const SIZE = {
  executors: Type.Optional(
    Type.Union(
      [
        Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
        Type.Object(
          {
            min: whole(1, 'least of one agent', { default: DEFAULTS.executors.min, example: '1' }),
            max: whole(1, 'most of one agent', {
              otherwise: `${DEFAULTS.executors.max}, or \`min\` where that is more; 1 with \`oneShot\``,
              example: '2',
            }),
          },
          closed,
        ),
      ],
      notes('of one agent: as many as wait, at least `min` and at most `max`; a number is both', {
        unit: 'executors',
        example: '{ min: 1, max: 2 }',
      }),
    ),
  ),
  cpus: Type.Optional(
    Type.Object(
      {
        agent: cpus('for the agent program', { default: DEFAULTS.cpus.agent, example: '0.1' }),
        perExecutor: cpus('for each executor on top of it', {
          default: DEFAULTS.cpus.perExecutor,
          example: '0.9',
        }),
      },
      closed,
    ),
  ),
  memMib: Type.Optional(
    Type.Object(
      {
        agent: mebibytes(1, 'for the agent program', { default: DEFAULTS.memMib.agent, example: '512' }),
        perExecutor: mebibytes(0, 'for each executor on top of it', {
          default: DEFAULTS.memMib.perExecutor,
          example: '2048',
        }),
        factor: Type.Optional(
          Type.Number({
            minimum: 1,
            maximum: 10,
            ...notes('the sum is multiplied by this and rounded up: Java takes more than its heap', {
              default: DEFAULTS.memMib.factor,
              example: '1.1',
            }),
          }),
        ),
      },
      closed,
    ),
  ),
  heapMib: mebibytes(1, 'heap of the agent program, `-Xmx`', { otherwise: '`memMib.agent`', example: '256' }),
  diskMib: mebibytes(0, 'disk of one agent; hosts must have it', { default: DEFAULTS.diskMib, example: '4096' }),
  gpus: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1000,
      ...notes('GPUs of one agent; hosts that have some are kept for such templates', {
        default: DEFAULTS.gpus,
        example: '1',
      }),
    }),
  ),
  scalars: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Number({ minimum: 0.001, maximum: 1e9 }),
      notes('of one agent: other resources, as operators of the hosts have named them', { example: '{ fpga: 2 }' }),
    ),
  ),
  ports: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      ...notes('host ports of one agent, told to builds as PORT, PORT0, PORT1 … and PORTS', {
        default: DEFAULTS.ports,
        example: '1',
      }),
    }),
  ),
}
