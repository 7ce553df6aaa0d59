import { Type } from 'typebox'
import { described } from '../described.ts'
import { AT } from './examples/parts.ts'
import { count, instant, may, named, now, text, word } from './schemas/parts.ts'

export const Filter = Type.Object(
  {
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only events with a greater id.' })),
    before: Type.Optional(Type.Integer({ minimum: 0, description: 'Only events with a smaller id.' })),
    level: Type.Optional(
      Type.Enum(['info', 'warn', 'error'], {
        description: 'Only this level and worse.',
      }),
    ),
    template: Type.Optional(Type.String({ maxLength: 300, description: 'Only events of this template.' })),
    agentId: Type.Optional(Type.String({ maxLength: 300, description: 'Only events of this agent.' })),
    q: Type.Optional(Type.String({ maxLength: 300, description: 'Text anywhere in them, whatever the case.' })),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'Of more the newest.' }),
  },
  { additionalProperties: false },
)

const Event = named('Event', 'Something that happened, as the log tells it', {
  id: count('From 1, without gaps, since this process began'),
  at: instant('When'),
  level: word(['info', 'warn', 'error'], 'How bad it is'),
  message: text('What; never changes for the same kind of event'),
  agentId: may(text('Of this agent')),
  template: may(text('Of this template')),
  hostname: may(text('On this host')),
  details: Type.Record(Type.String(), Type.Unknown(), { description: 'The other keys of the log' }),
})

const event = {
  id: 482,
  at: AT - 240_000,
  level: 'info',
  message: 'agent online',
  agentId: 'mesos-linux-4f9a1c7e',
  template: 'linux',
  hostname: 'host-3.example.com',
  details: { seconds: 12 },
} as const

export const EVENTS = described({
  id: 'listEvents',
  tag: 'events',
  summary: 'What happened lately, the newest first',
  description: 'Older ones are forgotten, and all when the process ends.',
  answer: Type.Object({
    now,
    startedAt: instant('When this process began; ids count from then'),
    lastEventId: count('The newest event, whether it matches or not'),
    items: Type.Array(Event),
  }),
  example: { now: AT, startedAt: AT - 7_200_000, lastEventId: 482, items: [event] },
  problems: { 400: 'level is one of info, warn, error, not "debug".' },
})

export const STREAM = described({
  id: 'followEvents',
  tag: 'events',
  summary: 'What happens, as it happens',
  description:
    'Server-sent events. `summary` has what `GET /api/v1/summary` answers: at once, whenever it changed, at most once a ' +
    'second, and every 15 seconds. `event` has an event, and its id; with `Last-Event-ID` those after it come first. A ' +
    'reader that is too slow is cut off and comes again.',
  type: 'text/event-stream',
  answer: Type.String({ description: 'Lines of server-sent events' }),
  example: `event: event\nid: 482\ndata: ${JSON.stringify(event)}\n\n`,
  problems: { 503: '100 readers follow already: ask /api/v1/summary and /api/v1/events now and again instead.' },
})
