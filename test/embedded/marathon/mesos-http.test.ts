import { expect, test } from '@jest/globals'
import type { HttpRequest } from '../../../src/embedded/http.ts'
import { type Listener, listen } from '../../../src/embedded/listen.ts'
import { masterAt } from '../../../src/embedded/marathon/mesos-http.ts'

function master(name: string): Promise<Listener> {
  return listen(async () => ({ status: 200, headers: [['x-master', name]], body: Buffer.alloc(0) }), {
    host: '127.0.0.1',
    port: 0,
  })
}

test('of several masters the next is asked once nobody is there any more', async () => {
  const [first, second] = [await master('first'), await master('second')]
  try {
    const handler = masterAt(`${first.url.origin},${second.url.origin}`)
    const request: HttpRequest = {
      method: 'GET',
      path: '/',
      headers: {},
      body: Buffer.alloc(0),
      signal: new AbortController().signal,
      remote: '',
    }
    const whoAnswers = async (): Promise<string | undefined> =>
      (await handler(request)).headers.find(([name]) => name === 'x-master')?.[1]
    expect(await whoAnswers()).toBe('first')
    await first.close()
    await expect(whoAnswers()).rejects.toThrow(/ECONNREFUSED/)
    expect(await whoAnswers()).toBe('second')
  } finally {
    await first.close()
    await second.close()
  }
})
