/**
 * Places that other parts fill.
 * - SmallTimeline: the last quarter of an hour, on the overview.
 * - TemplateActions: buttons for one template, handed `template`: pause, resume, provision.
 * - AgentActions: buttons for one agent, handed `agent`: drain.
 * - HeadActions: actions for the whole farm, and who is signed in: at the right of the head.
 * - SignIn: what is laid over the page: the dialog that asks, what became of an action, and the sign-in, which shows itself
 *   while `session.value.needed`.
 */
export { AgentActions, HeadActions, Overlays as SignIn, TemplateActions } from './lib/actions.js'
export { SmallTimeline } from './views/timeline.js'
