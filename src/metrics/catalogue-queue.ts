import { ITEM_STATES } from '../core/states.ts'
import { TEMPLATE } from './catalogue-agents.ts'
import { KINDS, LAUNCH_RESULTS, OFFER_OUTCOMES, PHASES, SCOPES } from './label-values.ts'
import { counter, gauge, histogram, sparse } from './spec.ts'

export const FAST = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const WAITS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]
const OR_NONE = 'a template, or `none` where none serves the item'

/** Builds that wait, and the way from a wish to an agent. */
export const QUEUE_METRICS = {
  queueItems: sparse(
    gauge(
      [
        'queue_items',
        'Items of the Jenkins queue by the template that serves them and by where they stand.',
        'Why builds wait: docs/operations.md and the page say what each state means.',
      ],
      { template: OR_NONE, state: ITEM_STATES },
    ),
  ),
  oldestWait: gauge(
    [
      'queue_oldest_wait_seconds',
      'How long the item has been buildable that waits longest for an agent; 0 while none waits.',
      'Builds that wait now, where `queue_wait_seconds` tells of those that waited.',
    ],
    { template: OR_NONE },
  ),
  queueWait: histogram(
    [
      'queue_wait_seconds',
      'How long a build was buildable before it left the queue.',
      'What people feel. Of all builds, those on other nodes too.',
    ],
    WAITS,
  ),
  offerWait: histogram(
    ['offer_wait_seconds', 'From the wish for an agent to its launch.', 'Slow: the cluster is full, or a quota is.'],
    FAST,
    { template: TEMPLATE },
  ),
  launches: counter(['launches_total', 'Launches by template and result.', 'All but `launched` is trouble.'], {
    template: TEMPLATE,
    result: LAUNCH_RESULTS,
  }),
  capReached: counter(
    ['cap_reached_total', 'Times that a cap came to stand in the way.', '`capped` tells whether one does now.'],
    { scope: SCOPES },
  ),
  offers: counter(['offers_total', 'Offers by what became of them.', 'Many declined: hosts have no room for agents.'], {
    outcome: OFFER_OUTCOMES,
  }),
  offersHeld: gauge(['offers_held', 'Offers that are held now, for 5 s at most.', '0 while nothing is wanted.']),
  wantedRoles: gauge(['wanted_roles', 'Roles of which offers are wanted now.', '0: all are suppressed.']),
  hosts: gauge(['hosts', 'Hosts that run an agent of ours, or have offered something.', 'How far the farm is spread.']),
  hostsAvoided: gauge([
    'hosts_avoided',
    'Hosts that are avoided, as launches failed there.',
    'See the page for which.',
  ]),
  orphans: gauge(
    [
      'orphans',
      'Nodes and tasks with our mark that no agent owns, and that are not removed yet.',
      'They go after two sweeps and 120 s; one that stays runs a build.',
    ],
    { kind: KINDS },
  ),
  orphansRemoved: counter(
    [
      'orphans_removed_total',
      'Nodes and tasks removed that no agent owned.',
      'Growing without an accident: somebody else uses our name.',
    ],
    { kind: KINDS },
  ),
  roundSeconds: histogram(
    ['round_seconds', 'Parts of a round.', '`observe` is Jenkins, `plan` is this program, `act` what it begins.'],
    FAST,
    { phase: PHASES },
  ),
  lastRound: gauge([
    'last_round_timestamp_seconds',
    'When the last round ended that saw Jenkins; 0 before the first, and on a standby.',
    '`time() - …` is its age.',
  ]),
} as const
