import type { HealthStatus, View } from '../../loop/view-types.ts'
import { duration } from './amounts.ts'
import type { Line } from './line.ts'
import type { Style } from './paper.ts'
import type { Scene } from './scene.ts'
import type { Size } from './screen.ts'
import { clean, wrap } from './width.ts'

const SHORT = 12
const TALL = 20
const MOST_NOTICES = 3
const MOST_PROBLEMS = 3
/** Rounds end every few seconds: only an old one is worth a word. */
const OLD_ROUND_MS = 15_000

/** Who this is, and where a browser and Prometheus find it. */
export function headLines({ version, url }: Scene, rows: number): readonly Line[] {
  const name: Line = [['bold', `jenkins-mesos-sidecar ${version}`]]
  if (rows < SHORT) return [[...name, '  ', `${url}/`]]
  return [
    [...name, ['dim', '  Ctrl-C ends it']],
    [['dim', 'page '], `${url}/`, ['dim', '  metrics '], `${url}/metrics`],
  ]
}

/** Whether all is well, in words; and what a person must see, however little room there is. */
export function healthLines({ view, notices }: Scene, { columns, rows }: Size): readonly Line[] {
  const { health, problems, brake, dryRun, paused, round } = view
  const isShort = rows < SHORT
  const say = (style: Style, word: string, words: string): readonly Line[] =>
    sentence(style, word, words, columns, rows < TALL ? 1 : 2)
  const { style, word } = healthWord(health.status)
  const { lastRoundAgeMs = 0 } = health
  const age = lastRoundAgeMs > OLD_ROUND_MS ? ` (the last round ended ${duration(lastRoundAgeMs)} ago)` : ''
  const warnings = [
    ...(brake === undefined ? [] : [brake.words]),
    ...(paused.all ? ['an operator paused all templates'] : []),
    ...problems,
  ]
  const most = isShort ? 1 : MOST_PROBLEMS
  const shown = warnings.slice(0, warnings.length > most ? most - 1 : most)
  const more = warnings.length - shown.length
  return [
    ...sentence(style, word, health.words + age, columns, isShort ? 1 : 3),
    ...notices.slice(isShort ? -1 : -MOST_NOTICES).flatMap((notice) => noticeLines(notice, columns)),
    ...(rows < TALL ? [] : systemLines(view)),
    ...(dryRun === undefined ? [] : say('yellow', 'dry run', dryRun)),
    ...(round.held === undefined || isShort ? [] : say('dim', 'takes nothing away', round.held)),
    ...shown.flatMap((problem) => say('yellow', 'needs a look', problem)),
    ...(more > 0 ? say('yellow', 'needs a look', `${more} more, see the page`) : []),
  ]
}

/** What a person is told right now is never cut off. */
function noticeLines(notice: string, columns: number): readonly Line[] {
  return wrap(clean(notice), columns).map((line) => [['cyan', line]])
}

/** A word with a style, and what there is to say, on at most so many lines. */
function sentence(style: Style, word: string, words: string, columns: number, most: number): readonly Line[] {
  const parts = wrap(clean(`${word}: ${words}`), columns)
  const lines = parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(' ')]
  return lines.map((line, index): Line => {
    return index === 0 && line.startsWith(word) ? [[style, word], line.slice(word.length)] : [line]
  })
}

function systemLines({ jenkins, mesos, leadership }: View): readonly Line[] {
  const system = (name: string, ...parts: readonly (string | undefined)[]): Line => [
    ['dim', name],
    parts.flatMap((part) => (part === undefined ? [] : [` ${part}`])).join(''),
    '  ',
  ]
  return [
    [
      ...system('Jenkins', jenkins.version, jenkins.url),
      jenkins.reachable ? 'read' : ['red', `not read: ${jenkins.error ?? 'no answer yet'}`],
    ],
    [
      ...system('Mesos', mesos.version, mesos.master),
      mesos.subscribed ? 'subscribed' : ['red', `not subscribed: ${mesos.why ?? 'no reason known'}`],
    ],
    ...(leadership.role === 'leader' ? [] : [[['dim', 'standby '], leadership.why] satisfies Line]),
  ]
}

function healthWord(status: HealthStatus): { readonly style: Style; readonly word: string } {
  switch (status) {
    case 'ok':
      return { style: 'green', word: 'ok' }
    case 'standby':
      return { style: 'cyan', word: 'standby' }
    case 'starting':
      return { style: 'cyan', word: 'starting' }
    case 'stalled':
      return { style: 'red', word: 'stalled' }
    case 'disconnected':
      return { style: 'red', word: 'disconnected' }
    case 'store':
      return { style: 'red', word: 'store' }
    case 'standing_back':
      return { style: 'red', word: 'standing back' }
    case 'other_jenkins':
      return { style: 'red', word: 'another Jenkins' }
  }
}
