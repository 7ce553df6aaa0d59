import { expect } from '@jest/globals'
import type { Answer, Recording } from './rig.ts'

/** Headers that a client may go by. */
const COMPARED = [
  'x-error',
  'location',
  'content-type',
  'www-authenticate',
  'allow',
  'x-required-permission',
  'x-you-are-authenticated-as',
  'x-frame-options',
]
/** Those that are there or not; what they hold differs with each run. */
const PRESENT = ['x-jenkins', 'x-jenkins-session']
/** What differs with place and time. */
const MASKED = new Set([
  'id',
  'queueId',
  'inQueueSince',
  'buildableStartMilliseconds',
  'timestamp',
  'crumb',
  'duration',
  'estimatedDuration',
  'size',
  'availablePhysicalMemory',
  'average',
  'diff',
  'path',
  'slaveAgentPort',
  'healthReport',
])

/** Compares an answer with the recorded one: status, key headers, and JSON with times, ids and addresses masked. */
export function expectLike(answer: Answer, { response }: Recording): void {
  const recorded = (wanted: string) => response.headers.find(([name]) => name.toLowerCase() === wanted)?.[1].trimEnd()
  expect(answer.status).toBe(response.status)
  const headers = (of: (name: string) => string | undefined) => ({
    ...Object.fromEntries(COMPARED.map((name) => [name, maskText(of(name)?.trimEnd())])),
    ...Object.fromEntries(PRESENT.map((name) => [name, of(name) !== undefined])),
  })
  expect(headers(answer.header)).toEqual(headers(recorded))
  if (recorded('content-type')?.startsWith('application/json') && response.json !== undefined && response.json !== null)
    expect(masked(answer.json())).toEqual(masked(response.json))
}

function maskText(text: string | undefined): string | undefined {
  return text?.replace(/\/\/127\.0\.0\.1:\d+/, '//HOST').replace(/item\/\d+/, 'item/N')
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (MASKED.has(name)) return [name, '*']
      if (name === 'assignedLabels' && Array.isArray(inner)) return [name, sorted(inner.map(masked))]
      return [name, masked(inner)]
    }),
  )
}

/** Labels come in no stable order. */
function sorted(labels: unknown[]): unknown[] {
  return labels.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}
