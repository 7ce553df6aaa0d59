import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { FrameReader, frame, MAX_RECEIVED_BYTES } from '../../src/zookeeper/frames.ts'

test('packets come out whole and in order, whatever chunks they come in', () => {
  const packets = fc.array(fc.uint8Array({ maxLength: 40 }))
  fc.assert(
    fc.property(packets, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map((packet) => frame(Buffer.from(packet))))
      const reader = new FrameReader()
      const received: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        received.push(...reader.push(bytes.subarray(at, at + size)))
        at += size
      }
      expect(received.map((packet) => [...packet])).toEqual(sent.map((packet) => [...packet]))
    }),
  )
})

test.each([
  ['negative', 'ffffffff'],
  ['over the limit', (MAX_RECEIVED_BYTES + 1).toString(16).padStart(8, '0')],
  ['that of a text: this is another protocol', Buffer.from('HTTP/1.1').toString('hex')],
])('a length that is %s ends the stream', (_, hex) => {
  expect(() => new FrameReader().push(Buffer.from(hex, 'hex'))).toThrow(
    expect.objectContaining({ code: 'ZK_MALFORMED' }),
  )
})
