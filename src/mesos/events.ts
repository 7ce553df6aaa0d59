import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { AgentId, Instant, MesosAgentId } from '../core/model.ts'
import type { TaskStatus } from '../loop/ports.ts'
import { MesosError } from './errors.ts'
import type { Event, WireTaskStatus } from './protocol.ts'

/** Only what this program reads; all else may come and is kept as it is. */
const Id = Type.Object({ value: Type.String() })
const Ranges = Type.Object({ range: Type.Array(Type.Object({ begin: Type.Number(), end: Type.Number() })) })
const ItemSet = Type.Object({ item: Type.Array(Type.String()) })
const Scalar = Type.Object({ value: Type.Number() })
const RoleOf = Type.Object({ role: Type.String() })

const Resource = Type.Object({
  name: Type.String(),
  type: Type.String(),
  scalar: Type.Optional(Scalar),
  ranges: Type.Optional(Ranges),
  role: Type.Optional(Type.String()),
  reservations: Type.Optional(Type.Array(Type.Object({ role: Type.Optional(Type.String()) }))),
  allocation_info: Type.Optional(Type.Object({ role: Type.Optional(Type.String()) })),
})

const Attribute = Type.Object({
  name: Type.String(),
  type: Type.String(),
  text: Type.Optional(Id),
  scalar: Type.Optional(Scalar),
  ranges: Type.Optional(Ranges),
  set: Type.Optional(ItemSet),
})

const Nanoseconds = Type.Object({ nanoseconds: Type.Number() })
const Unavailability = Type.Object({ start: Nanoseconds, duration: Type.Optional(Nanoseconds) })
const Named = Type.Object({ name: Type.String() })
const Domain = Type.Object({ fault_domain: Type.Optional(Type.Object({ region: Named, zone: Named })) })

const Offer = Type.Object({
  id: Id,
  agent_id: Id,
  hostname: Type.String(),
  url: Type.Optional(
    Type.Object({
      address: Type.Object({
        hostname: Type.Optional(Type.String()),
        ip: Type.Optional(Type.String()),
        port: Type.Integer(),
      }),
    }),
  ),
  resources: Type.Optional(Type.Array(Resource)),
  attributes: Type.Optional(Type.Array(Attribute)),
  allocation_info: Type.Optional(RoleOf),
  unavailability: Type.Optional(Unavailability),
  domain: Type.Optional(Domain),
})

const InverseOffer = Type.Object({ id: Id, agent_id: Type.Optional(Id), unavailability: Unavailability })

const Status = Type.Object({
  task_id: Id,
  state: Type.String(),
  message: Type.Optional(Type.String()),
  source: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  agent_id: Type.Optional(Id),
  timestamp: Type.Optional(Type.Number()),
  uuid: Type.Optional(Type.String()),
})

const schemas = {
  SUBSCRIBED: Compile(
    Type.Object({
      subscribed: Type.Object({
        framework_id: Id,
        heartbeat_interval_seconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        master_info: Type.Optional(
          Type.Object({ version: Type.Optional(Type.String()), domain: Type.Optional(Domain) }),
        ),
      }),
    }),
  ),
  OFFERS: Compile(Type.Object({ offers: Type.Object({ offers: Type.Array(Offer) }) })),
  RESCIND: Compile(Type.Object({ rescind: Type.Object({ offer_id: Id }) })),
  INVERSE_OFFERS: Compile(
    Type.Object({ inverse_offers: Type.Object({ inverse_offers: Type.Optional(Type.Array(InverseOffer)) }) }),
  ),
  RESCIND_INVERSE_OFFER: Compile(Type.Object({ rescind_inverse_offer: Type.Object({ inverse_offer_id: Id }) })),
  UPDATE: Compile(Type.Object({ update: Type.Object({ status: Status }) })),
  FAILURE: Compile(
    Type.Object({ failure: Type.Object({ agent_id: Type.Optional(Id), executor_id: Type.Optional(Id) }) }),
  ),
  ERROR: Compile(Type.Object({ error: Type.Object({ message: Type.String() }) })),
  HEARTBEAT: Compile(Type.Object({})),
}

const Typed = Compile(Type.Object({ type: Type.String() }))

/** An event of a kind that this program has no use for, or does not know. */
export interface OtherEvent {
  readonly type: 'OTHER'
  readonly name: string
}

/**
 * Reads one record of the event stream.
 * @throws MesosError MESOS_MALFORMED that names the event and the place
 */
export function parseEvent(record: Buffer): Event | OtherEvent {
  const json = parseJson(record)
  if (!Typed.Check(json)) throw malformed('an event without a type', record)
  const { type } = json satisfies Static<typeof Typed>
  if (!isKnown(type)) return { type: 'OTHER', name: type }
  const schema = schemas[type]
  if (!schema.Check(json)) {
    const [first] = schema.Errors(json)
    throw malformed(`${type} ${first?.instancePath ?? ''} ${first?.message ?? 'has an unexpected shape'}`, record)
  }
  return json as unknown as Event
}

function isKnown(type: string): type is keyof typeof schemas {
  return Object.hasOwn(schemas, type)
}

function parseJson(record: Buffer): unknown {
  try {
    return JSON.parse(record.toString('utf8'))
  } catch {
    throw malformed('an event is not JSON', record)
  }
}

function malformed(what: string, record: Buffer): MesosError {
  return new MesosError('MESOS_MALFORMED', `event stream: ${what}; the record begins ${record.toString('utf8', 0, 80)}`)
}

export function toTaskStatus(status: WireTaskStatus): TaskStatus {
  return {
    taskId: status.task_id.value as AgentId,
    mesosAgentId: status.agent_id?.value as MesosAgentId | undefined,
    state: status.state,
    source: status.source,
    reason: status.reason,
    message: status.message,
    uuid: status.uuid === '' ? undefined : status.uuid,
    at: toInstant(status.timestamp),
  }
}

/** From seconds. */
function toInstant(seconds: number | undefined): Instant | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}
