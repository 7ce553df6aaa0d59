import { parseEvent } from '../../src/mesos/events.ts'
import { RecordReader } from '../../src/mesos/recordio.ts'
import { type Benchmark, collectGarbage, interleaved } from './bench.ts'

const STREAM_BYTES = 100_000_000
/** As they come from a socket. */
const CHUNK_BYTES = 65_536
const REPETITIONS = 5

/**
 * Cutting a subscription's stream into records, reading and checking them as the session does, beside `JSON.parse`
 * alone over the same records.
 */
export const eventStream: Benchmark = {
  name: 'stream',
  run: async () => {
    const { records, chunks } = makeStream()
    let events = 0
    const times = interleaved(
      REPETITIONS,
      {
        parse: () => {
          for (const record of records) JSON.parse(record.toString('utf8'))
        },
        read: () => {
          events = readAll(chunks)
        },
      },
      1,
    )
    collectGarbage()
    if (events !== records.length) throw new Error(`${events} events were read of ${records.length}`)
    return [
      {
        name: 'stream: speed of reading 100 MB of events, by JSON.parse',
        value: times.parse / times.read,
        unit: 'times',
        target: { atLeast: 0.8 },
      },
      { name: 'stream: events read', value: STREAM_BYTES / 1e6 / (times.read / 1000), unit: 'MB/s', target: undefined },
    ]
  },
}

function readAll(chunks: readonly Buffer[]): number {
  const reader = new RecordReader()
  let events = 0
  for (const chunk of chunks) {
    for (const record of reader.push(chunk)) {
      parseEvent(record)
      events += 1
    }
  }
  reader.end()
  return events
}

/** A busy subscription: offers of one host and of many, statuses, rescinds and heartbeats. */
function makeStream(): { readonly records: readonly Buffer[]; readonly chunks: readonly Buffer[] } {
  const records: Buffer[] = []
  const parts: Buffer[] = []
  let bytes = 0
  for (let index = 0; bytes < STREAM_BYTES; index++) {
    const record = Buffer.from(JSON.stringify(event(index)))
    const part = Buffer.concat([Buffer.from(`${record.length}\n`), record])
    records.push(record)
    parts.push(part)
    bytes += part.length
  }
  const stream = Buffer.concat(parts)
  const chunks: Buffer[] = []
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) chunks.push(stream.subarray(at, at + CHUNK_BYTES))
  return { records, chunks }
}

function event(index: number): object {
  switch (index % 10) {
    case 0:
    case 1:
    case 2:
      return { type: 'OFFERS', offers: { offers: offers(index, 1) } }
    case 3:
      return { type: 'OFFERS', offers: { offers: offers(index, 50) } }
    case 4:
      return { type: 'RESCIND', rescind: { offer_id: { value: `${CLUSTER}-O${index}` } } }
    case 5:
      return { type: 'HEARTBEAT' }
    default:
      return { type: 'UPDATE', update: { status: status(index) } }
  }
}

const CLUSTER = '285ec86c-c1c5-4917-87ef-3fc5e9e6c7e6'

function offers(index: number, count: number): readonly object[] {
  return Array.from({ length: count }, (_, one) => offer(index * 100 + one))
}

/** As the recorded ones. */
function offer(number: number): object {
  const allocation = { allocation_info: { role: 'ci' } }
  const hostname = `host-${number % 5_000}.example.test`
  const scalar = (name: string, value: number): object => ({ name, type: 'SCALAR', scalar: { value }, ...allocation })
  return {
    id: { value: `${CLUSTER}-O${number}` },
    framework_id: { value: `${CLUSTER}-0029` },
    agent_id: { value: `${CLUSTER}-S${number % 5_000}` },
    hostname,
    url: { scheme: 'http', address: { hostname, ip: '10.20.30.40', port: 5051 }, path: '/slave(1)' },
    resources: [
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 32_000 }] }, ...allocation },
      scalar('cpus', 1 + (number % 31) / 2),
      scalar('mem', 1_024 + number),
      scalar('disk', 81_920 + number),
    ],
    attributes: [
      { name: 'os', type: 'TEXT', text: { value: 'linux' } },
      { name: 'rack', type: 'TEXT', text: { value: `r${number % 40}` } },
    ],
    ...allocation,
  }
}

function status(index: number): object {
  const name = `mesos-linux-${index.toString(36).padStart(10, '0')}`
  return {
    task_id: { value: name },
    agent_id: { value: `${CLUSTER}-S${index % 5_000}` },
    executor_id: { value: name },
    state: index % 3 === 0 ? 'TASK_FINISHED' : 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    message: index % 3 === 0 ? 'Command exited with status 0' : '',
    timestamp: 1_780_000_000 + index / 1_000,
    uuid: 'q83vEjRWeJqrze8SNFZ4mg==',
    container_status: {
      container_id: { value: name },
      network_infos: [{ ip_addresses: [{ ip_address: '10.20.30.40' }] }],
    },
  }
}
