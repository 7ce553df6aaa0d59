import type { FastifyServerOptions } from 'fastify'
import type { Mistake } from './problem.ts'

/**
 * How calls are checked: nothing that is not known is overlooked, and all that is wrong is told at once. Numbers in a
 * query are text, and what may be given several times may be given once.
 */
export const VALIDATION = {
  customOptions: { allErrors: true, removeAdditional: false, coerceTypes: 'array', useDefaults: true, verbose: true },
} as const satisfies FastifyServerOptions['ajv']

type Part = 'body' | 'querystring' | 'params' | 'headers'

/** One that the validator found, with what it looked at: that is what `verbose` adds. */
export interface Finding {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
  readonly data?: unknown
  readonly parentSchema?: Shape
}

interface Shape {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, unknown>>
}

/** Why a call was not understood: each part of it that is wrong, and what that may be. */
export function mistakesIn(findings: readonly Finding[], part: Part): readonly Mistake[] {
  const mistakes = findings.map((finding) => mistakeOf(finding, part))
  const seen = new Set<string>()
  return mistakes.filter(({ at, detail }) => {
    const key = `${at} ${detail}`
    return !seen.has(key) && seen.add(key)
  })
}

function mistakeOf(finding: Finding, part: Part): Mistake {
  const { keyword, params, instancePath, parentSchema } = finding
  const own = nameOf(keyword, params)
  const path = own === undefined ? instancePath : `${instancePath}/${own}`
  const name = path.split('/')[1] ?? ''
  const at = part === 'body' ? `#${path}` : name
  const what = name === '' ? 'the body' : name
  if (keyword === 'additionalProperties') {
    const known = Object.keys(parentSchema?.properties ?? {})
    const may = known.length === 0 ? 'there may be none' : `there may be ${known.join(', ')}`
    return { at, detail: `${what} is not known here: ${may}` }
  }
  if (keyword === 'required') return { at, detail: `${what} is missing` }
  return { at, detail: `${what} ${expected(finding)}${given(finding.data)}` }
}

function nameOf(keyword: string, params: Finding['params']): string | undefined {
  const name = keyword === 'required' ? params['missingProperty'] : params['additionalProperty']
  return typeof name === 'string' ? name.slice(0, 100) : undefined
}

function expected({ parentSchema = {}, message = 'is not understood' }: Finding): string {
  const { type, minimum, maximum, minLength, maxLength } = parentSchema
  const least = minLength === undefined ? '' : `at least ${minLength} and `
  if (parentSchema.enum !== undefined) return `is one of ${parentSchema.enum.join(', ')}`
  if (type === 'integer' && minimum !== undefined && maximum !== undefined) {
    return `is a whole number from ${minimum} to ${maximum}`
  }
  if (type === 'integer') return `is a whole number${minimum === undefined ? '' : ` of at least ${minimum}`}`
  if (type === 'string')
    return maxLength === undefined ? 'is text' : `is text of ${least}at most ${maxLength} characters`
  return message
}

function given(data: unknown): string {
  if (typeof data === 'string') return `, not "${data.slice(0, 100)}"`
  return typeof data === 'number' ? `, not ${data}` : ''
}
