import { isRecord } from './path.ts'

/** Any object of a file that nobody has checked yet: what is not of the wanted kind counts as not there. */
export type Fields = Readonly<Record<string, unknown>>

export function fieldsIn(value: Fields | undefined, name: string): Fields | undefined {
  const field = value?.[name]
  return isRecord(field) ? field : undefined
}

export function listIn(value: Fields | undefined, name: string): readonly unknown[] {
  const field = value?.[name]
  return Array.isArray(field) ? field : []
}

export function objectsIn(value: Fields | undefined, name: string): readonly Fields[] {
  return listIn(value, name).filter(isRecord)
}

export function textIn(value: Fields | undefined, name: string): string | undefined {
  const field = value?.[name]
  return typeof field === 'string' ? field : undefined
}

export function textsIn(value: Fields | undefined, name: string): readonly string[] {
  return listIn(value, name).filter((each) => typeof each === 'string')
}

export function numberIn(value: Fields | undefined, name: string): number | undefined {
  const field = value?.[name]
  return typeof field === 'number' ? field : undefined
}

/** Values that are there more than once. */
export function repeated<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}
