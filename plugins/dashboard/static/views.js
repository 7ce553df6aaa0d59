import { Agents } from './views/agents.js'
import { Configuration } from './views/configuration.js'
import { Events } from './views/events.js'
import { Hosts } from './views/hosts.js'
import { Overview } from './views/overview.js'
import { Queue } from './views/queue.js'
import { Templates } from './views/templates.js'
import { Timeline } from './views/timeline.js'

/**
 * A view is a file `views/NAME.js` that exports a component, and a line here. It is handed the route (its parameters are
 * what its filters stand in, so that every state of the page has a link) and the last summary, which is there.
 *
 * @typedef {object} ViewProps
 * @property {import('./lib/router.js').Route} route
 * @property {import('./lib/live.js').SummaryView} summary
 *
 * @typedef {object} ViewEntry
 * @property {string} name in the address: `#/NAME`
 * @property {string} title
 * @property {(props: ViewProps) => import('./vendor/preact.js').VNode} component
 * @property {(summary: import('./lib/live.js').SummaryView) => number | undefined} [badge] a number beside its title
 */

/** @type {readonly ViewEntry[]} */
export const VIEWS = [
  { name: 'overview', title: 'Overview', component: Overview },
  {
    name: 'queue',
    title: 'Queue',
    component: Queue,
    badge: ({ queue }) => Object.values(queue).reduce((sum, n) => sum + n, 0),
  },
  { name: 'templates', title: 'Templates', component: Templates },
  {
    name: 'agents',
    title: 'Agents',
    component: Agents,
    badge: ({ agents }) => Object.values(agents).reduce((sum, n) => sum + n, 0),
  },
  { name: 'hosts', title: 'Hosts', component: Hosts, badge: ({ hosts }) => hosts },
  { name: 'timeline', title: 'Time line', component: Timeline },
  { name: 'events', title: 'Events', component: Events },
  { name: 'configuration', title: 'Configuration', component: Configuration },
]
