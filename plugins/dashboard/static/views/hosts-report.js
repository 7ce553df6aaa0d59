import { amount, count } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Age } from '../lib/parts.js'
import { linkTo } from '../lib/router.js'
import { html } from '../vendor/preact.js'

/**
 * Why hosts take no agent of a template.
 * @param {{ hosts: import('../../../../src/core/explain-types.ts').HostsReport }} props
 */
export function HostsReport({ hosts: { role, known, offering, fitting, nearest, others } }) {
  return html`<section>
    <h3>Hosts</h3>
    <p>${count(known, 'host')} known to role <code>${role}</code>, ${offering.toLocaleString('en')} with an offer now, ${fitting.toLocaleString('en')} with room for one more agent.</p>
    ${known === 0 && html`<p class="muted">No host has offered anything to this role yet: is it in the quota of the master, and does anybody else take all?</p>`}
    ${nearest.length > 0 && html`<h3>The nearest, and what stands in the way</h3>`}
    <ul class="rows">${nearest.map(
      ({ hostname, offering: offers, seenAt, refusals, short }) => html`<li key=${hostname}>
        <${Icon} tone=${offers ? 'warn' : 'off'} /><div>
          <a href=${linkTo('hosts', { host: hostname })}>${hostname}</a> <span class="muted">${offers ? 'offers now' : html`offered last <${Age} since=${seenAt} /> ago`}</span>
          ${refusals.map(({ stage, words, passing }) => html`<div key=${stage}>${words}${passing && html` <span class="muted">(passes by itself)</span>`}</div>`)}
          ${short.length > 0 && html`<div class="muted">${short.map(({ name, needs, has }) => `${name}: needs ${amount(needs)}, has ${amount(has)}`).join(' · ')}</div>`}
        </div></li>`,
    )}</ul>
    ${
      Object.keys(others).length > 0 &&
      html`<p class="muted">Others refuse it by ${Object.entries(others)
        .map(([stage, n]) => `${stage} (${n.toLocaleString('en')})`)
        .join(', ')}.</p>`
    }
  </section>`
}
