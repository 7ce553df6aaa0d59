import { html } from '../vendor/preact.js'
import { ask } from './actions.js'
import { live } from './live.js'
import { SignedIn } from './sign-in.js'
import { useStore } from './store.js'

/** @typedef {import('./questions.js').Asked} Asked */

/**
 * @param {object} props
 * @param {Asked} props.asked
 * @param {string} props.label
 * @param {string} [props.name] for screen readers, where the label alone does not say of what: "Drain agent x"
 * @param {boolean} [props.disabled]
 */
export function ActionButton({ asked, label, name, disabled = false }) {
  return html`<button type="button" class="action" aria-label=${name} aria-haspopup="dialog" disabled=${disabled}
    onClick=${() => ask(asked)}>${label}</button>`
}

/**
 * Buttons of a template.
 *
 * @param {{ readonly template: import('../../../../src/loop/view-types.ts').TemplateView }} props
 */
export function TemplateActions({ template: { template, paused, agents, maxAgents } }) {
  const { summary } = useStore(live)
  const allPaused = summary?.paused.all === true
  const allAgents = Object.values(summary?.agents ?? {}).reduce((sum, n) => sum + n, 0)
  const room = { agents, maxAgents, allAgents, maxAllAgents: summary?.caps.maxAgents ?? maxAgents }
  return html`${
    paused && !allPaused
      ? html`<${ActionButton} asked=${{ action: 'resume', template }} label="Resume…" name=${`Resume template ${template}`} />`
      : !paused &&
        html`<${ActionButton} asked=${{ action: 'pause', template, agents }} label="Pause…" name=${`Pause template ${template}`} />`
  }
    ${allPaused && html`<${ActionButton} asked=${{ action: 'resume' }} label="Resume all…" name="Resume all templates" />`}
    <${ActionButton} asked=${{ action: 'provision', template, agents: 1, room }} label="Provision…" name=${`Provision agents of template ${template}`} />`
}

/**
 * Buttons of an agent.
 *
 * @param {{ readonly agent: import('../../../../src/loop/view-types.ts').AgentView }} props
 */
export function AgentActions({ agent: { agentId, builds, state } }) {
  if (state === 'draining' || state === 'stopping' || state === 'gone') return null
  return html`<${ActionButton} asked=${{ action: 'drain', agentId, builds }} label="Drain…" name=${`Drain agent ${agentId}`} />`
}

/** What may be done for the farm as a whole, and who is signed in. */
export function HeadActions() {
  const { summary } = useStore(live)
  if (summary === undefined) return html`<${SignedIn} />`
  const { paused, brake, health } = summary
  const agents = Object.values(summary.agents).reduce((sum, n) => sum + n, 0)
  const isPaused = paused.all || paused.templates.length > 0
  return html`<div class="head-actions">
    ${
      brake !== undefined &&
      html`<${ActionButton} asked=${{ action: 'release-brake', held: brake.held.length, agents: brake.agents, words: brake.words }} label="Release brake…" />`
    }
    ${health.status === 'standing_back' && html`<${ActionButton} asked=${{ action: 'take-over', words: health.words }} label="Take over…" />`}
    ${health.status === 'other_jenkins' && html`<${ActionButton} asked=${{ action: 'accept-jenkins', words: health.words, agents }} label="Accept Jenkins…" />`}
    ${isPaused && html`<${ActionButton} asked=${{ action: 'resume' }} label="Resume all…" />`}
    ${!paused.all && html`<${ActionButton} asked=${{ action: 'pause', agents }} label="Pause all…" />`}
    <${SignedIn} />
  </div>`
}
