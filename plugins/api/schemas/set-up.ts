import { Type } from 'typebox'
import { count, flag, instant, list, may, named, now, number, table, text, texts, word } from './parts.ts'

const column = (description: string) =>
  Type.Array(Type.Union([Type.Number(), Type.Null()]), { description: `${description}; null: not known then` })

export const Timeline = named('Timeline', 'The last hours as columns of equal length, the oldest first', {
  now,
  everyMs: number('Milliseconds from one point to the next'),
  at: list(Type.Number(), 'When each point was taken; milliseconds since 1970-01-01T00:00:00Z'),
  waiting: column('Items that wait for an agent'),
  blocked: column('All other items in the queue'),
  builds: column('Builds that run on our agents'),
  agents: table(column('Agents'), 'Agents by state'),
  givenCpus: column('CPUs of all agents'),
  usedCpus: column('CPUs that they use'),
  givenMemMib: column('Memory of all agents in MiB'),
  usedMemMib: column('Memory that they use in MiB'),
})

export const PlanAnswer = named('Plan', 'What the last round decided', {
  now,
  round: count('The number of the round'),
  at: may(instant('When it ended')),
  actions: texts('What was begun, each in words'),
  held: may(text('Why nothing is taken away, or nothing is done')),
  wantedRoles: texts('Roles for which offers are wanted'),
  nextLookAt: may(instant('When the next round is due, if nothing happens before')),
})

const Setting = named('Setting', 'A setting in effect', {
  name: text('Its name in the environment'),
  value: may(text('As given, or the default; of a secret only that it is set; left out: none')),
  source: word(
    ['environment', 'file', 'default', 'import', 'pod'],
    'Where it comes from; pod: from what Marathon tells',
  ),
  secret: flag('Whether it holds a secret'),
  description: text('What it does'),
})

export const Configuration = named('Configuration', 'How this instance is set up; secrets are hidden', {
  now,
  settings: list(Setting, 'All settings'),
  templates: text('The templates in effect with all defaults, as YAML'),
  files: texts('Files that are watched'),
  warnings: texts('What may be wrong'),
  mistakes: texts('Why a changed configuration is not used'),
  logLevel: text('The level of the log'),
})

export const Metric = named('Metric', 'A metric of `/metrics`', {
  name: text('Its name'),
  type: word(['gauge', 'counter', 'histogram', 'summary'], 'Its type'),
  help: text('What it says'),
  labels: texts('Its labels'),
})
