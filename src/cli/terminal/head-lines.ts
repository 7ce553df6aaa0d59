import type { HealthStatus, View } from '../../loop/view-types.ts'
import { duration } from './amounts.ts'
import type { Line } from './line.ts'
import type { Style } from './paper.ts'
import type { Scene } from './scene.ts'

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
export function healthLines({ view, notices }: Scene, rows: number): readonly Line[] {
  const { health, problems, brake, dryRun, paused, round } = view
  const { style, word } = healthWord(health.status)
  const isOld = health.lastRoundAgeMs !== undefined && health.lastRoundAgeMs > OLD_ROUND_MS
  const age = isOld ? ` (the last round ended ${duration(health.lastRoundAgeMs ?? 0)} ago)` : ''
  const warnings = [
    ...(brake === undefined ? [] : [brake.words]),
    ...(paused.all ? ['an operator paused all templates'] : []),
    ...problems,
  ]
  const most = rows < SHORT ? 1 : MOST_PROBLEMS
  const shown = warnings.slice(0, warnings.length > most ? most - 1 : most)
  const more = warnings.length - shown.length
  return [
    [[style, word], ': ', health.words, ['dim', age]],
    ...(rows < TALL ? [] : systemLines(view)),
    ...(dryRun === undefined ? [] : [[['yellow', 'dry run'], `: ${dryRun}`] satisfies Line]),
    ...(round.held === undefined || rows < SHORT ? [] : [['takes nothing away: ', round.held] satisfies Line]),
    ...shown.map((problem): Line => [['yellow', 'needs a look'], `: ${problem}`]),
    ...(more > 0 ? [[['yellow', `needs a look`], `: ${more} more, see the page`] satisfies Line] : []),
    ...notices.slice(rows < SHORT ? -1 : -MOST_NOTICES).map((notice): Line => [['cyan', notice]]),
  ]
}

function systemLines({ jenkins, mesos, leadership }: View): readonly Line[] {
  const version = (of: string | undefined): string => (of === undefined ? '' : ` ${of}`)
  return [
    [
      ['dim', 'Jenkins'],
      `${version(jenkins.version)} ${jenkins.url}  `,
      jenkins.reachable ? 'read' : ['red', `not read: ${jenkins.error ?? 'no answer yet'}`],
    ],
    [
      ['dim', 'Mesos'],
      `${version(mesos.version)} ${mesos.master ?? ''}  `,
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
