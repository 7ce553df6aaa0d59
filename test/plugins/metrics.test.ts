import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import metrics from '../../plugins/metrics.ts'

test('metrics are what is scraped at this moment, with its content type', async () => {
  let scrapes = 0
  const app = Fastify()
  await app.register(metrics, {
    scrape: async () => {
      scrapes += 1
      return { text: `scrapes ${scrapes}\n`, contentType: 'text/plain; version=0.0.4; charset=utf-8' }
    },
  })
  await app.inject('/metrics')
  const { body, headers } = await app.inject('/metrics')
  expect(body).toBe('scrapes 2\n')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
})
