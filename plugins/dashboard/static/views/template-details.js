import { amount, cpus, duration, memory } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Facts, Labels, Pending, Until } from '../lib/parts.js'
import { html } from '../vendor/preact.js'
import { HostsReport } from './hosts-report.js'

/**
 * @typedef {import('../../../../src/loop/view-types.ts').TemplateView & Partial<import('../../../../src/core/explain-types.ts').TemplateReport> & { held?: string }} Template
 * @typedef {import('../../../../src/core/sizing-advice.ts').SizingView} Sizing
 */

/** @param {{ got: { value: Template | undefined, error: Error | undefined } }} props */
export function TemplateDetails({ got }) {
  const { value: template, error } = got
  if (template === undefined) return html`<${Pending} error=${error} />`
  const {
    words,
    labels,
    role,
    wanted,
    failures,
    backedOffUntil,
    paused,
    scheduled,
    minIdle,
    idleTimeoutMs,
    findings = [],
  } = template
  return html`
    <div class="answer"><p class="answer-words">${words}</p></div>
    ${paused && html`<p class="notice warn"><${Icon} tone="warn" /> An operator paused it: no agent is started for it. Agents that are there go on.</p>`}
    ${failures > 0 && html`<p class="notice bad"><${Icon} tone="bad" /> ${failures === 1 ? 'The last launch failed' : `The last ${failures} launches failed`}. ${backedOffUntil !== undefined && html`The next try is in <${Until} at=${backedOffUntil} past="a moment" />.`}</p>`}
    ${findings.length > 0 && html`<section><h3>What one should know</h3><ul class="rows">${findings.map((finding) => html`<li key=${finding}><${Icon} tone="warn" /><div>${finding}</div></li>`)}</ul></section>`}
    <${Facts} rows=${[
      ['Labels', html`<${Labels} labels=${labels} />`],
      ['Role', html`<code>${role}</code>`],
      template.needs !== undefined && ['An agent needs', template.needs],
      ['Agents', `${template.agents} of at most ${template.maxAgents}${wanted > 0 ? `, ${wanted} more wanted` : ''}`],
      template.maxCpus !== undefined && [
        'CPUs at most',
        `${amount(template.givenCpus)} of ${amount(template.maxCpus)} given`,
      ],
      template.maxMemMib !== undefined && [
        'Memory at most',
        `${memory(template.givenMemMib)} of ${memory(template.maxMemMib)} given`,
      ],
      minIdle !== undefined && [
        'Warm pool',
        minIdle === 0
          ? 'none'
          : `${minIdle} idle executors${scheduled === undefined ? '' : `, by schedule ${scheduled}`}`,
      ],
      ['Idle agents go', idleTimeoutMs === undefined ? 'never by time' : `after ${duration(idleTimeoutMs)}`],
      template.fitNow !== undefined && [
        'Room',
        `for ${amount(template.fitNow)} more now; for ${amount(template.fitAtMost ?? 0)} if no other agent of ours ran; ${amount(template.possibleHosts ?? 0)} hosts can run it some day`,
      ],
    ]} />
    ${template.sizing && html`<${SizingBox} sizing=${template.sizing} />`}
    ${template.hosts && html`<${HostsReport} hosts=${template.hosts} />`}`
}

/** @param {{ sizing: Sizing }} props */
function SizingBox({ sizing: { advice, cpus: cpu, memMib } }) {
  return html`<section><h3>Right size of an executor</h3>
    <p>${advice ?? 'Not enough agents were measured yet for advice.'}</p>
    <table class="plain-table"><caption class="visually-hidden">What an executor asked for and used</caption>
      <thead><tr><td></td><th scope="col">Asked</th><th scope="col">Half used</th><th scope="col">95 %</th><th scope="col">Most</th></tr></thead>
      <tbody>
        <${UseRow} name="CPU" use=${cpu} show=${(/** @type {number | undefined} */ value) => cpus(value)} />
        <${UseRow} name="Memory" use=${memMib} show=${memory} />
      </tbody></table></section>`
}

/** @param {{ name: string, use: import('../../../../src/core/sizing-advice.ts').UseView, show: (value: number | undefined) => string }} props */
function UseRow({ name, use: { asked, agents, measured }, show }) {
  return html`<tr><th scope="row" title=${`${measured} agents were measured`}>${name}</th><td>${show(asked)}</td><td>${show(agents?.p50)}</td><td>${show(agents?.p95)}</td><td>${show(agents?.max)}</td></tr>`
}
