/**
 * Places that other parts fill.
 * - SmallTimeline: the last hour, on the overview.
 * - TemplateActions: buttons for one template, handed `template`: pause, resume, provision.
 * - AgentActions: buttons for one agent, handed `agent`: drain.
 * - HeadActions: a menu with actions for the whole farm, and the way in and out: at the right of the head.
 * - HealthActions: what only a person may decide when something is wrong: below the health.
 * - SignIn: what is laid over the page: the dialog that asks, what became of an action, and the sign-in, which shows itself
 *   while `session.value.needed`.
 */
export { AgentActions, HeadActions, HealthActions, TemplateActions } from './lib/action-buttons.js'
export { Overlays as SignIn } from './lib/actions.js'
export { SmallTimeline } from './views/timeline.js'
