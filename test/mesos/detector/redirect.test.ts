import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { HttpRequest, HttpResponse } from '../../../src/embedded/http.ts'
import { none } from '../../../src/mesos/auth/authorizer.ts'
import { askForLeader } from '../../../src/mesos/detector/redirect.ts'
import { MemoryNetwork } from '../../support/memory-network.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'
import { answer } from '../stub-master.ts'
import { trace } from '../traces.ts'

const MASTER = 'https://m1:5050'
let clock: VirtualClock
let network: MemoryNetwork

beforeEach(() => {
  clock = new VirtualClock()
  network = new MemoryNetwork()
})
afterEach(async () => {
  await settle()
  expect([clock.pending, network.open]).toEqual([0, 0])
})

function ask(response: HttpResponse | (() => Promise<HttpResponse>), signal = new AbortController().signal) {
  const seen: HttpRequest[] = []
  network.serve(MASTER, async (request) => {
    seen.push(request)
    return typeof response === 'function' ? response() : response
  })
  const dispatcher = (origin: string) => network.dispatcher(origin)
  return { seen, leader: askForLeader({ dispatcher, authorize: none, clock })(MASTER, signal) }
}

describe('asking a master where the leader is', () => {
  const recorded = trace('12c-follower-answers').exchanges.find(({ request }) => request.path.endsWith('/redirect'))

  test('the recorded answer of a follower, with our scheme', async () => {
    expect(recorded?.response.status).toBe(307)
    const location = recorded?.response.headers['Location'] ?? ''
    expect(location).toMatch(/^\/\//)
    const { seen, leader } = ask(answer(307, '', [['Location', location]]))
    expect(await leader).toBe(`https:${location.split('/').slice(0, 3).join('/')}`)
    expect(seen).toMatchObject([{ method: 'GET', path: '/master/redirect' }])
  })

  test.each([
    ['a Location without a host', answer(307, '', [['Location', 'http:///']])],
    ['no Location', answer(307)],
    ['no leader', answer(503, 'No leader elected')],
    ['a login', answer(401, 'no')],
    ['a page', answer(200, '<html>')],
  ])('%s tells nothing', async (_, response) => {
    const { leader } = ask(response)
    expect(await leader).toBeUndefined()
  })

  test('no answer within 5 s tells nothing', async () => {
    const { leader } = ask(() => new Promise(() => undefined))
    await settle()
    await clock.advance(5_000)
    expect(await leader).toBeUndefined()
  })

  test('the end of the program ends it', async () => {
    const program = new AbortController()
    const { leader } = ask(() => new Promise(() => undefined), program.signal)
    const ended = expect(leader).rejects.toThrow('stopped')
    await settle()
    program.abort(new Error('stopped'))
    await ended
  })
})
