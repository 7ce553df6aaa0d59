import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { EventParser } from '../../../plugins/dashboard/static/lib/sse.js'

const read = (...pieces: readonly string[]) => {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('a stream of events', () => {
  test.each([
    ['an event', 'event: summary\ndata: {"a":1}\n\n', [{ event: 'summary', data: '{"a":1}', id: undefined }]],
    ['one without a name', 'data: x\n\n', [{ event: 'message', data: 'x', id: undefined }]],
    ['data of two lines', 'data: a\ndata: b\n\n', [{ event: 'message', data: 'a\nb', id: undefined }]],
    ['no space after the colon, or two', 'data:a\ndata:  b\n\n', [{ event: 'message', data: 'a\n b', id: undefined }]],
    ['an event without data', 'event: x\n\ndata: y\n\n', [{ event: 'message', data: 'y', id: undefined }]],
    [
      'comments, and fields that nobody knows',
      ': hello\nretry: 5\nwhat\ndata: x\n\n',
      [{ event: 'message', data: 'x', id: undefined }],
    ],
    [
      'lines that end as on old machines',
      'data: a\r\rdata: b\r\n\r\n',
      [
        { event: 'message', data: 'a', id: undefined },
        { event: 'message', data: 'b', id: undefined },
      ],
    ],
    ['a byte order mark', '\uFEFFdata: x\n\n', [{ event: 'message', data: 'x', id: undefined }]],
    ['what is cut at its end', 'data: x\n\ndata: y\n', [{ event: 'message', data: 'x', id: undefined }]],
    ['empty data', 'data\n\n', [{ event: 'message', data: '', id: undefined }]],
  ])('with %s', (_what, text, events) => {
    expect(read(text)).toEqual(events)
  })

  test('an id holds until the next one', () => {
    expect(read('id: 7\ndata: a\n\ndata: b\n\nid: 8\ndata: c\n\n').map(({ id }) => id)).toEqual(['7', '7', '8'])
  })

  test('says the same wherever it is cut', () => {
    const line = fc.constantFrom(
      'data: é{"a":"\u{1F600}"}',
      'data',
      ': ping',
      'id: 3',
      'event: summary',
      '',
      'odd: x',
      'data: b: c',
    )
    const end = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(8)), (lines, cuts) => {
        // a last newline, so that a carriage return at the end is no half of one
        const text = `${lines.flat().join('')}\n`
        const pieces: string[] = []
        let rest = text
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        expect(read(...pieces, rest)).toEqual(read(text))
      }),
    )
  })

  test('of a megabyte in little pieces is read without reading it again and again', () => {
    const parser = new EventParser()
    const piece = 'x'.repeat(1_000)
    parser.push('data: ')
    for (let n = 0; n < 1_000; n++) expect(parser.push(piece)).toEqual([])
    expect(parser.push('\n\n')[0]?.data).toHaveLength(1_000_000)
  })
})
