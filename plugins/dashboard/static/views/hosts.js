import { query } from '../lib/api.js'
import { useGet } from '../lib/fetched.js'
import { SearchBox } from '../lib/filters.js'
import { count, cpus, memory } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { navigate } from '../lib/navigate.js'
import { usePaged } from '../lib/paged.js'
import { Age, At, Facts, Meter, Panel, Pending, Until } from '../lib/parts.js'
import { linkTo, linkWith } from '../lib/router.js'
import { VirtualList } from '../lib/virtual-list.js'
import { html } from '../vendor/preact.js'

/** @typedef {import('../../../../src/loop/view-types.ts').HostDetails & { held?: string }} Host */

const COLUMNS = [
  { name: 'host', title: 'Host' },
  { name: 'agents', title: 'Our agents' },
  { name: 'free', title: 'Free, as last offered' },
  { name: 'given', title: 'Given to our agents' },
  { name: 'used', title: 'Used by them' },
  { name: 'words', title: 'Takes no further agent because' },
]

/** Machines of the cluster: what is free, offered and used by us, and why they take no more. @param {import('../views.js').ViewProps} props */
export function Hosts({ route, summary }) {
  const q = route.params.get('q') ?? ''
  const list = usePaged(`hosts${query({ q })}`)
  const open = route.params.get('host') ?? undefined
  return html`
    <div class="view-head"><h1>Hosts</h1>${list.total !== undefined && html`<p class="muted" role="status">${q === '' ? `${list.total.toLocaleString('en')} that run our agents or have offered` : `${list.total.toLocaleString('en')} of ${summary.hosts.toLocaleString('en')} match`}</p>`}</div>
    <div class="filters"><${SearchBox} route=${route} label="Search hosts" placeholder="Name or attribute" />${q !== '' && html`<a class="clear" href="#/hosts">Clear</a>`}</div>
    <div class=${open === undefined ? 'with-panel' : 'with-panel is-open'}>
      <div class="with-panel-main">
        <${VirtualList} name="hosts" label="Hosts" columns=${COLUMNS} list=${list} cells=${cellsOf} idOf=${(/** @type {Host} */ { hostname }) => hostname}
          open=${open} rowRem=${3.25} narrowRowRem=${8} onOpen=${(/** @type {Host} */ { hostname }) => navigate(linkWith(route, { host: hostname }))}
          empty=${
            q !== ''
              ? html`<strong>No host matches.</strong>Hosts are known once they have offered something since the subscription began.`
              : summary.mesos.subscribed
                ? html`<strong>No host is known yet.</strong>None runs an agent, and none has offered anything. Offers are asked for when a build waits.`
                : html`<strong>Not subscribed to Mesos.</strong>${summary.mesos.why ?? 'No reason is known.'}`
          } />
      </div>
      ${open !== undefined && html`<${HostPanel} key=${open} hostname=${open} closeTo=${linkWith(route, { host: undefined })} />`}
    </div>`
}

/** @param {Host} host */
function cellsOf(host) {
  const { hostname, agents, givenCpus, givenMemMib, usedCpus, usedMemMib, freeCpus, freeMemMib } = host
  const words = host.refusals.map(({ template, words }) => `${template}: ${words.join('; ')}`).join(' · ')
  return [
    html`<span class="clamp strong" title=${hostname}>${hostname}</span>`,
    html`<span class=${agents === 0 ? 'muted' : ''}>${count(agents, 'agent')}</span>`,
    both(freeCpus, freeMemMib),
    agents === 0 ? html`<span class="muted">–</span>` : both(givenCpus, givenMemMib),
    agents === 0 ? html`<span class="muted">–</span>` : both(usedCpus, usedMemMib),
    html`<span class="host-words">${flags(host)}<span class="clamp-1" title=${words}>${words === '' ? html`<span class="muted">nothing stands in the way</span>` : words}</span></span>`,
  ]
}

/**
 * @param {number | undefined} cpu
 * @param {number | undefined} mem
 */
function both(cpu, mem) {
  if (cpu === undefined && mem === undefined) return html`<span class="muted">not known</span>`
  return html`<span class="pair"><span class="nowrap">${cpus(cpu)}</span> <span class="nowrap">${memory(mem)}</span></span>`
}

/** @param {Host} host */
function flags({ avoidedUntil, maintenanceAt, offeredCpus, offeredMemMib }) {
  return html`<span class="flags">
    ${avoidedUntil !== undefined && html`<span class="tone-warn"><${Icon} tone="warn" /> avoided for <${Until} at=${avoidedUntil} /></span>`}
    ${maintenanceAt !== undefined && html`<span class="tone-warn"><${Icon} tone="warn" /> maintenance in <${Until} at=${maintenanceAt} /></span>`}
    ${(offeredCpus > 0 || offeredMemMib > 0) && html`<span class="tone-ok"><${Icon} tone="ok" /> offers now</span>`}
  </span>`
}

/** @param {{ hostname: string, closeTo: string }} props */
function HostPanel({ hostname, closeTo }) {
  const got = /** @type {{ value: Host | undefined, error: Error | undefined }} */ (
    useGet(`hosts/${encodeURIComponent(hostname)}`)
  )
  return html`<${Panel} id=${hostname} title=${hostname} closeTo=${closeTo}>
    ${got.value === undefined ? html`<${Pending} error=${got.error} />` : html`<${Details} host=${got.value} />`}</${Panel}>`
}

/** @param {{ host: Host }} props */
function Details({ host }) {
  const { hostname, agents, avoidedUntil, maintenanceAt, seenAt, attributes, refusals } = host
  const offers = host.offeredCpus > 0 || host.offeredMemMib > 0
  return html`
    ${avoidedUntil !== undefined && html`<p class="notice warn"><${Icon} tone="warn" /> Avoided for <${Until} at=${avoidedUntil} />: launches on it failed.</p>`}
    ${maintenanceAt !== undefined && html`<p class="notice warn"><${Icon} tone="warn" /> Operators take it away at <${At} at=${maintenanceAt} />, in <${Until} at=${maintenanceAt} />.</p>`}
    <${Facts} rows=${[
      [
        'Our agents',
        agents === 0 ? 'none' : html`<a href=${linkTo('agents', { host: hostname })}>${count(agents, 'agent')}</a>`,
      ],
      ['Offered now', offers ? `${cpus(host.offeredCpus)}, ${memory(host.offeredMemMib)}` : 'nothing'],
      [
        'Free',
        host.freeCpus === undefined
          ? 'not known: nothing was offered yet'
          : `${cpus(host.freeCpus)}, ${memory(host.freeMemMib)}, as last offered`,
      ],
      seenAt !== undefined && ['Offered last', html`<${Age} since=${seenAt} /> ago`],
    ]} />
    ${
      agents > 0 &&
      html`<div class="meters">
      <${Meter} label="CPU" used=${host.usedCpus} given=${host.givenCpus} show=${cpus} />
      <${Meter} label="Memory" used=${host.usedMemMib} given=${host.givenMemMib} show=${memory} />
    </div>`
    }
    <section><h3>Why it takes no further agent</h3>
      ${refusals.length === 0 && html`<p class="muted">Nothing stands in the way, as far as its last offer tells.</p>`}
      <ul class="rows">${refusals.map(({ template, words }) => html`<li key=${template}><${Icon} tone="off" /><div><a href=${linkTo('templates', { template })}>${template}</a>${words.map((one) => html`<div key=${one}>${one}</div>`)}</div></li>`)}</ul>
    </section>
    ${
      attributes !== undefined &&
      Object.keys(attributes).length > 0 &&
      html`<section><h3>Attributes</h3><${Facts} rows=${Object.entries(attributes).map(([name, value]) => /** @type {const} */ ([name, html`<code>${value}</code>`]))} /></section>`
    }`
}
