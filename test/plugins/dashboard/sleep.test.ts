import { getEventListeners } from 'node:events'
import { expect, test } from '@jest/globals'
import { sleep } from '../../../plugins/dashboard/static/lib/sleep.js'

test('a page that polls for a week leaves nothing on its signal', async () => {
  const { signal } = new AbortController()
  for (let nth = 0; nth < 3; nth += 1) await sleep(0, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('it ends early where the page is left, also before it began', async () => {
  const left = new AbortController()
  const slept = sleep(3_600_000, left.signal)
  left.abort()
  await slept
  await sleep(3_600_000, left.signal)
  expect(getEventListeners(left.signal, 'abort')).toEqual([])
})
