import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Mistake } from './problem.ts'

/** No name is longer. */
const LONGEST = 300
/** More at once is a slip of the finger. */
const MOST_AGENTS = 100

const TemplateField = Type.String({
  minLength: 1,
  maxLength: LONGEST,
  description: 'Name of a template.',
  examples: ['linux'],
})

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

const strict = { additionalProperties: false } as const

/** Of calls that take nothing. */
export const NoBody = Type.Object({}, strict)

export const PauseBody = Type.Object(
  {
    template: Type.Optional({ ...TemplateField, description: 'Name of a template; all of them where it is left out.' }),
  },
  strict,
)

export const DrainBody = Type.Object(
  {
    agentId: Type.String({
      minLength: 1,
      maxLength: LONGEST,
      description: 'The agent, as GET /api/v1/agents lists it.',
      examples: ['mesos-linux-k3v9x2m7qa'],
    }),
  },
  strict,
)

export const ProvisionBody = Type.Object(
  {
    template: TemplateField,
    agents: Type.Integer({
      minimum: 1,
      maximum: MOST_AGENTS,
      description: 'Agents to start beyond what the queue calls for.',
      examples: [3],
    }),
  },
  strict,
)

export const LogLevelBody = Type.Object(
  { level: Type.Enum([...LEVELS], { description: 'The least level that is written.', examples: ['debug'] }) },
  strict,
)

/** Every mistake in a body, each a sentence; empty where it is sound. What was given is not repeated. */
export function mistakesIn(schema: TObject, body: object): readonly Mistake[] {
  const fields: Readonly<Record<string, TSchema>> = schema.properties
  const strange = Object.keys(body).filter((name) => !Object.hasOwn(fields, name))
  const given = new Map<string, unknown>(Object.entries(body))
  const required: readonly string[] = (schema as { readonly required?: readonly string[] }).required ?? []
  return [
    ...strange.map((name) => mistake(name, 'is not known.')),
    ...Object.entries(fields).flatMap(([name, field]) => {
      if (!given.has(name)) return required.includes(name) ? [mistake(name, `is missing: it ${must(field)}.`)] : []
      return Value.Check(field, given.get(name)) ? [] : [mistake(name, `${must(field)}.`)]
    }),
  ]
}

function mistake(name: string, words: string): Mistake {
  const shown = name.slice(0, 100)
  return { at: `#/${shown}`, detail: `"${shown}" ${words}` }
}

/** What a field must be, in words. */
function must(field: TSchema): string {
  const { type, minimum, maximum, enum: words } = field as Readonly<Record<string, unknown>>
  if (Array.isArray(words)) return `must be one of ${words.join(', ')}`
  if (type === 'integer') return `must be a whole number from ${String(minimum)} to ${String(maximum)}`
  return `must be text of 1 to ${LONGEST} characters`
}

export type BodyOf<Body extends TObject> = Static<Body>
