import { expect, test } from '@jest/globals'
import { LiveConfiguration } from '../../src/cli/live-configuration.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { aLog } from '../support/log.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const LINUX = 'templates:\n  linux: { labels: [linux] }\n'
const TOKEN = 'a-token-of-more-than-thirty-two-letters'

function aLive(texts: Record<string, string>, env: Readonly<Record<string, string>> = {}) {
  const io = {
    get env() {
      return { TEMPLATES_FILE: 'templates.yaml', ...env }
    },
    readFile: (path: string) => {
      const text = texts[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
  }
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const reading = readConfig(io.env, io.readFile, clock.now())
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  const { log, lines, text } = aLog()
  const applied: unknown[] = []
  const live = new LiveConfiguration({ reading, io, clock, log, applied: (config) => applied.push(config) })
  return { live, lines, text, applied }
}

const names = ({ templates }: LiveConfiguration): readonly string[] => templates.map(({ name }) => name)

test('an operator is told which templates came, went and changed, by name', () => {
  const texts = { 'templates.yaml': `${LINUX}  gpu: { labels: [gpu] }\n` }
  const { live, lines } = aLive(texts)
  texts['templates.yaml'] = 'templates:\n  linux: { labels: [linux], maxAgents: 3 }\n  arm: { labels: [arm] }\n'
  expect(live.reload()).toMatchObject({
    ok: true,
    words: expect.stringContaining('Added: template arm. Removed: template gpu. Changed: template linux.'),
  })
  expect(names(live)).toEqual(['linux', 'arm'])
  expect(lines.filter(({ message }) => message === 'the configuration was read again')).toMatchObject([
    { level: 'info', fields: { added: ['arm'], removed: ['gpu'], changed: ['linux'] } },
  ])
})

test('where nothing is different the answer says so, and nothing is logged', () => {
  const { live, lines } = aLive({ 'templates.yaml': LINUX })
  expect(live.reload()).toMatchObject({ ok: true, words: expect.stringContaining('nothing is different') })
  expect(lines).toEqual([])
})

test('invariant 11: with mistakes nothing is changed, each is named at once, and the log has them once', () => {
  const texts = { 'templates.yaml': LINUX }
  const { live, lines, applied } = aLive(texts)
  texts['templates.yaml'] = 'templates:\n  linux: { lables: [linux], executors: 0 }\n'
  const outcome = live.reload()
  expect(outcome).toMatchObject({ ok: false, kind: 'invalid', mistakes: expect.any(Array) })
  if (outcome.ok) throw new Error('it has mistakes')
  expect(outcome.mistakes?.length).toBeGreaterThan(1)
  expect(outcome.words).toContain('Nothing is changed')
  for (const mistake of outcome.mistakes ?? []) expect(outcome.words).toContain(mistake)
  expect([names(live), applied]).toEqual([['linux'], []])
  expect(live.problems).toHaveLength(outcome.mistakes?.length ?? 0)
  live.reload()
  expect(lines.map(({ message }) => message)).toEqual(['the changed configuration has mistakes and is not used'])
  texts['templates.yaml'] = LINUX
  expect(live.reload()).toMatchObject({ ok: true })
  expect(live.problems).toEqual([])
  expect(lines.at(-1)?.message).toBe('the configuration was read again')
})

test('tokens are other ones at once, and their names stand in the answer: not they themselves (invariant 10)', () => {
  const texts = { 'templates.yaml': LINUX, token: `${TOKEN}-1` }
  const { live, text } = aLive(texts, { API_TOKEN_FILE: 'token' })
  texts.token = `${TOKEN}-2`
  const { words } = live.reload()
  expect(words).toMatch(/Read again: token /)
  expect(live.access.tokens.map(({ secret }) => secret.reveal())).toEqual([`${TOKEN}-2`])
  expect(`${words} ${text()}`).not.toContain(TOKEN)
})

test('the token for Jenkins is another one at once; a file without one changes nothing', () => {
  const texts = { 'templates.yaml': LINUX, token: `${TOKEN}-1` }
  const { live, lines, text } = aLive(texts, {
    JENKINS_URL: 'https://ci.example.com/',
    JENKINS_USER: 'sidecar',
    JENKINS_TOKEN_FILE: 'token',
  })
  const token = (): string | undefined => live.config.jenkins.token?.reveal()
  texts.token = ''
  expect(live.reload()).toMatchObject({ ok: false, words: expect.stringContaining('JENKINS_TOKEN_FILE') })
  expect(token()).toBe(`${TOKEN}-1`)
  texts.token = `${TOKEN}-2\n`
  expect(live.reload()).toMatchObject({ ok: true, words: 'Read again: token JENKINS_TOKEN.' })
  expect(token()).toBe(`${TOKEN}-2`)
  expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { tokens: ['JENKINS_TOKEN'] } })
  expect(live.reload()).toMatchObject({ words: expect.stringContaining('nothing is different') })
  expect(text()).not.toContain(TOKEN)
})

test('what is looked at only at the start is named as such, once', () => {
  const env: Record<string, string> = {}
  const { live, lines } = aLive({ 'templates.yaml': LINUX }, env)
  env['MAX_AGENTS'] = '7'
  expect(live.reload()).toMatchObject({ ok: true, words: expect.stringContaining('takes effect at the next start') })
  expect(live.reload()).toMatchObject({ ok: true, words: expect.stringContaining('nothing is different') })
  expect(lines.filter(({ message }) => message.includes('next start'))).toHaveLength(1)
})
