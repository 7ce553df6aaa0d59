import { Type } from 'typebox'

const LONGEST = 300
const MOST_VALUES = 50

/** Text to look for, whatever the case. */
export const search = (where: string) =>
  Type.Optional(
    Type.String({ maxLength: LONGEST, description: `Only those with this text in ${where}, whatever the case` }),
  )

/** May be given several times: one of them is enough. */
export const anyText = (what: string) =>
  Type.Optional(
    Type.Array(Type.String({ maxLength: LONGEST }), {
      maxItems: MOST_VALUES,
      description: `Only of this ${what}; given several times, of any of them`,
    }),
  )

export const anyOf = <const T extends string>(values: readonly T[], what: string) =>
  Type.Optional(
    Type.Array(Type.Enum([...values]), {
      maxItems: MOST_VALUES,
      description: `Only in this ${what}; given several times, in any of them`,
    }),
  )

/** Whether a value is one that was asked for. */
export function isAmong(value: string | undefined, asked: readonly string[] | undefined): boolean {
  return asked === undefined || asked.length === 0 || (value !== undefined && asked.includes(value))
}

/** Whether the text that is looked for stands anywhere in these. */
export function isFound(text: string | undefined, ...places: readonly (string | undefined)[]): boolean {
  if (text === undefined || text === '') return true
  const wanted = text.toLowerCase()
  return places.some((place) => place?.toLowerCase().includes(wanted))
}
