import { Type } from 'typebox'
import { ITEM_STATES } from '../../../src/core/states.ts'
import { count, instant, list, may, named, now, number, text, word } from './parts.ts'

const Entry = named('DryRunEntry', 'What became, or would have become, of one item', {
  itemId: text('Its id in Jenkins'),
  job: text('The full name of its project'),
  label: may(text('The label expression that was read')),
  template: may(text('The template that was to serve it')),
  state: word(ITEM_STATES, 'Where it stood when it was last looked at'),
  words: text('The same in words'),
  since: instant('When it began to wait'),
  wantedAt: may(instant('An agent would have been wanted for it then')),
  launchedAt: may(instant('An agent would have been launched for it then')),
  hostname: may(text('On this host')),
  leftAt: may(instant('When it left the queue')),
})

const Spread = named('Spread', 'How numbers are spread', {
  count: count('How many there are'),
  p50: number('What half of them do not exceed'),
  p95: number('What 95 % of them do not exceed'),
  max: number('The highest'),
})

export const DryRun = named('DryRun', 'What a dry run would have done', {
  now,
  since: instant('When it began'),
  words: text('In one sentence'),
  counts: Type.Object(
    {
      seen: count('Items that wanted an executor'),
      left: count('Of these, that left the queue'),
      launched: count('For which an agent would have been launched'),
      servedByOthers: count('Of those that left: an idle node of others was to take them'),
      notPlaced: count('They left before a host with room was offered'),
      blocked: count('Caps, back-off and pauses stood in the way until they left'),
      unserved: count('No template has their labels'),
      unknown: count('Their label could not be read'),
    },
    { description: 'Items by what became of them' },
  ),
  waitedSeconds: may(Spread),
  launchedAfterSeconds: may(Spread),
  waiting: list(Entry, 'Those in the queue, the oldest first, 100 at most'),
  done: list(Entry, 'Those that left it, the last first, 500 at most'),
})
