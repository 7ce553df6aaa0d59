import { type TSchema, Type } from 'typebox'
import type { CountedWeek, Histogram } from '../core/histogram.ts'
import { LAST_BUCKET, WEEKS_KEPT } from '../core/histogram.ts'
import type { AgentId } from '../core/model.ts'
import { type Measured, MOST_OPEN, type OpenAgent, type TemplateSizing } from '../core/sizing.ts'

const strict = { additionalProperties: false } as const
const positive = Type.Number({ minimum: 0 })

const Week = Type.Object(
  {
    week: Type.Integer(),
    counts: Type.Array(
      Type.Tuple([
        Type.Integer({ minimum: 0, maximum: LAST_BUCKET }),
        Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      ]),
      { maxItems: LAST_BUCKET + 1 },
    ),
  } satisfies Readonly<Record<keyof CountedWeek, TSchema>>,
  strict,
)

const Counts = Type.Object(
  { weeks: Type.Array(Week, { maxItems: WEEKS_KEPT }) } satisfies Readonly<Record<keyof Histogram, TSchema>>,
  strict,
)

const MeasuredRecord = Type.Object(
  { samples: Counts, agents: Counts } satisfies Readonly<Record<keyof Measured, TSchema>>,
  strict,
)

const Open = Type.Object(
  {
    agentId: Type.Unsafe<AgentId>(Type.String({ minLength: 1 })),
    begunAt: Type.Number(),
    executors: Type.Integer({ minimum: 1 }),
    cpus: Type.Optional(positive),
    memMib: Type.Optional(positive),
  } satisfies Readonly<Record<keyof OpenAgent, TSchema>>,
  strict,
)

/** What agents of a template used, as it stands in the store. Its size has a bound, whatever was measured. */
export const SizingRecord = Type.Object(
  {
    cpus: MeasuredRecord,
    memMib: MeasuredRecord,
    open: Type.Array(Open, { maxItems: MOST_OPEN }),
    at: Type.Number(),
  } satisfies Readonly<Record<keyof TemplateSizing, TSchema>>,
  strict,
)
