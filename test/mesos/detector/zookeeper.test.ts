import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { lowest, originOf } from '../../../src/mesos/detector/master-info.ts'
import { ZooKeeperDetector } from '../../../src/mesos/detector/zookeeper.ts'
import { aLog } from '../../support/log.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { SimulatedEnsemble } from '../../support/zookeeper/simulated-ensemble.ts'
import { StubServer } from '../../zookeeper/stub-server.ts'

interface Recorded {
  readonly children: readonly string[]
  readonly nodes: Readonly<Record<string, { readonly data: string }>>
}

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/mesos/12b-zookeeper.json', import.meta.url), 'utf8'),
) as Recorded

const info = (port: number, address: object = { hostname: 'm.test', ip: '10.0.0.1', port }): string =>
  JSON.stringify({ address, hostname: 'm.test', ip: 16777226, port, pid: `master@10.0.0.1:${port}`, version: '1.9.1' })

describe('which node is that of the leading master', () => {
  test.each([
    ['the lowest number, whatever the order', recorded.children, 'json.info_0000000001'],
    ['any name that ends in a number', ['json.info_0000000004', 'info_0000000002'], 'info_0000000002'],
    ['numbers as numbers', ['json.info_10000000000', 'json.info_9999999999'], 'json.info_9999999999'],
    ['nothing without a number', ['log_replicas', 'json.info', 'x_1a'], undefined],
    ['nothing', [], undefined],
  ])('%s', (_, names, name) => {
    expect(lowest(names)).toBe(name)
  })
})

describe('what a master writes', () => {
  test.each([
    ['as recorded', recorded.nodes['json.info_0000000003']?.data ?? '', 'http', 'http://127.0.0.1:5323'],
    ['with a host name', info(5050), 'http', 'http://m.test:5050'],
    ['by the configured scheme', info(5050), 'https', 'https://m.test:5050'],
    ['without a host name', info(1, { ip: '10.0.0.1', port: 5050 }), 'http', 'http://10.0.0.1:5050'],
    ['with an address of IPv6', info(1, { ip: 'fd00::1', port: 5050 }), 'http', 'http://[fd00::1]:5050'],
  ] as const)('%s', (_, text, scheme, origin) => {
    expect(originOf(Buffer.from(text), scheme, '/mesos/n')).toBe(origin)
  })

  test.each([
    ['protobuf of old', '\n$20260101-000000', /no JSON/],
    ['nothing', '', /no JSON/],
    ['a list', '[]', /no "address"/],
    ['no address', '{"ip":16777343,"port":5050}', /no "address"/],
    ['no host', '{"address":{"port":5050}}', /no address\.hostname/],
    ['no port', '{"address":{"ip":"10.0.0.1"}}', /no address\.port/],
    ['an impossible port', '{"address":{"ip":"10.0.0.1","port":70000}}', /no address\.port/],
    ['a host that is none', '{"address":{"ip":"a b","port":5050}}', /"a b" is no host/],
  ])('%s is refused, with the node', (_, text, message) => {
    expect(() => originOf(Buffer.from(text), 'http', '/mesos/n')).toThrow(message)
    expect(() => originOf(Buffer.from(text), 'http', '/mesos/n')).toThrow('/mesos/n')
  })
})

describe('finding the leading master', () => {
  let clock: VirtualClock
  let ensemble: SimulatedEnsemble
  let logged: ReturnType<typeof aLog>
  let detector: ZooKeeperDetector
  let lost: string[]

  beforeEach(() => {
    clock = new VirtualClock()
    ensemble = new SimulatedEnsemble({ clock })
    logged = aLog()
    lost = []
  })
  afterEach(async () => {
    const closed = detector.close()
    await clock.advance(2_000)
    await closed
    ensemble.close()
    expect(clock.pending).toBe(0)
  })

  const start = (path = '/mesos'): void => {
    detector = new ZooKeeperDetector({
      ensemble: ensemble.at(path),
      scheme: 'http',
      clock,
      random: () => 0.5,
      log: logged.log,
      connect: ensemble.connect(),
    })
  }
  const find = async (): Promise<string | undefined> => {
    const abort = new AbortController()
    const found = detector.find(abort.signal).catch(() => undefined)
    await clock.advance(0)
    abort.abort(new Error('enough'))
    return await found
  }
  const follow = (origin: string): void => {
    detector.watch(origin, (why) => lost.push(why))
  }
  const masters = (...ports: readonly number[]): void => {
    if (ensemble.node('/mesos') === undefined) ensemble.put('/mesos', '')
    ensemble.put('/mesos/log_replicas', '')
    for (const [at, port] of ports.entries())
      ensemble.put(`/mesos/json.info_${String(at + 1).padStart(10, '0')}`, info(port))
  }
  const [A, B] = ['http://m.test:5050', 'http://m.test:5051'] as const
  const warnings = (): readonly string[] =>
    logged.lines
      .filter(({ level }) => level === 'warn')
      .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)

  test('as recorded from a real cluster', async () => {
    ensemble.put('/mesos', '')
    for (const [name, { data }] of Object.entries(recorded.nodes)) ensemble.put(`/mesos/${name}`, data)
    start()
    await clock.advance(100)
    expect(await find()).toBe('http://127.0.0.1:5320')
  })

  test('waits, and says once, while the path is missing; then while there is no master', async () => {
    start()
    await clock.advance(60_000)
    expect(await find()).toBeUndefined()
    expect(warnings()).toEqual([expect.stringContaining('no Mesos master has ever been registered in ZooKeeper')])
    ensemble.put('/mesos', '')
    await clock.advance(60_000)
    expect(warnings()).toHaveLength(2)
    masters(5050)
    expect(await find()).toBe(A)
    expect(warnings()).toHaveLength(2)
  })

  test('at the root, too', async () => {
    start('/')
    ensemble.put('/json.info_0000000001', info(5050))
    await clock.advance(100)
    expect(await find()).toBe(A)
  })

  test('waits while ZooKeeper is down', async () => {
    masters(5050)
    ensemble.loseQuorum()
    start()
    await clock.advance(60_000)
    expect(await find()).toBeUndefined()
    ensemble.regainQuorum()
    await clock.advance(10_000)
    expect(await find()).toBe(A)
  })

  test('gives up waiting with the reason of the signal', async () => {
    start()
    const abort = new AbortController()
    const found = expect(detector.find(abort.signal)).rejects.toThrow('stopped')
    await clock.advance(100)
    abort.abort(new Error('stopped'))
    await found
    await expect(detector.find(abort.signal)).rejects.toThrow('stopped')
  })

  test('another lowest node ends the subscription, once; nodes behind it do not', async () => {
    masters(5050, 5051)
    start()
    await clock.advance(100)
    detector.leads(A)
    follow(A)
    ensemble.put('/mesos/json.info_0000000009', info(5059))
    await clock.advance(1_000)
    expect(lost).toEqual([])
    ensemble.remove('/mesos/json.info_0000000001')
    ensemble.remove('/mesos/json.info_0000000009')
    await clock.advance(1_000)
    expect(lost).toEqual([`ZooKeeper names ${B} as the leading master, not ${A}`])
    expect(await find()).toBe(B)
  })

  test('no node any more ends it, too, and the same master with a new node', async () => {
    masters(5050)
    start()
    await clock.advance(100)
    follow(A)
    ensemble.remove('/mesos/json.info_0000000001')
    await clock.advance(100)
    expect(await find()).toBeUndefined()
    ensemble.put('/mesos/json.info_0000000002', info(5050))
    await clock.advance(100)
    follow((await find()) ?? '')
    ensemble.put('/mesos/json.info_0000000003', info(5050))
    ensemble.remove('/mesos/json.info_0000000002')
    await clock.advance(100)
    expect(lost).toEqual([
      `ZooKeeper knows no leading master any more, ${A} was it`,
      `the master at ${A} was started anew`,
    ])
  })

  test('a subscription that began at another master than the one that leads by now ends at once', async () => {
    masters(5051)
    start()
    await clock.advance(100)
    follow(A)
    expect(lost).toHaveLength(1)
  })

  test('a watch that was cancelled is not told', async () => {
    masters(5050)
    start()
    await clock.advance(100)
    detector.watch(A, (why) => lost.push(why))()
    ensemble.remove('/mesos/json.info_0000000001')
    await clock.advance(100)
    expect(lost).toEqual([])
  })

  test('a node that goes between list and reading: the list is read again', async () => {
    masters(5050, 5051)
    ensemble.delay(10)
    start()
    // Connect, handshake and list take 10 ms each way; the list is on its way back.
    await clock.until(() => logged.text().includes('connected to ZooKeeper'), 1_000)
    await clock.advance(15)
    ensemble.remove('/mesos/json.info_0000000001')
    await clock.advance(200)
    expect(await find()).toBe(B)
  })

  test('a leader that does not serve yet is asked again, after the list was read anew', async () => {
    masters(5050, 5051)
    start()
    await clock.advance(100)
    expect(await find()).toBe(A)
    detector.failed(A)
    expect(await find()).toBe(A)
    expect(detector.redirected(A, B)).toBe(false)
    ensemble.remove('/mesos/json.info_0000000001')
    expect(await find()).toBe(B)
    detector.failed(A)
    expect(await find()).toBe(B)
  })

  test('while ZooKeeper is down what is known stays, and so does the subscription', async () => {
    masters(5050, 5051)
    start()
    await clock.advance(100)
    follow(A)
    ensemble.loseQuorum()
    await clock.advance(5_000)
    detector.failed(A)
    expect(await find()).toBe(A)
    await clock.advance(60_000)
    // The session is over by now: nothing is known, but nothing else either.
    expect(await find()).toBeUndefined()
    expect(lost).toEqual([])
    ensemble.regainQuorum()
    await clock.advance(20_000)
    expect(await find()).toBe(A)
    expect(lost).toEqual([])
  })

  test('after a session that expired, a new one sees what has changed', async () => {
    masters(5050, 5051)
    start()
    await clock.advance(100)
    follow(A)
    ensemble.blockClient()
    await clock.advance(20_000)
    expect(await find()).toBeUndefined()
    ensemble.remove('/mesos/json.info_0000000001')
    ensemble.unblockClient()
    await clock.advance(20_000)
    expect(await find()).toBe(B)
    expect(lost).toHaveLength(1)
    expect(ensemble.sessions).toHaveLength(1)
  })

  test('a change during a lost connection is seen after it', async () => {
    masters(5050, 5051)
    start()
    await clock.advance(100)
    follow(A)
    ensemble.cutClient()
    ensemble.remove('/mesos/json.info_0000000001')
    await clock.advance(1_000)
    expect(lost).toHaveLength(1)
    expect(await find()).toBe(B)
  })

  test('text of the leading master that cannot be read: said once, waited for, and it ends no subscription', async () => {
    masters(5050)
    start()
    await clock.advance(100)
    follow(A)
    ensemble.put('/mesos/json.info_0000000001', 'x')
    detector.failed(A)
    expect(await find()).toBeUndefined()
    expect(lost).toEqual([])
    expect(warnings()).toEqual([expect.stringContaining('/mesos/json.info_0000000001 cannot be read: no JSON')])
  })
})

test('a session that turns out to have expired as it is closed is not followed by another one', async () => {
  const clock = new VirtualClock()
  const server = new StubServer()
  const detector = new ZooKeeperDetector({
    ensemble: { servers: [{ host: 'zk1.test', port: 2181 }], path: '/mesos', auth: undefined },
    scheme: 'http',
    clock,
    random: () => 0.5,
    log: aLog().log,
    connect: server.connect,
  })
  await clock.advance(100)
  const closed = detector.close()
  await clock.advance(0)
  const [{ xid } = { xid: 0 }] = server.requests
  server.answer(xid, -112) // to the list of masters: the session has expired
  await clock.advance(60_000)
  await closed
  expect([server.addresses, clock.pending]).toEqual([['zk1.test:2181'], 0])
})
