import { Type } from 'typebox'

/** What the manual says of a field beside its description. */
export interface Note {
  /** What holds where the field is left out, as a value. */
  readonly default?: string | number | boolean
  /** The same in words, where it depends on something. */
  readonly otherwise?: string
  readonly unit?: string
  /** As it is written behind the name of the field. */
  readonly example?: string
}

/** For what the functions below do not make. */
export const notes = (description: string, note: Note = {}) => ({ description, ...note })

export const closed = { additionalProperties: false }

export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()])

/** Large enough for all, small enough that thousandths and milliseconds of it are exact. */
const MOST = 1_000_000_000

export const whole = (minimum: number, description: string, note: Note = {}) =>
  Type.Optional(Type.Integer({ minimum, maximum: MOST, description, ...note }))

export const seconds = (minimum: number, description: string, note: Note = {}) =>
  whole(minimum, description, { unit: 'seconds', ...note })

export const mebibytes = (minimum: number, description: string, note: Note = {}) =>
  whole(minimum, description, { unit: 'MiB', ...note })

export const cpus = (description: string, note: Note = {}) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description, unit: 'CPUs', ...note }))

export const flag = (description: string, note: Note = {}) =>
  Type.Optional(Type.Boolean({ description, example: 'true', ...note }))

export const text = (description: string, note: Note = {}) => Type.String({ minLength: 1, description, ...note })

export const optionalText = (description: string, note: Note = {}) => Type.Optional(text(description, note))

/** Text with spaces between the words, or a list. */
export const words = (description: string, note: Note = {}) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description, ...note }))

export const variables = (description: string, note: Note = {}) =>
  Type.Optional(Type.Record(Type.String(), scalar, { description, ...note }))
