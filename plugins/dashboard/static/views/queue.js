import { query } from '../lib/api.js'
import { useGet } from '../lib/fetched.js'
import { Choice, SearchBox, Toggles } from '../lib/filters.js'
import { navigate } from '../lib/navigate.js'
import { usePaged } from '../lib/paged.js'
import { Age, JobName, Panel, Pill } from '../lib/parts.js'
import { linkWith } from '../lib/router.js'
import { ITEM_STATES, infoOf } from '../lib/states.js'
import { VirtualList } from '../lib/virtual-list.js'
import { html } from '../vendor/preact.js'
import { ItemDetails } from './item-details.js'

/**
 * @typedef {import('../../../../src/core/snapshot.ts').ItemExplanation} Item
 * @typedef {import('../../../../src/loop/view-types.ts').TemplateView} TemplateView
 */

const COLUMNS = [
  { name: 'job', title: 'Job' },
  { name: 'wait', title: 'Waits' },
  { name: 'state', title: 'State' },
  { name: 'template', title: 'Template' },
  { name: 'words', title: 'Why' },
]

/** What waits in Jenkins, and why. @param {import('../views.js').ViewProps} props */
export function Queue({ route, summary }) {
  const { params } = route
  const templates = useGet('templates')
  const filters = {
    state: params.getAll('state'),
    template: params.getAll('template'),
    job: params.getAll('job'),
    q: params.get('q') ?? '',
  }
  const list = usePaged(/** @type {string} */ (`queue${query(filters)}`))
  const open = params.get('item') ?? undefined
  const filtered = Object.values(filters).some((value) => value.length > 0)
  const closeTo = linkWith(route, { item: undefined })
  return html`
    <div class="view-head"><h1>Queue</h1><${Found} total=${list.total} of=${summary.queue} filtered=${filtered} /></div>
    <div class="filters">
      <${SearchBox} route=${route} label="Search the queue" placeholder="Job, label or words" />
      <${Choice} route=${route} name="template" label="Template" all="All templates" options=${templateChoices(templates.value?.items)} />
      <${Toggles} route=${route} name="state" label="States" options=${stateChoices(summary.queue)} />
      ${filtered && html`<a class="clear" href="#/queue">Clear</a>`}
    </div>
    <div class=${open === undefined ? 'with-panel' : 'with-panel is-open'}>
      <div class="with-panel-main">
        <${VirtualList} name="queue" label="Builds in the queue, those that wait longest for an agent first" columns=${COLUMNS} list=${list}
          cells=${cellsOf} idOf=${(/** @type {Item} */ { itemId }) => itemId} open=${open} rowRem=${3.25} narrowRowRem=${7.75}
          onOpen=${(/** @type {Item} */ { itemId }) => navigate(linkWith(route, { item: itemId }))}
          empty=${
            filtered
              ? html`<strong>No build in the queue matches.</strong>A build that is not here does not wait for an agent: it runs, has ended, or was never started.`
              : summary.jenkins.reachable
                ? html`<strong>Nothing waits.</strong>Jenkins’ queue is empty.`
                : html`<strong>Jenkins has not been read.</strong>${summary.jenkins.error ?? 'It has not answered yet.'}`
          } />
      </div>
      ${open !== undefined && html`<${ItemPanel} key=${open} itemId=${open} closeTo=${closeTo} summary=${summary} />`}
    </div>`
}

/** @param {{ total: number | undefined, of: Readonly<Record<string, number>>, filtered: boolean }} props */
function Found({ total, of, filtered }) {
  if (total === undefined) return null
  const all = Object.values(of).reduce((sum, n) => sum + n, 0)
  const words = filtered
    ? `${total.toLocaleString('en')} of ${all.toLocaleString('en')} match`
    : `${total.toLocaleString('en')} in the queue`
  return html`<p class="muted" role="status">${words}</p>`
}

/** @param {Item} item */
function cellsOf({ job, since, state, template, label, words }) {
  return [
    html`<${JobName} job=${job} />`,
    html`<${Age} since=${since} />`,
    html`<${Pill} info=${infoOf(ITEM_STATES, state)} />`,
    template === undefined
      ? html`<span class="clamp muted" title=${label}>${label === undefined ? '–' : `label ${label}`}</span>`
      : html`<span class="clamp" title=${template}>${template}</span>`,
    html`<span class="clamp" title=${words}>${words}</span>`,
  ]
}

/** @param {Readonly<Record<string, number>>} counts */
function stateChoices(counts) {
  const known = Object.keys(ITEM_STATES)
  const others = Object.keys(counts).filter((state) => !known.includes(state))
  return [...known, ...others].map((state) => {
    const { words, means } = infoOf(ITEM_STATES, state)
    return { value: state, words, count: counts[state] ?? 0, title: means }
  })
}

/** @param {readonly TemplateView[] | undefined} templates */
function templateChoices(templates = []) {
  return templates.map(({ template, demand }) => ({
    value: template,
    words: demand === 0 ? template : `${template} (${demand.toLocaleString('en')} wait)`,
  }))
}

/** @param {{ itemId: string, closeTo: string, summary: import('../lib/live.js').SummaryView }} props */
function ItemPanel({ itemId, closeTo, summary }) {
  const got =
    /** @type {ReturnType<typeof useGet<import('../../../../src/core/explain-types.ts').ItemDetails & { held?: string }>>} */ (
      useGet(`queue/${encodeURIComponent(itemId)}`)
    )
  const title = got.value?.job ?? `Item ${itemId}`
  return html`<${Panel} id=${itemId} title=${title} closeTo=${closeTo}><${ItemDetails} got=${got} summary=${summary} /></${Panel}>`
}
