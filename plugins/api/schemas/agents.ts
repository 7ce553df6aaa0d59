import { Type } from 'typebox'
import type { KeepCode } from '../../../src/core/explain-types.ts'
import { all } from '../../../src/core/states.ts'
import { AGENT_STATES } from '../states.ts'
import { count, held, instant, may, named, now, number, text, texts, word } from './parts.ts'

const KEEP = all<KeepCode>()([
  'planned',
  'starting',
  'busy',
  'taken',
  'idle',
  'warm_pool',
  'offline_by_person',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
])

const why = {
  keep: word(KEEP, 'Why it is kept, or goes'),
  words: text('The same in a sentence'),
  goesAt: may(instant('When it goes at the earliest, if nothing changes; left out: not by time')),
}

const agent = {
  agentId: text('Its id, its node in Jenkins, and its task in Mesos'),
  template: text('The template that it was made from'),
  state: Type.String({ description: `Where it is in its life: ${AGENT_STATES.join(', ')}` }),
  since: instant('Since when it is in this state'),
  createdAt: instant('When it was decided on'),
  hostname: may(text('Where it runs')),
  executors: count('Places for builds'),
  cpus: number('CPUs that it was given'),
  memMib: number('Memory that it was given in MiB'),
  reason: text('Why it was provisioned, or why it goes'),
  idleSince: may(instant('Since when it has no build')),
  offlineBy: may(text('Taken offline in Jenkins by somebody else, with what they said')),
  builds: texts('Builds that run on it'),
  taskState: may(text('The state of its task in Mesos')),
  usage: may(
    Type.Object(
      {
        cpuSeconds: may(number('CPU time so far in seconds')),
        cpusLimit: may(number('CPUs that it may use')),
        memRssBytes: may(number('Resident memory in bytes')),
        memLimitBytes: may(number('Memory that it may use in bytes')),
      },
      { description: 'As its host tells' },
    ),
  ),
  usedCpus: may(number('CPUs in use over the last minute')),
}

export const AgentView = named('Agent', 'An agent: a task in Mesos that is a node in Jenkins', {
  ...agent,
  keep: may(why.keep),
  words: may(why.words),
  goesAt: why.goesAt,
})

export const AgentExplanation = named('AgentExplanation', 'Why an agent is there, and whether it stays', {
  agentId: agent.agentId,
  template: agent.template,
  state: word(AGENT_STATES, 'Where it is in its life'),
  since: agent.since,
  hostname: agent.hostname,
  provisioned: text('Why it was provisioned'),
  ...why,
})

export const OneAgent = named('OneAgent', 'An agent with all that is known of it, as of now', {
  now,
  held,
  ...agent,
  provisioned: may(text('Why it was provisioned')),
  keep: may(why.keep),
  words: may(why.words),
  goesAt: why.goesAt,
})
