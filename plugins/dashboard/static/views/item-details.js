import { amount, count } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Age, Facts, Pending, Pill, Until } from '../lib/parts.js'
import { linkTo } from '../lib/router.js'
import { AGENT_STATES, ITEM_STATES, infoOf } from '../lib/states.js'
import { html } from '../vendor/preact.js'
import { HostsReport } from './hosts-report.js'

/**
 * @typedef {import('../../../../src/core/explain-types.ts').ItemDetails} Details
 * @typedef {import('../../../../src/core/explain-types.ts').WishExplanation} Wish
 * @typedef {import('../../../../src/core/explain-types.ts').Standing} Standing
 */

/**
 * Why this build waits: first the sentence, then what stands behind it.
 * @param {{ got: { value: (Details & { held?: string }) | undefined, error: Error | undefined }, summary: import('../lib/live.js').SummaryView }} props
 */
export function ItemDetails({ got, summary }) {
  const { value: item, error } = got
  if (item === undefined) return html`<${Pending} error=${error} />`
  const { itemId, state, since, template, label, words, standing, candidates, hosts, held } = item
  const info = infoOf(ITEM_STATES, state)
  return html`
    ${error && html`<p class="notice warn" role="status">${error.message}</p>`}
    <div class=${`answer tone-border-${info.tone}`}>
      <p class="answer-state"><${Pill} info=${info} /> ${since !== undefined && html`<span>waits for <${Age} since=${since} /></span>`}</p>
      <p class="answer-words" data-testid="why">${words}</p>
      <p class="muted small">${info.means}</p>
    </div>
    ${held !== undefined && html`<p class="notice warn"><${Icon} tone="warn" /> At the moment: ${held}.</p>`}
    <${Facts} rows=${[
      ...standingRows(standing),
      template !== undefined && ['Template', html`<a href=${linkTo('templates', { template })}>${template}</a>`],
      ['Asks for', label === undefined ? wishWords(item.wish) : html`<code class="chip">${label}</code>`],
      [
        'In Jenkins',
        html`item ${itemId} · <a href=${jenkinsJob(summary.jenkins.url, item.job)} rel="noreferrer noopener" target="_blank">${item.job}</a>`,
      ],
    ]} />
    ${candidates && html`<${Candidates} wish=${candidates} />`}
    ${hosts && html`<${HostsReport} hosts=${hosts} />`}`
}

/**
 * @param {Standing} standing
 * @returns {readonly (readonly [string, import('../vendor/preact.js').Child])[]}
 */
function standingRows({ cap, until, agent, node }) {
  /** @type {(readonly [string, import('../vendor/preact.js').Child])[]} */
  const rows = []
  if (cap !== undefined)
    rows.push(['Cap', `${capWords(cap.scope)}: ${amount(cap.used)} of ${amount(cap.limit)} in use`])
  if (until !== undefined) rows.push(['Next try', html`in <${Until} at=${until} />`])
  if (agent !== undefined) {
    const { agentId, state, since, hostname } = agent
    rows.push([
      'Agent',
      html`<a href=${linkTo('agents', { agent: agentId })}>${agentId}</a> <${Pill} info=${infoOf(AGENT_STATES, state)} /> for <${Age} since=${since} />
        ${hostname !== undefined && html` on <a href=${linkTo('hosts', { host: hostname })}>${hostname}</a>`}`,
    ])
  }
  if (node !== undefined && node !== agent?.agentId) rows.push(['Node', node])
  return rows
}

/** @param {string} scope */
function capWords(scope) {
  return CAPS[scope] ?? scope
}

/** @type {Readonly<Record<string, string>>} */
const CAPS = {
  template: 'agents of this template',
  template_cpus: 'CPUs of this template',
  template_mem: 'MiB of memory of this template',
  agents: 'agents of all templates',
  cpus: 'CPUs of all agents',
  mem: 'MiB of memory of all agents',
}

/** @param {string} wish */
function wishWords(wish) {
  return wish === 'label' ? 'a label that is not known' : wish.replaceAll('_', ' ')
}

/** @param {{ wish: Wish }} props */
function Candidates({ wish: { candidates, more, missing } }) {
  return html`<section>
    <h3>Templates that could serve it</h3>
    ${candidates.length === 0 && html`<p class="muted">None.</p>`}
    <ul class="rows">${candidates.map(({ template, outcome, words }) => {
      const { tone, says } = OUTCOMES[outcome] ?? { tone: 'off', says: outcome }
      return html`<li key=${template}><${Icon} tone=${tone} /><div><a href=${linkTo('templates', { template })}>${template}</a> <span class="muted">${says}</span><div>${words}</div></div></li>`
    })}</ul>
    ${more > 0 && html`<p class="muted">${count(more, 'other template')} beside these.</p>`}
    ${missing.map(
      ({
        label,
        near,
      }) => html`<p class="notice bad" key=${label}><${Icon} tone="bad" /> No template has the label <code class="chip">${label}</code>.
        ${near.length > 0 && html` Near it: ${near.map((one) => html`<code class="chip">${one}</code> `)}`}</p>`,
    )}
  </section>`
}

/** @type {Readonly<Record<string, { readonly tone: import('../lib/icons.js').Tone, readonly says: string }>>} */
const OUTCOMES = {
  serves: { tone: 'ok', says: 'serves it' },
  not_needed: { tone: 'off', says: 'not needed' },
  labels: { tone: 'off', says: 'other labels' },
  mode: { tone: 'off', says: 'exclusive' },
  capped: { tone: 'warn', says: 'cap reached' },
  backed_off: { tone: 'bad', says: 'backed off' },
  paused: { tone: 'warn', says: 'paused' },
  rate_limited: { tone: 'info', says: 'next in line' },
}

/**
 * A job's page in Jenkins: `folder/app` is `job/folder/job/app`.
 * @param {string} url of Jenkins
 * @param {string} job its full name
 */
function jenkinsJob(url, job) {
  const path = job
    .split('/')
    .map((part) => `job/${encodeURIComponent(part)}`)
    .join('/')
  return `${url.replace(/\/*$/, '/')}${path}/`
}
