import type { TSchema } from 'typebox'
import type { Note } from '../../src/config/schema-parts.ts'
import { TemplateInput } from '../../src/config/template-schema.ts'
import { markdownTable } from './markdown-table.ts'

export const MANUAL = 'docs/templates.md'

/** A field of templates, as the manual shows it. */
export interface Field {
  /** Its names from the template on; `[]` stands behind the name of a list: `container.volumes[].hostPath`. */
  readonly path: string
  readonly required: boolean
  readonly note: Note
  readonly description: string
}

interface Shape extends TSchema, Note {
  readonly description?: string
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
}

/** Every field, those of maps and of lists' entries behind them. */
export function fieldsOf(schema: TSchema = TemplateInput, path = ''): readonly Field[] {
  return mapsIn(schema).flatMap(({ suffix, map }) =>
    Object.entries(map.properties ?? {}).flatMap(([name, each]) => {
      const field: Shape = each
      const below = `${path}${suffix}${path === '' ? '' : '.'}${name}`
      const required = map.required?.includes(name) ?? false
      const { description = '' } = field
      // A map that only holds its fields together has nothing to say.
      const own = description === '' ? [] : [{ path: below, required, note: field, description }]
      return [...own, ...fieldsOf(field, below)]
    }),
  )
}

/** The maps that a value may be, or that may be in its list. */
function mapsIn(schema: TSchema): readonly { readonly suffix: string; readonly map: Shape }[] {
  const shape: Shape = schema
  if (shape.anyOf !== undefined) return shape.anyOf.flatMap(mapsIn)
  if (shape.items !== undefined) return mapsIn(shape.items).map(({ map }) => ({ suffix: '[]', map }))
  return shape.properties === undefined ? [] : [{ suffix: '', map: shape }]
}

/** A generated block: fields at the top of a template with all that is in them. */
export const BLOCK = /^<!-- fields: ([\w ]+) -->\n[\s\S]*?^<!-- end of fields -->$/gm

/** The manual with its tables as the schema gives them; what is written by hand stays. */
export function fillIn(text: string): string {
  const fields = fieldsOf()
  return text.replace(BLOCK, (_, names: string) => {
    const rows = names.split(' ').flatMap((name) => fields.filter(({ path }) => path.split(/[.[]/)[0] === name))
    return `<!-- fields: ${names} -->\n\n${markdownTable(HEADER, rows.map(cells))}\n\n<!-- end of fields -->`
  })
}

const HEADER = ['field', 'default', 'unit', 'example', 'description']

function cells({ path, required, note, description }: Field): readonly string[] {
  const value = note.default === undefined ? (note.otherwise ?? '') : `\`${note.default}\``
  const example = note.example === undefined ? '' : `\`${note.example}\``
  return [`\`${path}\``, required ? 'needed' : value, note.unit ?? '', example, description]
}
