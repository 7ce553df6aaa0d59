import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { Events } from '../../plugins/sources.ts'
import { EventLog } from '../../src/loop/event-log.ts'
import { documentedServer } from '../docs/documented-server.ts'
import { scopedTokens } from '../support/access.ts'
import { NOW } from '../support/builders.ts'
import { listenOnLoopback } from '../support/raw-http.ts'
import { aSources } from '../support/sources.ts'
import { bearer, TOKENS } from './security-rig.ts'

const ACCESS = scopedTokens(TOKENS)

const READERS = 50
const WORDS = 'x'.repeat(1_900)
/** More than the buffers of both ends of a connection hold. */
const MOST_EVENTS = 20_000

/** One who follows, and counts what comes without keeping it. */
class Follower {
  lastId = 0
  /** An event came that was not the next one. */
  missed = false
  readonly response: IncomingMessage
  #rest = ''

  constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('latin1').on('error', () => undefined)
  }

  read(): this {
    this.response.on('data', (chunk: string) => {
      const text = `${this.#rest}${chunk}`
      const end = text.lastIndexOf('\n')
      for (const [, id] of text.slice(0, end + 1).matchAll(/^id: (\d+)$/gm)) {
        this.missed ||= Number(id) !== this.lastId + 1
        this.lastId = Number(id)
      }
      this.#rest = text.slice(end + 1)
    })
    return this
  }
}

async function follow(port: number): Promise<Follower> {
  const { headers = {} } = bearer(TOKENS.read)
  const request = get({ port, host: '127.0.0.1', path: '/api/v1/events/stream', headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return new Follower(response)
}

test('of 50 who follow one is stuck: it alone is cut off, and the others are told everything', async () => {
  const log = new EventLog({ now: () => NOW })
  let followers = 0
  const events: Events = {
    lastId: 0,
    find: log.find,
    follow: (listener) => {
      followers += 1
      const stop = log.follow(listener)
      return () => {
        followers -= 1
        stop()
      }
    },
  }
  const app = await documentedServer({ sources: aSources({ events }), access: () => ACCESS })
  const port = await listenOnLoopback(app)
  const [stuck, ...others] = await Promise.all(Array.from({ length: READERS }, () => follow(port)))
  stuck?.response.pause()
  for (const other of others) other.read()
  expect(followers).toBe(READERS)

  let sent = 0
  const slowest = (): number => Math.min(...others.map(({ lastId }) => lastId))
  while (followers === READERS && sent < MOST_EVENTS) {
    for (let nth = 0; nth < 50; nth += 1) log.note('info', { words: WORDS }, 'flood')
    sent += 50
    while (slowest() < sent) await setImmediate()
  }
  expect([followers, others.filter(({ missed }) => missed).length, slowest()]).toEqual([READERS - 1, 0, sent])
  expect(others.every(({ response }) => !response.destroyed)).toBe(true)
  stuck?.response.resume()
  await app.close()
}, 60_000)
