import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseEvent } from '../../src/mesos/events.ts'
import { RecordReader } from '../../src/mesos/recordio.ts'
import { events, frame, trace } from './traces.ts'

/** Cuts at the given places, which may repeat or lie outside. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

function readAll(chunks: readonly Buffer[], reader = new RecordReader()): string[] {
  const records = chunks.flatMap((chunk) => reader.push(chunk).map((record) => record.toString('utf8')))
  reader.end()
  return records
}

test('gives the same records wherever the stream is cut, also inside lengths and characters', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { maxLength: 12 }),
      fc.array(fc.nat(600)),
      (records, cuts) => {
        const bytes = Buffer.concat(records.map(frame))
        const texts = records.map((record) => Buffer.from(record).toString('utf8'))
        expect(readAll(chunksOf(bytes, cuts))).toEqual(texts)
      },
    ),
  )
})

test.each(['01-subscribe-fresh', '02-decline-suppress-revive', '03-task-exit0', '17-attributes'])(
  'reads the recorded stream of %s cut anywhere',
  (name) => {
    const recorded = events(name)
    const bytes = Buffer.concat(recorded.map(frame))
    expect(recorded.length).toBeGreaterThan(2)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const reader = new RecordReader()
        const read = chunksOf(bytes, cuts).flatMap((chunk) => reader.push(chunk).map(parseEvent))
        reader.end()
        expect(read).toEqual(recorded)
      }),
      { numRuns: 30 },
    )
  },
)

test('the lengths that a master wrote count bytes, not characters', () => {
  const raw = trace('08d-record-raw-text').records_raw
  const records = readAll([Buffer.from(raw.join(''))])
  expect(records).toEqual(raw.map((record) => record.slice(record.indexOf('\n') + 1)))
  expect(records.some((record) => record.includes('😀'))).toBe(true)
})

test('empty records are skipped', () => {
  expect(readAll([Buffer.from('0\n2\n{}0\n0\n1\n70\n')])).toEqual(['{}', '7'])
})

describe('refuses', () => {
  test.each([
    ['a length that is no number', 'x12\n', /not a number: "x"/],
    ['a length that is no number in the middle', '1 2\n', /not a number/],
    ['no length at all', '\n{}', /not a number/],
    ['a negative length', '-1\n', /not a number/],
    ['a length that never ends', '000000000000000000000000', /never ends/],
    ['a record over the limit before any of it is kept', '1025\n', /limit of 1024 bytes/],
  ])('%s', (_, text, message) => {
    expect(() => new RecordReader(1024).push(Buffer.from(text))).toThrow(message)
  })

  test.each([
    ['inside a record', '5\nabc'],
    ['inside a length', '2\n{}12'],
    ['after a length', '2\n{}12\n'],
  ])('a stream that ends %s', (_, text) => {
    const reader = new RecordReader()
    reader.push(Buffer.from(text))
    expect(() => {
      reader.end()
    }).toThrow(/ended inside a record/)
  })
})
