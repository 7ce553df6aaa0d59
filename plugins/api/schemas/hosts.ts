import { Type } from 'typebox'
import { count, flag, held, instant, list, may, named, now, number, table, text, texts } from './parts.ts'

const host = {
  hostname: text('Its name'),
  agents: count('Our agents on it'),
  givenCpus: number('CPUs of our agents on it'),
  givenMemMib: number('Memory of our agents on it in MiB'),
  offeredCpus: number('CPUs of offers that are looked at now'),
  offeredMemMib: number('Memory of these in MiB'),
  avoidedUntil: may(instant('Nothing is launched on it until then, after failures')),
  usedCpus: may(number('CPUs that our agents on it use; left out until the host tells')),
  usedMemMib: may(number('Memory that they use in MiB')),
  freeCpus: may(number('CPUs as it last offered them')),
  freeMemMib: may(number('Memory in MiB as it last offered it')),
  seenAt: may(instant('When it was offered last')),
  attributes: may(table(Type.String(), 'Its attributes, and `@region` and `@zone`')),
  maintenanceAt: may(instant('Operators take it away then')),
}

export const HostView = named('Host', 'A host with our agents or with offers', host)

const details = {
  ...host,
  refusals: list(
    Type.Object({ template: text('A template'), words: texts('Each reason in words') }),
    'Why it takes no further agent of templates that wait, or could',
  ),
}

export const HostDetails = named('HostDetails', 'A host, and why it takes no more', details)

export const OneHost = named('OneHost', 'A host, and why it takes no more, as of now', { now, held, ...details })

const HostRefusal = named('HostRefusal', 'Why a host did not take an agent', {
  hostname: text('The host'),
  offering: flag('Whether it had an offer at the last look'),
  seenAt: instant('When it was offered last'),
  refusals: list(
    Type.Object({
      stage: text('The rule'),
      words: text('What it says'),
      passing: flag('Whether that may pass by itself'),
    }),
    'All that is in the way',
  ),
  short: list(
    Type.Object({ name: text('The resource'), needs: number('What is needed'), has: number('What is there') }),
    'What is missing, in CPUs, MiB and so on',
  ),
})

export const HostsReport = named('HostsReport', 'Where an agent of a template could go', {
  role: text('Whose offers it takes'),
  known: count('Hosts that offered to the role since the subscription began'),
  offering: count('Of these, with an offer at the last look'),
  fitting: count('With room for one more agent, as far as their last offers tell'),
  nearest: list(HostRefusal, 'Those that refuse it, the nearest first'),
  others: table(Type.Integer(), 'How many more refuse it, by the first rule that does'),
})
