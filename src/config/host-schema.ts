import { Type } from 'typebox'
import { flag, notes, scalar, seconds } from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

/** On which hosts agents go. */
export const HOSTS = {
  attributes: Type.Optional(
    Type.Union(
      [Type.String(), Type.Record(Type.String(), scalar)],
      notes('hosts must have exactly these; as a map, or as the text `os:linux,rack:r1`', {
        example: '{ os: linux, rack: r1 }',
      }),
    ),
  ),
  constraints: Type.Optional(
    Type.Array(
      Type.Array(scalar, { minItems: 2, maxItems: 3 }),
      notes("rules on hosts, in Marathon's operators: [field, operator, value]", {
        example: '[[rack_id, LIKE, "r[12]"], [hostname, MAX_PER, 2]]',
      }),
    ),
  ),
  regions: Type.Optional(
    Type.Union(
      [Type.Enum(['home', 'any']), Type.Array(Type.String({ minLength: 1 }))],
      notes('hosts of which regions it uses: home (that of the Mesos master), any, or home and those in a list', {
        default: DEFAULTS.regions,
        example: '[eu, us]',
      }),
    ),
  ),
  packing: Type.Optional(
    Type.Enum(
      ['binpack', 'spread'],
      notes('onto the fullest host that has room, or onto the emptiest', {
        default: DEFAULTS.packing,
        example: 'spread',
      }),
    ),
  ),
  affinity: flag('hosts where the last agent of the job ran come first: its workspace may still be there', {
    default: DEFAULTS.affinity,
    example: 'false',
  }),
  maxBuildSeconds: seconds(
    0,
    'no agent starts on a host that goes into maintenance within this time, and those there drain',
    { default: DEFAULTS.maxBuildSeconds, example: '7200' },
  ),
}
