import { useGet } from '../lib/fetched.js'
import { count, cpus, memory } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Labels, Meter, Panel, Pending, Stack, Until } from '../lib/parts.js'
import { linkTo, linkWith } from '../lib/router.js'
import { TemplateActions } from '../slots.js'
import { html } from '../vendor/preact.js'
import { TemplateDetails } from './template-details.js'

/** @typedef {import('../../../../src/loop/view-types.ts').TemplateView} Template */

/** Recipes for agents: what they are asked for, what they have, and what stands in the way. @param {import('../views.js').ViewProps} props */
export function Templates({ route }) {
  const got = /** @type {{ value: { items: readonly Template[] } | undefined, error: Error | undefined }} */ (
    useGet('templates')
  )
  const open = route.params.get('template') ?? undefined
  if (got.value === undefined) return html`<h1>Templates</h1><${Pending} error=${got.error} />`
  const { items } = got.value
  return html`
    <div class="view-head"><h1>Templates</h1><p class="muted">${count(items.length, 'template')}</p></div>
    ${got.error && html`<p class="notice bad" role="alert">${got.error.message} What is shown is older.</p>`}
    ${items.length === 0 && html`<div class="empty"><strong>There is no template.</strong>Nothing can be provisioned: set TEMPLATES_FILE or AGENT_LABELS.</div>`}
    <div class=${open === undefined ? 'with-panel' : 'with-panel is-open'}>
      <div class="with-panel-main"><ul class="cards" aria-label="Templates">${items.map((template) => html`<${Card} key=${template.template} template=${template} route=${route} open=${open === template.template} />`)}</ul></div>
      ${open !== undefined && html`<${TemplatePanel} key=${open} name=${open} closeTo=${linkWith(route, { template: undefined })} />`}
    </div>`
}

/** @param {{ template: Template, route: import('../lib/router.js').Route, open: boolean }} props */
function Card({ template, route, open }) {
  const {
    template: name,
    labels,
    demand,
    busyExecutors,
    idleExecutors,
    startingExecutors,
    agents,
    maxAgents,
    words,
  } = template
  return html`<li class=${`card${open ? ' is-open' : ''}`} data-testid=${`template-${name}`}>
    <div class="card-head">
      <h2><a href=${linkWith(route, { template: name })} aria-expanded=${open}>${name}</a></h2>
      <${TemplateFlags} template=${template} />
    </div>
    <p><${Labels} labels=${labels} /></p>
    <p class="card-words">${words}</p>
    <div class="numbers">
      <a class="number-box" href=${linkTo('queue', { template: name })}><b>${demand.toLocaleString('en')}</b> waiting</a>
      <a class="number-box" href=${linkTo('agents', { template: name })}><b>${agents.toLocaleString('en')}</b> ${agents === 1 ? 'agent' : 'agents'}</a>
    </div>
    <${Stack} parts=${[
      { name: 'busy', value: busyExecutors, series: '1' },
      { name: 'idle', value: idleExecutors, series: '2' },
      { name: 'starting', value: startingExecutors, series: '3' },
    ]} />
    <div class="meters">
      <${Meter} label="Agents" used=${agents} given=${maxAgents} show=${(/** @type {number | undefined} */ n) => String(n ?? '–')} usedWords="there" tight=${true} />
      <${Meter} label="CPU" used=${template.usedCpus} given=${template.givenCpus} show=${cpus} />
      <${Meter} label="Memory" used=${template.usedMemMib} given=${template.givenMemMib} show=${memory} tight=${true} />
    </div>
    <div class="actions"><${TemplateActions} template=${template} /></div>
  </li>`
}

/** What is out of the ordinary, each with an icon and words. @param {{ template: Template }} props */
export function TemplateFlags({ template }) {
  const { paused, failures, backedOffUntil, capped, minIdle, scheduled } = template
  return html`<span class="flags">
    ${paused && html`<span class="tone-warn"><${Icon} tone="warn" /> paused</span>`}
    ${failures > 0 && html`<span class="tone-bad"><${Icon} tone="bad" /> ${failures === 1 ? 'last launch failed' : `${failures} launches failed`}${backedOffUntil !== undefined && html`, next try in <${Until} at=${backedOffUntil} past="a moment" />`}</span>`}
    ${capped !== undefined && html`<span class="tone-warn"><${Icon} tone="warn" /> cap reached</span>`}
    ${minIdle !== undefined && minIdle > 0 && html`<span class="muted" title=${scheduled === undefined ? '' : `schedule ${scheduled}`}><${Icon} tone="info" /> keeps ${minIdle} idle${scheduled !== undefined && html` (${scheduled})`}</span>`}
  </span>`
}

/** @param {{ name: string, closeTo: string }} props */
function TemplatePanel({ name, closeTo }) {
  const got = useGet(`templates/${encodeURIComponent(name)}`)
  return html`<${Panel} id=${name} title=${name} closeTo=${closeTo}><${TemplateDetails} got=${got} /></${Panel}>`
}
