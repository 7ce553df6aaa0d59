import { type Static, Type } from 'typebox'
import { ContainerInput } from './container-schema.ts'
import { HOSTS } from './host-schema.ts'
import { LAUNCH } from './launch-schema.ts'
import { POOL } from './pool-schema.ts'
import { closed, flag, notes, optionalText, words } from './schema-parts.ts'
import { SIZE } from './size-schema.ts'
import { DEFAULTS } from './template-defaults.ts'

/** One template as people write it. Everything may be left out; what holds then stands beside it. */
export const TemplateInput = Type.Object(
  {
    from: optionalText('another template: what is not said here is as it is there', { example: 'base' }),
    abstract: flag('serves others as `from` only and makes no agents', { default: false }),
    labels: words('Jenkins labels of its agents, as a list or as text', {
      otherwise: 'the name of the template',
      example: '[linux, docker]',
    }),
    mode: Type.Optional(
      Type.Enum(
        ['NORMAL', 'EXCLUSIVE'],
        notes('EXCLUSIVE: only builds that ask for one of the labels', {
          default: DEFAULTS.mode,
          example: 'EXCLUSIVE',
        }),
      ),
    ),
    defaultTemplate: flag('jobs without a label go here first; for one template at most', {
      default: DEFAULTS.defaultTemplate,
    }),
    priority: Type.Optional(
      Type.Integer({
        minimum: -1000,
        maximum: 1000,
        ...notes('of several templates that serve a job the highest is taken, and under shortage it is served first', {
          default: DEFAULTS.priority,
          example: '10',
        }),
      }),
    ),
    role: optionalText('the Mesos role whose offers it takes', {
      otherwise: 'the first of MESOS_ROLES',
      example: '"*"',
    }),
    ...SIZE,
    ...HOSTS,
    ...POOL,
    ...LAUNCH,
    container: Type.Optional(ContainerInput),
  },
  closed,
)
export type TemplateInput = Static<typeof TemplateInput>
