import { useGet } from '../lib/fetched.js'
import { count, cpus, memory } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Age, Meter, Stack } from '../lib/parts.js'
import { linkTo } from '../lib/router.js'
import { AGENT_STATES, ITEM_STATES, infoOf, waitsOf } from '../lib/states.js'
import { SmallTimeline } from '../slots.js'
import { html, useState } from '../vendor/preact.js'
import { HealthLine } from './health.js'
import { TemplateFlags } from './templates.js'
import { WhyBox } from './why-box.js'

/**
 * @typedef {import('../lib/live.js').SummaryView} Summary
 * @typedef {import('../../../../src/loop/view-types.ts').TemplateView} Template
 */

/** All on one page: is it well, what waits and why, and what is there for it. @param {import('../views.js').ViewProps} props */
export function Overview({ summary }) {
  const templates = /** @type {{ value: { items: readonly Template[] } | undefined, error: Error | undefined }} */ (
    useGet('templates')
  )
  return html`
    <h1 class="visually-hidden">Overview</h1>
    <${HealthLine} summary=${summary} />
    <${WhyBox} summary=${summary} templates=${templates.value?.items ?? []} />
    <${Problems} problems=${summary.problems} />
    <section class="tiles" aria-label="In numbers"><${WaitingTile} summary=${summary} /><${AgentsTile} summary=${summary} /><${ExecutorsTile} summary=${summary} /><${UseTile} summary=${summary} /></section>
    <div class="columns">
      <section class="box" aria-labelledby="templates-title"><div class="box-head"><h2 id="templates-title">Templates</h2><a href=${linkTo('templates')}>All about them</a></div>
        ${templates.value === undefined ? html`<p class="loading">${templates.error?.message ?? 'Loading…'}</p>` : html`<${ShortTemplates} templates=${templates.value.items} />`}</section>
      <section class="box" aria-labelledby="timeline-title"><div class="box-head"><h2 id="timeline-title">The last hour</h2><a href=${linkTo('timeline')}>More</a></div><${SmallTimeline} /></section>
    </div>`
}

const MOST_PROBLEMS = 5

/** @param {{ problems: readonly string[] }} props */
function Problems({ problems }) {
  const [all, setAll] = useState(false)
  if (problems.length === 0) return null
  const shown = all ? problems : problems.slice(0, MOST_PROBLEMS)
  return html`<section class="box problems" aria-labelledby="problems-title" data-testid="problems">
    <div class="box-head"><h2 id="problems-title">${problems.length === 1 ? 'This needs a look' : `${problems.length} things need a look`}</h2></div>
    <ul class="rows">${shown.map((problem) => html`<li key=${problem}><${Icon} tone="warn" /><div>${problem}</div></li>`)}</ul>
    ${problems.length > MOST_PROBLEMS && html`<button type="button" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? 'Show fewer' : `Show all ${problems.length}`}</button>`}
  </section>`
}

/** @param {{ summary: Summary }} props */
function WaitingTile({ summary: { queue, waitingSince } }) {
  const { waiting, stuck, others } = waitsOf(queue)
  const states = Object.keys(ITEM_STATES).filter((state) => state !== 'not_demand' && (queue[state] ?? 0) > 0)
  return html`<div class="tile" data-testid="tile-waiting"><h2>Builds that wait</h2>
    <p class="tile-number"><a href=${linkTo('queue')}>${waiting.toLocaleString('en')}</a></p>
    <p>${waitingSince === undefined ? (waiting === 0 ? 'None waits for an agent.' : 'None of them waits for an agent that a template gives.') : html`The longest for <b><${Age} since=${waitingSince} /></b>.`}
      ${stuck > 0 && html` <a class="tone-bad" href=${linkTo('queue', { state: ['unserved', 'vetoed', 'not_understood'] })}><${Icon} tone="bad" /> ${stuck.toLocaleString('en')} in vain</a>`}</p>
    <ul class="legend">${states.map((state) => {
      const { words, tone } = infoOf(ITEM_STATES, state)
      return html`<li key=${state}><a href=${linkTo('queue', { state })}><${Icon} tone=${tone} />${(queue[state] ?? 0).toLocaleString('en')} ${lower(words)}</a></li>`
    })}</ul>
    ${others > 0 && html`<p class="muted small">${others.toLocaleString('en')} more in the queue need no agent now.</p>`}
  </div>`
}

/** @type {Readonly<Record<string, string>>} */
const AGENT_SERIES = {
  online: '2',
  starting: '3',
  planned: '4',
  disconnected: '5',
  unreachable: 'bad',
  draining: '6',
  stopping: '7',
}

/** @param {{ summary: Summary }} props */
function AgentsTile({ summary: { agents, caps } }) {
  const total = Object.values(agents).reduce((sum, n) => sum + n, 0)
  const parts = Object.keys(AGENT_STATES).map((state) => ({
    name: lower(infoOf(AGENT_STATES, state).words),
    value: agents[state] ?? 0,
    series: AGENT_SERIES[state] ?? '6',
    href: linkTo('agents', { state }),
  }))
  return html`<div class="tile" data-testid="tile-agents"><h2>Agents</h2>
    <p class="tile-number"><a href=${linkTo('agents')}>${total.toLocaleString('en')}</a> <span class="muted">of at most ${caps.maxAgents.toLocaleString('en')}</span></p>
    ${total === 0 ? html`<p class="muted">None. They are provisioned when builds wait.</p>` : html`<${Stack} parts=${parts} total=${Math.max(total, caps.maxAgents)} />`}
  </div>`
}

/** @param {{ summary: Summary }} props */
function ExecutorsTile({ summary: { executors } }) {
  const { busy, idle, starting } = executors
  return html`<div class="tile" data-testid="tile-executors"><h2>Executors</h2>
    <p class="tile-number">${busy.toLocaleString('en')} <span class="muted">of ${(busy + idle).toLocaleString('en')} busy</span></p>
    ${
      busy + idle + starting === 0
        ? html`<p class="muted">None yet.</p>`
        : html`<${Stack} parts=${[
            { name: 'busy', value: busy, series: '1' },
            { name: 'idle', value: idle, series: '2' },
            { name: 'starting', value: starting, series: '3' },
          ]} />`
    }
  </div>`
}

/** @param {{ summary: Summary }} props */
function UseTile({ summary }) {
  const { givenCpus, usedCpus, givenMemMib, usedMemMib, caps, hosts } = summary
  const limits = [
    caps.maxCpus !== undefined && cpus(caps.maxCpus),
    caps.maxMemMib !== undefined && memory(caps.maxMemMib),
  ].filter((one) => one !== false)
  return html`<div class="tile" data-testid="tile-use"><h2>CPU and memory, used of given</h2>
    <div class="meters"><${Meter} label="CPU" used=${usedCpus} given=${givenCpus} show=${cpus} usedWords="" /><${Meter} label="Memory" used=${usedMemMib} given=${givenMemMib} show=${memory} usedWords="" /></div>
    <p class="muted small">On <a href=${linkTo('hosts')}>${count(hosts, 'host')}</a>${limits.length > 0 && html`; at most ${limits.join(' and ')} may be given`}.</p>
  </div>`
}

/** @param {{ templates: readonly Template[] }} props */
function ShortTemplates({ templates }) {
  if (templates.length === 0) return html`<p class="muted">There is no template: nothing can be provisioned.</p>`
  return html`<ul class="short-templates">${templates.map((template) => {
    const {
      template: name,
      demand,
      agents,
      maxAgents,
      busyExecutors,
      idleExecutors,
      startingExecutors,
      words,
    } = template
    return html`<li key=${name}>
      <div class="short-head"><a class="strong" href=${linkTo('templates', { template: name })}>${name}</a> <${TemplateFlags} template=${template} /></div>
      <div class="short-numbers"><span><b>${demand.toLocaleString('en')}</b> waiting</span> <span><b>${agents.toLocaleString('en')}</b> of ${maxAgents.toLocaleString('en')} agents</span> <span><b>${busyExecutors.toLocaleString('en')}</b> busy, <b>${idleExecutors.toLocaleString('en')}</b> idle, <b>${startingExecutors.toLocaleString('en')}</b> starting</span></div>
      <div class="muted clamp" title=${words}>${words}</div>
    </li>`
  })}</ul>`
}

/** @param {string} words */
function lower(words) {
  return words.charAt(0).toLowerCase() + words.slice(1)
}
