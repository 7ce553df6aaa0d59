import { duration } from '../lib/format.js'
import { navigate } from '../lib/navigate.js'
import { MOST_POINTS, Plot } from '../lib/plot.js'
import { linkWith } from '../lib/router.js'
import { shareOf, statesOf } from '../lib/series.js'
import { useTimeline } from '../lib/timeline-data.js'
import { html, useMemo } from '../vendor/preact.js'

/**
 * @typedef {import('../../../../src/loop/view-types.ts').TimelineView} View
 * @typedef {import('../lib/plot.js').Line} Line
 * @typedef {import('../lib/paint.js').Ink} Ink
 * @typedef {import('../lib/series.js').Column} Column
 * @typedef {{ title: string, unit: string, areas: boolean, lines: readonly Line[], columns: readonly Column[] }} Subject
 */

const MINUTE = 60_000

/** @type {Readonly<Record<string, { readonly words: string, readonly ms: number }>>} */
const SPANS = {
  '15m': { words: '15 min', ms: 15 * MINUTE },
  '1h': { words: '1 h', ms: 60 * MINUTE },
  '6h': { words: '6 h', ms: 360 * MINUTE },
}

/** @type {readonly Line[]} */
const QUEUE = [
  { label: 'waiting for an agent', ink: { colour: 2 }, stepped: true },
  { label: 'other items in the queue', ink: { colour: 6, dash: [2, 3] }, stepped: true },
  { label: 'builds running', ink: { colour: 3, dash: [8, 3] }, stepped: true },
]

/** @type {readonly Line[]} */
const GIVEN_AND_USED = [
  { label: 'given', ink: { colour: 1 }, stepped: true },
  { label: 'used', ink: { colour: 2, dash: [6, 3] } },
]

/** @type {Readonly<Record<string, Ink>>} */
const STATE_INKS = {
  online: { colour: 1, pattern: 'solid' },
  starting: { colour: 5, pattern: 'rising' },
  planned: { colour: 7, pattern: 'dots' },
  disconnected: { colour: 4, pattern: 'cross' },
  unreachable: { colour: 2, pattern: 'falling' },
  draining: { colour: 3, pattern: 'level' },
  stopping: { colour: 6, pattern: 'upright' },
}

/** @type {Ink} */
const OTHER_INK = { colour: 6, pattern: 'cross' }

/**
 * Queue, agents, CPU and memory of the last hours.
 *
 * @param {import('../views.js').ViewProps} props
 */
export function Timeline({ route: here }) {
  const { view, error } = useTimeline()
  const name = here.params.get('span') ?? '15m'
  const span = SPANS[name] ?? { words: '15 min', ms: 15 * MINUTE }
  const asTable = here.params.get('as') === 'table'
  /** @param {Record<string, string>} changes */
  const change = (changes) => navigate(linkWith(here, changes), { replace: true })
  return html`<div class="view-head"><h1>Time line</h1></div>
    <div class="timeline-tools">
      <fieldset class="span-choice">
        <legend>The last</legend>
        ${Object.entries(SPANS).map(
          ([key, { words, ms }]) => html`<label key=${key}>
            <input type="radio" name="span" value=${key} checked=${ms === span.ms}
              onChange=${() => change({ span: key === '15m' ? '' : key })} /><span>${words}</span></label>`,
        )}
      </fieldset>
      <button type="button" class="toggle" aria-pressed=${asTable ? 'true' : 'false'}
        onClick=${() => change({ as: asTable ? '' : 'table' })}>Show as table</button>
    </div>
    ${error !== undefined && html`<p class="timeline-problem" role="alert">${error.message}</p>`}
    ${
      view === undefined
        ? error === undefined && html`<p>Loading…</p>`
        : html`<${Subjects} view=${view} spanMs=${span.ms} asTable=${asTable} />
            ${
              !asTable &&
              view.at.length > 0 &&
              html`<p class="timeline-hint">Point at a plot to read all four at that time, or focus one and press the arrow keys;
              Escape goes back to the last values. Where a line is broken, the value was not known.${shareWords(view.everyMs, span.ms)}</p>`
            }`
    }`
}

/** @param {number} everyMs @param {number} spanMs */
function shareWords(everyMs, spanMs) {
  const shareMs = shareOf(everyMs, spanMs, MOST_POINTS)
  return shareMs === everyMs ? '' : ` Each point is the mean of ${duration(shareMs)}.`
}

/** The last hour, for the overview, which gives it a heading. */
export function SmallTimeline() {
  const { view, error } = useTimeline()
  if (view === undefined)
    return html`<p class=${error === undefined ? 'loading' : 'timeline-problem'}>${error?.message ?? 'Loading…'}</p>`
  return html`<${Subjects} view=${view} spanMs=${60 * MINUTE} small=${true} />`
}

/** @param {{ view: View, spanMs: number, small?: boolean, asTable?: boolean }} props */
function Subjects({ view, spanMs, small = false, asTable = false }) {
  const to = view.at.at(-1)
  const subjects = useMemo(() => subjectsOf(view, (to ?? 0) - spanMs), [view, to, spanMs])
  if (to === undefined) return html`<p>There is no point yet: the first comes in a moment.</p>`
  return html`<div class=${small ? 'plots plots-small' : 'plots'}>
    ${subjects.map(
      (
        subject,
      ) => html`<${Plot} key=${subject.title} ...${subject} at=${view.at} everyMs=${view.everyMs} from=${to - spanMs} to=${to}
        small=${small} asTable=${asTable} />`,
    )}
  </div>`
}

/** @param {View} view @param {number} from @returns {readonly Subject[]} */
function subjectsOf(view, from) {
  const states = statesOf(view, from)
  return [
    { title: 'Queue', unit: '', areas: false, lines: QUEUE, columns: [view.waiting, view.blocked, view.builds] },
    {
      title: 'Agents',
      unit: '',
      areas: true,
      lines: states.map((state) => ({ label: state, ink: STATE_INKS[state] ?? OTHER_INK, stepped: true })),
      columns: states.map((state) => view.agents[state] ?? []),
    },
    { title: 'CPU', unit: 'CPU', areas: false, lines: GIVEN_AND_USED, columns: [view.givenCpus, view.usedCpus] },
    { title: 'Memory', unit: 'MiB', areas: false, lines: GIVEN_AND_USED, columns: [view.givenMemMib, view.usedMemMib] },
  ]
}
