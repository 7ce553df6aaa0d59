import { cpus, memory } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { Age, At, Facts, Meter, Pending, Pill, Until } from '../lib/parts.js'
import { linkTo } from '../lib/router.js'
import { AGENT_STATES, infoOf } from '../lib/states.js'
import { AgentActions } from '../slots.js'
import { html } from '../vendor/preact.js'

/** @typedef {import('../../../../src/loop/view-types.ts').AgentView & Partial<import('../../../../src/core/explain-types.ts').AgentExplanation> & { held?: string }} Agent */

/** @param {{ got: { value: Agent | undefined, error: Error | undefined }, summary: import('../lib/live.js').SummaryView }} props */
export function AgentDetails({ got, summary }) {
  const { value: agent, error } = got
  if (agent === undefined) return html`<${Pending} error=${error} />`
  const {
    agentId,
    template,
    state,
    since,
    createdAt,
    hostname,
    builds,
    offlineBy,
    idleSince,
    goesAt,
    usage,
    taskState,
  } = agent
  const info = infoOf(AGENT_STATES, state)
  // names of builds may be display names: its node's page has the link to each
  const node = `${summary.jenkins.url.replace(/\/*$/, '/')}computer/${encodeURIComponent(agentId)}/`
  return html`
    ${error && html`<p class="notice warn" role="status">${error.message}</p>`}
    <div class=${`answer tone-border-${info.tone}`}>
      <p class="answer-state"><${Pill} info=${info} /> <span>for <${Age} since=${since} /></span></p>
      <p class="answer-words">${agent.words ?? agent.reason}</p>
      <p class="muted small">${info.means}</p>
    </div>
    ${offlineBy !== undefined && html`<p class="notice warn"><${Icon} tone="warn" /> Taken offline in Jenkins: ${offlineBy}. Only whoever did it takes it back.</p>`}
    <div class="actions"><${AgentActions} agent=${agent} /></div>
    <${Facts} rows=${[
      [
        'Runs now',
        builds.length === 0
          ? 'no build'
          : html`<ul class="plain">${builds.map((build) => html`<li key=${build}><a href=${node} rel="noreferrer noopener" target="_blank">${build}</a></li>`)}</ul>`,
      ],
      idleSince !== undefined && ['Idle for', html`<${Age} since=${idleSince} />`],
      goesAt !== undefined && ['Goes', html`in <${Until} at=${goesAt} past="a moment" />, if no build comes`],
      [
        'Provisioned',
        html`<${At} at=${createdAt} />, <${Age} since=${createdAt} /> ago: ${agent.provisioned ?? agent.reason}`,
      ],
      ['Template', html`<a href=${linkTo('templates', { template })}>${template}</a>`],
      hostname !== undefined && ['Host', html`<a href=${linkTo('hosts', { host: hostname })}>${hostname}</a>`],
      ['Executors', String(agent.executors)],
      taskState !== undefined && ['Task', html`<code>${taskState}</code>`],
      ['In Jenkins', html`<a href=${node} rel="noreferrer noopener" target="_blank">its node</a>`],
    ]} />
    <div class="meters">
      <${Meter} label="CPU" used=${agent.usedCpus} given=${agent.cpus} show=${cpus} />
      <${Meter} label="Memory" used=${usage?.memRssBytes === undefined ? undefined : usage.memRssBytes / 1024 / 1024} given=${agent.memMib} show=${memory} tight=${true} />
    </div>`
}
