/** Of the page, as its addresses name them. */
export const VIEWS = [
  'overview',
  'queue',
  'templates',
  'agents',
  'hosts',
  'timeline',
  'events',
  'configuration',
] as const
