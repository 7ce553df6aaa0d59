import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { FrameReader, frame } from '../../src/zookeeper/frames.ts'
import { JuteReader } from '../../src/zookeeper/jute.ts'
import * as packets from '../../src/zookeeper/packets.ts'

interface Recorded {
  readonly children: readonly string[]
  readonly nodes: Readonly<Record<string, { readonly data: string; readonly stat: { readonly version: number } }>>
  readonly wire: readonly { readonly what: string; readonly request_hex: string; readonly response_hex: string }[]
}

const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/mesos/12b-zookeeper.json', import.meta.url), 'utf8'),
) as Recorded
const ROOT = '/mesos_s12_1795451629'

function answerTo(what: string): JuteReader {
  const found = recorded.wire.find((exchange) => exchange.what === what)
  const [packet] = new FrameReader().push(Buffer.from(found?.response_hex ?? '', 'hex'))
  return new JuteReader(packet ?? Buffer.alloc(0))
}

function sent(what: string): string | undefined {
  return recorded.wire.find((exchange) => exchange.what === what)?.request_hex
}

describe('against packets that a real server took and sent', () => {
  test('the handshake', () => {
    expect(frame(packets.connectRequest(packets.NO_SESSION, 0n, 10_000)).toString('hex')).toBe(sent('connect'))
    const [packet] = new FrameReader().push(Buffer.from(recorded.wire[0]?.response_hex ?? '', 'hex'))
    expect(packets.readConnectAnswer(packet ?? Buffer.alloc(0))).toEqual({
      timeoutMs: 10_000,
      key: { id: 0x1000032d05d00c6n, password: Buffer.from('d98685ad551f6f001b783d766af8862d', 'hex') },
    })
  })

  test('a list of children', () => {
    const reader = answerTo(`getChildren2 ${ROOT}`)
    expect(packets.readHeader(reader)).toEqual({ xid: 1, zxid: 576n, error: 0 })
    expect(reader.strings()).toEqual(recorded.children)
  })

  test.each([
    ['json.info_0000000003', 2],
    ['json.info_0000000001', 3],
    ['json.info_0000000002', 4],
    ['log_replicas', 5],
    ['log_replicas/0000000000', 8],
  ])('the data of %s', (name, xid) => {
    const what = `getData ${ROOT}/${name}`
    expect(frame(packets.packet(xid, packets.get(`${ROOT}/${name}`, false))).toString('hex')).toBe(sent(what))
    const reader = answerTo(what)
    expect(packets.readHeader(reader)).toEqual({ xid, zxid: 576n, error: 0 })
    const { data, version } = packets.readData(reader)
    expect([data.toString(), version]).toEqual([recorded.nodes[name]?.data, recorded.nodes[name]?.stat.version])
    expect(reader.left).toBe(0)
  })

  test('the end', () => {
    expect(frame(packets.packet(10, packets.closeSession)).toString('hex')).toBe(sent('close'))
    expect(packets.readHeader(answerTo('close'))).toEqual({ xid: 10, zxid: 577n, error: 0 })
  })
})

describe('results of a multi', () => {
  const END = 'ffffffff 01 ffffffff'
  const error = (code: number): string => {
    const hex = (code >>> 0).toString(16).padStart(8, '0')
    return `ffffffff 00 ${hex} ${hex}`
  }
  const stat = '00'.repeat(68)
  const rows: readonly [string, string, unknown][] = [
    ['of nothing', END, undefined],
    [
      'of each kind',
      `00000001 00 00000000 000000022f61 00000005 00 00000000 ${stat} 00000002 00 00000000 0000000d 00 00000000 ${END}`,
      undefined,
    ],
    ['whose second failed', `${error(0)} ${error(-103)} ${error(-2)} ${END}`, { operation: 1, error: -103 }],
    ['whose first failed', `${error(-101)} ${error(-2)} ${END}`, { operation: 0, error: -101 }],
    ['rolled back without a reason', `${error(0)} ${error(-2)} ${END}`, { operation: 0, error: -2 }],
  ]
  test.each(rows)('%s', (_, hex, outcome) => {
    const reader = new JuteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(packets.readMulti(reader)).toEqual(outcome)
    expect(reader.left).toBe(0)
  })

  test.each([
    ['without an end', error(0)],
    ['of an operation that was never asked for', `0000004d 00 00000000 ${END}`],
    ['cut off', '00000001 00'],
  ])('%s: ZK_MALFORMED', (_, hex) => {
    expect(() => packets.readMulti(new JuteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex')))).toThrow(
      expect.objectContaining({ code: 'ZK_MALFORMED' }),
    )
  })
})
