import { Type } from 'typebox'
import { AgentView } from './agents.ts'
import { HostView } from './hosts.ts'
import { ItemExplanation } from './items.ts'
import { count, flag, instant, list, may, named, now, number, table, text, texts, word } from './parts.ts'
import { TemplateView } from './templates.ts'

const HEALTH = [
  'ok',
  'standby',
  'starting',
  'stalled',
  'disconnected',
  'store',
  'standing_back',
  'other_jenkins',
] as const

const Health = named('Health', 'Whether the program does its work', {
  status: word(HEALTH, '`ok`: it does; `standby`: another instance does, and this one is ready to'),
  words: text('The same in one line'),
  lastRoundAgeMs: may(number('Milliseconds since the last round ended; left out before the first')),
})

const Leadership = named('Leadership', 'Of several instances on one state one leads, and it alone acts', {
  role: word(['leader', 'standby'], 'What this instance is'),
  since: instant('Since when'),
  why: text('Who leads, or why nobody does'),
})

const Jenkins = named('Jenkins', 'Jenkins as it was last read', {
  url: text('Its address'),
  reachable: flag('Whether the last look worked'),
  error: may(text('Why it did not')),
  version: may(text('Its version')),
  nodes: count('All nodes in it'),
  queued: count('All items in its queue'),
})

const Mesos = named('Mesos', 'The connection to the Mesos master', {
  subscribed: flag('Whether offers and news arrive'),
  master: may(text('The address of the leading master')),
  version: may(text('Its version')),
  frameworkId: may(text('The id of this framework')),
  why: may(text('Why it is not subscribed')),
  offersHeld: count('Offers that are looked at now'),
  wantedRoles: texts('Roles for which offers are wanted now'),
})

const Round = named('Round', 'The last round: a look at Jenkins, Mesos and the state, and what was done', {
  number: count('Rounds so far'),
  lastAt: may(instant('When it ended')),
  held: may(text('Why it took nothing away although it might have')),
})

const Brake = named('Brake', 'A round wanted to take away most agents at once: they are held until it is certain', {
  since: instant('Since when'),
  agents: count('All agents that there are'),
  held: list(Type.Object({ agentId: text('An agent'), reason: text('Why it would go') }), 'Those that would go'),
  words: text('What happens, and what to do'),
})

const Caps = named('Caps', 'Limits over all templates', {
  maxAgents: count('Agents'),
  maxCpus: may(number('CPUs; left out: no limit')),
  maxMemMib: may(number('Memory in MiB; left out: no limit')),
})

const Paused = named('Paused', 'What an operator paused: no agent is started for it', {
  all: flag('All templates, also those that are configured later'),
  templates: texts('These templates'),
})

const head = {
  now,
  health: Health,
  leadership: Leadership,
  jenkins: Jenkins,
  mesos: Mesos,
  round: Round,
  brake: may(Brake),
  caps: Caps,
  paused: Paused,
  problems: texts('What a person should look at, each with what to do'),
  dryRun: may(text('What a dry run would have done, in one sentence; left out: this is none')),
}

export const View = named('State', 'All that the program knows and thinks', {
  ...head,
  queue: list(ItemExplanation, 'Everything in the queue of Jenkins'),
  templates: list(TemplateView, 'All templates'),
  agents: list(AgentView, 'All agents'),
  hosts: list(HostView, 'Hosts with our agents or with offers'),
})

export const SummaryView = named('Summary', 'The head of the page: small, however big the farm is', {
  ...head,
  version: text('Of the program'),
  startedAt: instant('When this process began; ids of events count from then'),
  storeError: may(text('Why the state cannot be stored')),
  queue: table(Type.Integer(), 'Items by state, only states that there are'),
  waitingSince: may(instant('When the item that waits longest for an agent became buildable')),
  agents: table(Type.Integer(), 'Agents by state, only states that there are'),
  executors: Type.Object(
    { idle: count('Idle'), busy: count('With a build'), starting: count('Not there yet') },
    { description: 'Executors of our agents' },
  ),
  hosts: count('Hosts with our agents or with offers'),
  givenCpus: number('CPUs of all agents'),
  givenMemMib: number('Memory of all agents in MiB'),
  usedCpus: may(number('CPUs that they use; left out until hosts tell')),
  usedMemMib: may(number('Memory that they use in MiB; left out until hosts tell')),
  lastEventId: count('The newest event'),
})
