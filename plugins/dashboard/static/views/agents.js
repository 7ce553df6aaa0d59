import { query } from '../lib/api.js'
import { useGet } from '../lib/fetched.js'
import { Choice, SearchBox, Toggles } from '../lib/filters.js'
import { cpus, memory, percent } from '../lib/format.js'
import { navigate } from '../lib/navigate.js'
import { usePaged } from '../lib/paged.js'
import { Age, LongName, Panel, Pill, Until } from '../lib/parts.js'
import { linkWith } from '../lib/router.js'
import { AGENT_STATES, infoOf } from '../lib/states.js'
import { VirtualList } from '../lib/virtual-list.js'
import { html } from '../vendor/preact.js'
import { AgentDetails } from './agent-details.js'

/** @typedef {import('../../../../src/loop/view-types.ts').AgentView} Agent */

const SORTS = [
  { value: 'oldest', words: 'Order: oldest first' },
  { value: 'newest', words: 'Order: newest first' },
  { value: 'goes', words: 'Order: next to go first' },
  { value: 'cpu', words: 'Order: most CPU first' },
  { value: 'memory', words: 'Order: most memory first' },
]

const COLUMNS = [
  { name: 'agent', title: 'Agent' },
  { name: 'state', title: 'State' },
  { name: 'runs', title: 'Runs now' },
  { name: 'host', title: 'Host' },
  { name: 'age', title: 'Age' },
  { name: 'use', title: 'CPU and memory used' },
  { name: 'words', title: 'Why it is there' },
]

/** Agents: what they do, and when they go. @param {import('../views.js').ViewProps} props */
export function Agents({ route, summary }) {
  const { params } = route
  const templates = useGet('templates')
  const filters = {
    state: params.getAll('state'),
    template: params.getAll('template'),
    host: params.getAll('host'),
    q: params.get('q') ?? '',
  }
  const list = usePaged(`agents${query({ ...filters, sort: params.get('sort') ?? undefined })}`)
  const open = params.get('agent') ?? undefined
  const filtered = Object.values(filters).some((value) => value.length > 0)
  const all = Object.values(summary.agents).reduce((sum, n) => sum + n, 0)
  return html`
    <div class="view-head"><h1>Agents</h1>${list.total !== undefined && html`<p class="muted" role="status">${filtered ? `${list.total.toLocaleString('en')} of ${all.toLocaleString('en')} match` : `${list.total.toLocaleString('en')} of at most ${summary.caps.maxAgents.toLocaleString('en')}`}</p>`}</div>
    <div class="filters">
      <${SearchBox} route=${route} label="Search agents" placeholder="Agent, host, build or words" />
      <${Choice} route=${route} name="template" label="Template" all="All templates"
        options=${(templates.value?.items ?? []).map((/** @type {{ template: string, agents: number }} */ { template, agents }) => ({ value: template, words: `${template} (${agents})` }))} />
      <${Choice} route=${route} name="sort" label="Order" all="Order: by template" options=${SORTS} />
      <${Toggles} route=${route} name="state" label="States" options=${stateChoices(summary.agents)} />
      ${params.getAll('host').map((host) => html`<button type="button" class="toggle" aria-pressed="true" key=${host} onClick=${() => navigate(linkWith(route, { host: [] }))} title="Show agents of all hosts">on ${host} ✕</button>`)}
      ${filtered && html`<a class="clear" href="#/agents">Clear</a>`}
    </div>
    <div class=${open === undefined ? 'with-panel' : 'with-panel is-open'}>
      <div class="with-panel-main">
        <${VirtualList} name="agents" label="Agents" columns=${COLUMNS} list=${list} cells=${cellsOf} idOf=${(/** @type {Agent} */ { agentId }) => agentId}
          open=${open} rowRem=${3.5} narrowRowRem=${8.25} onOpen=${(/** @type {Agent} */ { agentId }) => navigate(linkWith(route, { agent: agentId }))}
          empty=${
            filtered
              ? html`<strong>No agent matches.</strong>An agent that went is in the events.`
              : html`<strong>There are no agents.</strong>They are provisioned when builds wait.`
          } />
      </div>
      ${open !== undefined && html`<${AgentPanel} key=${open} agentId=${open} closeTo=${linkWith(route, { agent: undefined })} summary=${summary} />`}
    </div>`
}

/** @param {Readonly<Record<string, number>>} counts */
function stateChoices(counts) {
  return Object.entries(AGENT_STATES).map(([state, { words, means }]) => ({
    value: state,
    words,
    count: counts[state] ?? 0,
    title: means,
  }))
}

/** @param {Agent} agent */
function cellsOf(agent) {
  const { agentId, template, state, hostname, createdAt, builds, offlineBy } = agent
  return [
    html`<${LongName} name=${agentId} /><span class="muted small clamp-1" title=${template}>${template}</span>`,
    html`<${Pill} info=${infoOf(AGENT_STATES, state)} />${offlineBy !== undefined && html`<span class="small tone-warn clamp-1" title=${offlineBy}>offline: ${offlineBy}</span>`}`,
    builds.length > 0
      ? html`<span class="clamp" title=${builds.join(', ')}>${builds.join(', ')}</span>`
      : html`<span class="muted"><${Idle} agent=${agent} /></span>`,
    html`<span class="clamp" title=${hostname}>${hostname ?? '–'}</span>`,
    html`<${Age} since=${createdAt} />`,
    html`<${Use} agent=${agent} />`,
    html`<span class="clamp" title=${agent.words ?? agent.reason}>${agent.words ?? agent.reason}</span>`,
  ]
}

/** Idle for how long, and when it goes. @param {{ agent: Agent }} props */
function Idle({ agent: { idleSince, goesAt, state } }) {
  if (goesAt !== undefined && idleSince !== undefined)
    return html`idle <${Age} since=${idleSince} />, goes in <${Until} at=${goesAt} past="a moment" />`
  if (goesAt !== undefined) return html`goes in <${Until} at=${goesAt} past="a moment" />`
  if (idleSince !== undefined) return html`idle <${Age} since=${idleSince} />`
  return state === 'online' ? 'idle' : '–'
}

/** Both bars in little. @param {{ agent: Agent }} props */
function Use({ agent: { cpus: given, memMib, usedCpus, usage } }) {
  const rss = usage?.memRssBytes === undefined ? undefined : usage.memRssBytes / 1024 / 1024
  const title = `${cpus(usedCpus)} used of ${cpus(given)} given; ${memory(rss)} used of ${memory(memMib)} given`
  return html`<span class="use" title=${title}>
    <span class="bar" aria-hidden="true"><span class="fill-info" style=${{ width: `${Math.min(100, percent(usedCpus, given) ?? 0)}%` }}></span></span>
    <span>${usedCpus === undefined ? cpus(given) : `${usedCpus.toFixed(1)} / ${cpus(given)}`}</span>
    <span class="bar" aria-hidden="true"><span class="fill-mem" style=${{ width: `${Math.min(100, percent(rss, memMib) ?? 0)}%` }}></span></span>
    <span>${rss === undefined ? memory(memMib) : `${memory(rss)} / ${memory(memMib)}`}</span>
  </span>`
}

/** @param {{ agentId: string, closeTo: string, summary: import('../lib/live.js').SummaryView }} props */
function AgentPanel({ agentId, closeTo, summary }) {
  const got = useGet(`agents/${encodeURIComponent(agentId)}`)
  return html`<${Panel} id=${agentId} title=${agentId} closeTo=${closeTo}><${AgentDetails} got=${got} summary=${summary} /></${Panel}>`
}
