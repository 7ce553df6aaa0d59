/**
 * Places that other parts fill: each is a component, or `undefined` while nobody has filled it. Keep the names.
 * @typedef {import('./vendor/preact.js').VNode} VNode
 * @typedef {import('../../../src/loop/view-types.ts').TemplateView} TemplateView
 * @typedef {import('../../../src/loop/view-types.ts').AgentView} AgentView
 */

/** The last hour in small, on the overview. @type {(() => VNode) | undefined} */
export const SmallTimeline = undefined

/** Buttons for one template: pause, resume, provision. @type {((props: { readonly template: TemplateView }) => VNode) | undefined} */
export const TemplateActions = undefined

/** Buttons for one agent: drain. @type {((props: { readonly agent: AgentView }) => VNode) | undefined} */
export const AgentActions = undefined

/** Actions for the whole farm (re-read, pause all, release the brake), and who is signed in: at the right of the head. @type {(() => VNode) | undefined} */
export const HeadActions = undefined

/** The sign-in dialog, always there; shows itself while `session.value.needed`. @type {(() => VNode) | undefined} */
export const SignIn = undefined
