import { Type } from 'typebox'
import type { Wish } from '../../../src/core/demand.ts'
import type { CandidateOutcome } from '../../../src/core/explain-types.ts'
import { all, ITEM_STATES } from '../../../src/core/states.ts'
import { AGENT_STATES } from '../states.ts'
import { CAP_SCOPES } from './cap-scopes.ts'
import { HostsReport } from './hosts.ts'
import { count, held, instant, list, may, named, now, number, text, word } from './parts.ts'

const WISHES = all<Wish['kind']>()(['none', 'any', 'label', 'template', 'tied', 'unreadable', 'notUnderstood'])

const OUTCOMES = all<CandidateOutcome>()([
  'serves',
  'not_needed',
  'labels',
  'mode',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
])

const item = {
  itemId: text('Its id in Jenkins'),
  job: text('The full name of its project'),
  state: word(ITEM_STATES, 'Where it stands'),
  template: may(text('The template that is to serve it')),
  wish: word(WISHES, 'What it asks for, as far as Jenkins lets us see'),
  label: may(text('The label expression that was read')),
  node: may(text('The node that is to take it, that starts for it, or that it is tied to')),
  hostname: may(text('The host of the agent that starts for it')),
  words: text('Why it waits, in one sentence'),
  since: may(instant('When it became buildable')),
}

export const ItemExplanation = named('Item', 'An item of the queue, and why it waits', item)

const CapUse = named('CapUse', 'A cap that is reached', {
  scope: word(CAP_SCOPES, 'What it counts: first those of the template, then those of all agents'),
  used: number('In use: agents, CPUs or MiB'),
  limit: number('The cap'),
})

const Standing = named('Standing', 'Where an item stands, beside its state', {
  cap: may(CapUse),
  until: may(instant('The next try of its template is not before')),
  agent: may(
    Type.Object(
      {
        agentId: text('Its id'),
        state: word(AGENT_STATES, 'Its state'),
        since: instant('Since when it starts'),
        hostname: may(text('Where')),
      },
      { description: 'The agent that starts for it' },
    ),
  ),
  node: may(text('The node that is to take it, or that it is tied to')),
})

export const WishExplanation = named('Wish', 'What items that ask for the same have in common', {
  candidates: list(
    Type.Object({
      template: text('A template'),
      outcome: word(OUTCOMES, 'Whether it serves the item, or why it was passed over'),
      words: text('The same in words'),
    }),
    'Templates, in the order in which they are asked',
  ),
  more: count('Templates beyond those'),
  missing: list(
    Type.Object({ label: text('A label'), near: list(Type.String(), 'Labels that look like it') }),
    'Labels that no template has',
  ),
})

const report = {
  ...item,
  standing: Standing,
  asks: may(text('What it asks for; those with the same text ask for the same')),
}

export const ItemReport = named('ItemReport', 'An item as the whole explanation has it', report)

const details = { ...report, candidates: may(WishExplanation), hosts: may(HostsReport) }

export const ItemDetails = named('ItemDetails', 'An item with all that is known of it', details)

export const OneItem = named('OneItem', 'An item with all that is known of it, as of now', { now, held, ...details })
