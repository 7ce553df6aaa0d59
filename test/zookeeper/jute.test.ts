import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { JuteReader, JuteWriter } from '../../src/zookeeper/jute.ts'

type Value =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'buffer'; readonly value: Buffer }
  | { readonly kind: 'strings'; readonly value: readonly string[] }

const long = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
const values: fc.Arbitrary<Value> = fc.oneof(
  fc.integer().map((value): Value => ({ kind: 'int', value })),
  long.map((value): Value => ({ kind: 'long', value })),
  fc.boolean().map((value): Value => ({ kind: 'boolean', value })),
  fc.string({ unit: 'grapheme' }).map((value): Value => ({ kind: 'string', value })),
  fc.uint8Array().map((value): Value => ({ kind: 'buffer', value: Buffer.from(value) })),
  fc.array(fc.string()).map((value): Value => ({ kind: 'strings', value })),
)

test('what was written is read, to the last byte', () => {
  fc.assert(
    fc.property(fc.array(values), (list) => {
      const writer = new JuteWriter()
      for (const { kind, value } of list) (writer[kind] as (value: unknown) => void).call(writer, value)
      const reader = new JuteReader(writer.bytes())
      for (const { kind, value } of list) expect(reader[kind]()).toEqual(value)
      expect(reader.left).toBe(0)
    }),
  )
})

test('a part of it is an error and nothing else, wherever it ends', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1 }), fc.nat(), (list, cut) => {
      const writer = new JuteWriter()
      for (const { kind, value } of list) (writer[kind] as (value: unknown) => void).call(writer, value)
      const bytes = writer.bytes()
      const reader = new JuteReader(bytes.subarray(0, cut % bytes.length))
      expect(() => list.map(({ kind }) => reader[kind]())).toThrow(expect.objectContaining({ code: 'ZK_MALFORMED' }))
    }),
  )
})

describe('bytes that cannot be', () => {
  const rows: readonly [string, string, (reader: JuteReader) => unknown][] = [
    ['a number that ends early', '0000', (reader) => reader.int()],
    ['a long number that ends early', '00000000', (reader) => reader.long()],
    ['a text longer than the packet', '0000000541', (reader) => reader.string()],
    ['a text of negative length', 'fffffffe', (reader) => reader.string()],
    ['data of 2 GB', '7fffffff00', (reader) => reader.buffer()],
    ['a list of two thousand million', '7fffffff00000000', (reader) => reader.strings()],
    ['a list of negative length', 'fffffffe', (reader) => reader.strings()],
    ['a list that ends early', '00000002000000014100', (reader) => reader.strings()],
    ['a yes or no of 2', '02', (reader) => reader.boolean()],
    ['nothing at all', '', (reader) => reader.boolean()],
  ]
  test.each(rows)('%s is ZK_MALFORMED', (_, hex, read) => {
    expect(() => read(new JuteReader(Buffer.from(hex, 'hex')))).toThrow(
      expect.objectContaining({ name: 'ZooKeeperError', code: 'ZK_MALFORMED' }),
    )
  })

  test('the length -1 stands for nothing', () => {
    const reader = new JuteReader(Buffer.from('ffffffffffffffff', 'hex'))
    expect([reader.buffer(), reader.strings()]).toEqual([Buffer.alloc(0), []])
  })
})
