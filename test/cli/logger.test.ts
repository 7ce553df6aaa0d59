import { expect, test } from '@jest/globals'
import { makeLogger, setLevel } from '../../src/cli/logger.ts'
import { Secret } from '../../src/core/secret.ts'
import { MesosError } from '../../src/mesos/errors.ts'

function logged(write: (log: ReturnType<typeof makeLogger>) => void): Record<string, unknown> {
  const lines: string[] = []
  write(makeLogger('debug', { write: (line) => lines.push(line) }))
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>
}

test('a line holds level, time, fields and message', () => {
  expect(
    logged((log) => {
      log.info({ agentId: 'a1' }, 'agent online')
    }),
  ).toEqual({
    level: 'info',
    time: expect.any(String),
    agentId: 'a1',
    msg: 'agent online',
  })
})

test('invariant 10: of an error only what people read is written', () => {
  const library = Object.assign(new Error('closed'), {
    code: 'UND_ERR_SOCKET',
    options: { headers: { authorization: 'Basic c2VjcmV0LW9m' } },
    headers: ['authorization', 'token=of-a-library'],
    socket: { auth: 'of-a-socket' },
  })
  const error = new MesosError('MESOS_UNREACHABLE', 'no answer', { cause: library })
  const line = logged((log) => {
    log.warn({ err: error }, 'lost')
  })
  expect(line['err']).toEqual({
    type: 'MesosError',
    code: 'MESOS_UNREACHABLE',
    message: 'no answer',
    stack: expect.any(String),
    cause: { type: 'Error', code: 'UND_ERR_SOCKET', message: 'closed', stack: expect.any(String) },
  })
})

test('invariant 10: a secret that somebody else says is not written', () => {
  const secret = new Secret('hunter2-hunter2')
  const line = logged((log) => {
    log.error({ err: new Error(`bad ${secret.reveal()}`), secret }, secret.reveal())
  })
  expect(JSON.stringify(line)).not.toContain('hunter2')
  expect(line).toMatchObject({ secret: '[secret]', msg: '[secret]', err: { message: 'bad [secret]' } })
})

test('an error that is its own cause, and what is none', () => {
  const error = new Error('round')
  error.cause = error
  expect(
    logged((log) => {
      log.warn({ err: error }, 'x')
    })['err'],
  ).toMatchObject({ message: 'round' })
  expect(
    logged((log) => {
      log.warn({ err: 'text' }, 'x')
    })['err'],
  ).toEqual({ type: 'string', message: 'text' })
})

test.each([
  ['info', 'debug', 1],
  ['info', 'error', 1],
  ['error', 'info', 1],
  ['error', 'fatal', 0],
  ['info', 'info', 0],
])('the change of the level from %s to %s stands in the log %i times', (from, to, times) => {
  const lines: string[] = []
  const logger = makeLogger(from, { write: (line) => lines.push(line) })
  setLevel(logger, logger, to)
  expect(logger.level).toBe(to)
  expect(lines.filter((line) => line.includes('the level of the log is another now'))).toHaveLength(times)
})
