import { count } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Age } from '../lib/parts.js'
import { HealthActions } from '../slots.js'
import { html } from '../vendor/preact.js'

/**
 * @typedef {import('../lib/live.js').SummaryView} Summary
 * @typedef {import('../lib/icons.js').Tone} Tone
 */

/** @type {Readonly<Record<string, { readonly tone: Tone, readonly says: string }>>} */
const STATUS = {
  ok: { tone: 'ok', says: 'All is well' },
  standby: { tone: 'info', says: 'Standing by' },
  starting: { tone: 'info', says: 'Starting' },
  stalled: { tone: 'bad', says: 'No round ends' },
  disconnected: { tone: 'bad', says: 'Not subscribed to Mesos' },
  store: { tone: 'bad', says: 'The state cannot be stored' },
  standing_back: { tone: 'bad', says: 'Standing back' },
  other_jenkins: { tone: 'bad', says: 'Another Jenkins' },
}

/** Whether all is well, in one line of words, and the same of each part. @param {{ summary: Summary }} props */
export function HealthLine({ summary }) {
  const { health, round, brake, paused, dryRun, problems } = summary
  const { tone, says } = STATUS[health.status] ?? { tone: 'warn', says: health.status }
  const calm =
    health.status === 'ok' && problems.length > 0
      ? { tone: /** @type {const} */ ('warn'), says: 'It works, and something needs a look' }
      : { tone, says }
  return html`<section class="health" aria-label="Health">
    <p class=${`health-words tone-border-${calm.tone}`} role="status" data-testid="health" data-status=${health.status}><${Icon} tone=${calm.tone} /> <b>${calm.says}:</b> ${health.words}.</p>
    <dl class="parts">${partsOf(summary).map(
      ({ name, tone, words, more }) =>
        html`<div key=${name} class="part"><dt>${name}</dt><dd><${Icon} tone=${tone} /> <span>${words}</span>${more !== undefined && html`<div class="muted small">${more}</div>`}</dd></div>`,
    )}</dl>
    ${dryRun !== undefined && html`<p class="notice"><${Icon} tone="info" /> <b>Dry run:</b> ${dryRun}</p>`}
    ${paused.all && html`<p class="notice warn"><${Icon} tone="warn" /> <b>All templates are paused:</b> no agent is started until an operator resumes them.</p>`}
    ${
      brake !== undefined &&
      html`<div class="notice bad"><${Icon} tone="bad" /> <b>The brake is on:</b> ${brake.words}
      <details><summary>${count(brake.held.length, 'agent')} held</summary><ul class="plain">${brake.held.slice(0, 100).map(({ agentId, reason }) => html`<li key=${agentId}>${agentId}: ${reason}</li>`)}</ul></details></div>`
    }
    <${HealthActions} />
    ${round.held !== undefined && brake === undefined && html`<p class="notice warn"><${Icon} tone="warn" /> <b>Nothing is taken away:</b> ${round.held}</p>`}
  </section>`
}

/**
 * @param {Summary} summary
 * @returns {readonly { name: string, tone: Tone, words: unknown, more?: unknown }[]}
 */
function partsOf({ jenkins, mesos, leadership, storeError, round, health, startedAt, version }) {
  const standby = leadership.role === 'standby'
  return [
    {
      name: 'Jenkins',
      tone: jenkins.reachable ? 'ok' : standby ? 'off' : 'bad',
      words: jenkins.reachable
        ? `${count(jenkins.nodes, 'node')}, ${jenkins.queued.toLocaleString('en')} queued`
        : (jenkins.error ?? 'not read yet'),
      more: html`<a href=${jenkins.url} rel="noreferrer noopener" target="_blank">${jenkins.url}</a>${jenkins.version !== undefined && ` · ${jenkins.version}`}`,
    },
    {
      name: 'Mesos',
      tone: mesos.subscribed ? 'ok' : standby ? 'off' : 'bad',
      words: mesos.subscribed ? offers(mesos) : `not subscribed: ${mesos.why ?? 'no reason known'}`,
      more: [mesos.master, mesos.version, mesos.frameworkId].filter((one) => one !== undefined).join(' · '),
    },
    {
      name: 'Leader',
      tone: standby ? 'info' : 'ok',
      words: html`${leadership.role} for <${Age} since=${leadership.since} />`,
      more: leadership.why,
    },
    {
      name: 'Store',
      tone: storeError === undefined ? 'ok' : 'bad',
      words: storeError ?? 'writes',
      more: html`version ${version}, up <${Age} since=${startedAt} />`,
    },
    {
      name: 'Last round',
      tone: standby ? 'off' : health.status === 'stalled' ? 'bad' : round.lastAt === undefined ? 'info' : 'ok',
      words: round.lastAt === undefined ? 'none yet' : html`<${Age} since=${round.lastAt} /> ago`,
      more: round.number > 0 ? `number ${round.number.toLocaleString('en')}` : undefined,
    },
  ]
}

/** @param {Summary['mesos']} mesos */
function offers({ wantedRoles, offersHeld }) {
  const wanted = wantedRoles.length === 0 ? 'no offers wanted' : `offers wanted for ${wantedRoles.join(', ')}`
  return `subscribed, ${wanted}, ${offersHeld} held`
}
