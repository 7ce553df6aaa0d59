import { CAP_SCOPES } from './cap-scopes.ts'
import { HostsReport } from './hosts.ts'
import { count, flag, held, instant, may, named, now, number, text, texts, word } from './parts.ts'

const Quantiles = named('Quantiles', 'What half, 95 % and all of them do not exceed', {
  p50: number('Half'),
  p95: number('95 %'),
  max: number('All'),
})

const Use = named('Use', 'What an executor asked for and used', {
  asked: number('What the template asks for, its share of the agent included'),
  measured: count('Agents that were measured in the last five weeks'),
  agents: may(Quantiles),
  samples: may(Quantiles),
})

export const SizingView = named('Sizing', 'What executors of a template asked for and used', {
  template: text('The template'),
  cpus: Use,
  memMib: Use,
  advice: may(text('What would do; left out until enough agents were measured')),
})

const explanation = {
  template: text('Its name'),
  demand: count('Builds that wait for an agent of it'),
  idleExecutors: count('Executors without a build'),
  busyExecutors: count('Executors with a build'),
  startingExecutors: count('Executors of agents that start'),
  agents: count('Its agents'),
  wanted: count('Agents wanted beyond those, and not placed in this round'),
  capped: may(word(CAP_SCOPES, 'The cap that is in the way')),
  ordered: may(text('What operators asked for beyond demand, and what becomes of it')),
  words: text('How it stands, in words'),
}

const template = {
  ...explanation,
  labels: texts('Its labels'),
  role: text('Whose offers it takes'),
  maxAgents: count('Agents at most'),
  givenCpus: number('CPUs of its agents'),
  givenMemMib: number('Memory of its agents in MiB'),
  failures: count('Launches that failed one after the other'),
  backedOffUntil: may(instant('After failures: the next try is not before')),
  paused: flag('Whether an operator paused it'),
  scheduled: may(text('The schedule that holds now')),
  minIdle: may(count('Executors kept idle on purpose now')),
  idleTimeoutMs: may(number('After so long without a build an agent goes; left out: never')),
  maxCpus: may(number('CPUs of its agents at most')),
  maxMemMib: may(number('Memory of its agents at most, in MiB')),
  usedCpus: may(number('CPUs that its agents use; left out until hosts tell')),
  usedMemMib: may(number('Memory that they use in MiB')),
  sizing: may(SizingView),
}

export const TemplateView = named('Template', 'A recipe for agents, and how it stands', template)

const fit = {
  needs: text('What its smallest agent needs'),
  hosts: HostsReport,
  possibleHosts: count('Known hosts that can run it some day, if not now'),
  fitNow: count('Agents for which there is room now, caps left aside'),
  fitAtMost: count('Agents for which there would be room if no other agent of ours ran'),
  findings: texts('What a person should know about it'),
}

export const TemplateReport = named('TemplateReport', 'Where agents of a template fit', { ...explanation, ...fit })

export const OneTemplate = named('OneTemplate', 'A template, and where its agents fit, as of now', {
  now,
  held,
  ...template,
  needs: may(fit.needs),
  hosts: may(HostsReport),
  possibleHosts: may(fit.possibleHosts),
  fitNow: may(fit.fitNow),
  fitAtMost: may(fit.fitAtMost),
  findings: may(fit.findings),
})
