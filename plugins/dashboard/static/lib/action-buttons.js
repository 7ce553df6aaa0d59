import { html, useEffect, useRef } from '../vendor/preact.js'
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
  const allAgents = summary === undefined ? agents : allOf(summary)
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

/** What only a person may decide when something is wrong: stands where the page says that it is. */
export function HealthActions() {
  const { summary } = useStore(live)
  if (summary === undefined) return null
  const { brake, health, paused } = summary
  const buttons = [
    brake !== undefined &&
      html`<${ActionButton} asked=${{ action: 'release-brake', held: brake.held.length, agents: brake.agents, words: brake.words }} label="Release the brake…" />`,
    health.status === 'standing_back' &&
      html`<${ActionButton} asked=${{ action: 'take-over', words: health.words }} label="Take over…" />`,
    health.status === 'other_jenkins' &&
      html`<${ActionButton} asked=${{ action: 'accept-jenkins', words: health.words, agents: allOf(summary) }} label="Accept this Jenkins…" />`,
    paused.all && html`<${ActionButton} asked=${{ action: 'resume' }} label="Resume all templates…" />`,
  ]
  return buttons.some((button) => button !== false) ? html`<div class="actions health-actions">${buttons}</div>` : null
}

/** What may be done for the farm as a whole, and the way in and out: a menu, as the head has little room. */
export function HeadActions() {
  const { summary } = useStore(live)
  const menu = useRef(/** @type {HTMLDetailsElement | null} */ (null))
  const close = () => {
    if (menu.current === null || !menu.current.open) return
    // what was focused in it cannot be any more
    if (menu.current.contains(document.activeElement)) menu.current.querySelector('summary')?.focus()
    menu.current.open = false
  }
  useEffect(() => {
    /** @param {Event} event */
    const outside = (event) => {
      if (event.target instanceof Node && menu.current?.contains(event.target) === false) menu.current.open = false
    }
    addEventListener('pointerdown', outside)
    addEventListener('focusin', outside)
    return () => {
      removeEventListener('pointerdown', outside)
      removeEventListener('focusin', outside)
    }
  }, [])
  const isPaused = summary !== undefined && (summary.paused.all || summary.paused.templates.length > 0)
  return html`<details class="menu" ref=${menu} onKeyDown=${(/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && close()}>
    <summary class="button">Actions</summary>
    <div class="menu-body" onClick=${close}>
      ${isPaused && html`<${ActionButton} asked=${{ action: 'resume' }} label="Resume all templates…" />`}
      ${
        summary?.paused.all === false &&
        html`<${ActionButton} asked=${{ action: 'pause', agents: allOf(summary) }} label="Pause all templates…" />`
      }
      <${ActionButton} asked=${{ action: 'reload' }} label="Read templates again…" />
      <${SignedIn} />
    </div>
  </details>`
}

/** @param {import('./live.js').SummaryView} summary */
function allOf({ agents }) {
  return Object.values(agents).reduce((sum, n) => sum + n, 0)
}
