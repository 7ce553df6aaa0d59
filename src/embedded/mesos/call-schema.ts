import { CONTAINER } from './container-schema.ts'
import type { Field, Message } from './json-proto.ts'
import { BOOL, DOUBLE, ID, INT, many, NEEDED, need, one, oneOf, SECRET, STRING } from './proto-fields.ts'

/** The messages of a scheduler call, in the order of the .proto files: as far as the embedded master looks at them. */
const SCALAR: Message = { value: { type: 'double', required: true } }
const DURATION: Message = { nanoseconds: { type: 'int', required: true } }
const RANGES: Message = {
  range: many({ begin: { type: 'int', required: true }, end: { type: 'int', required: true } }),
}
const SET: Message = { item: { type: 'string', repeated: true } }
const LABELS: Message = { labels: many({ key: NEEDED, value: STRING }) }
const VALUE_TYPE = oneOf('SCALAR', 'RANGES', 'SET', 'TEXT')

const RESOURCE: Message = {
  provider_id: one(ID),
  name: NEEDED,
  type: { type: VALUE_TYPE, required: true },
  scalar: one(SCALAR),
  ranges: one(RANGES),
  set: one(SET),
  role: STRING,
  allocation_info: one({ role: STRING }),
  reservations: many({ type: { type: oneOf('UNKNOWN', 'STATIC', 'DYNAMIC') }, role: STRING, principal: STRING }),
}

const FILTERS: Message = { refuse_seconds: DOUBLE }

const COMMAND: Message = {
  uris: many({ value: NEEDED, executable: BOOL, extract: BOOL, cache: BOOL, output_file: STRING }),
  environment: one({
    variables: many({
      name: NEEDED,
      type: { type: oneOf('UNKNOWN', 'VALUE', 'SECRET') },
      value: STRING,
      secret: one(SECRET),
    }),
  }),
  shell: BOOL,
  value: STRING,
  arguments: { type: 'string', repeated: true },
  user: STRING,
}

const EXECUTOR: Message = {
  executor_id: need(ID),
  type: { type: oneOf('UNKNOWN', 'DEFAULT', 'CUSTOM') },
  name: STRING,
  command: one(COMMAND),
  container: one(CONTAINER),
  resources: many(RESOURCE),
}

const PORT: Field = { type: 'int', required: true }
const HEALTH_CHECK: Message = {
  type: { type: oneOf('UNKNOWN', 'COMMAND', 'HTTP', 'TCP') },
  command: one(COMMAND),
  http: one({ port: PORT, path: STRING, scheme: STRING, statuses: { type: 'int', repeated: true } }),
  tcp: one({ port: PORT }),
  delay_seconds: DOUBLE,
  interval_seconds: DOUBLE,
  timeout_seconds: DOUBLE,
  consecutive_failures: INT,
  grace_period_seconds: DOUBLE,
}

const TASK: Message = {
  name: NEEDED,
  task_id: need(ID),
  agent_id: need(ID),
  resources: many(RESOURCE),
  executor: one(EXECUTOR),
  command: one(COMMAND),
  container: one(CONTAINER),
  health_check: one(HEALTH_CHECK),
  kill_policy: one({ grace_period: one(DURATION) }),
  data: { type: 'bytes' },
  labels: one(LABELS),
  discovery: one({
    visibility: { type: oneOf('FRAMEWORK', 'CLUSTER', 'EXTERNAL'), required: true },
    name: STRING,
  }),
  max_completion_time: one(DURATION),
  limits: { type: () => SCALAR, map: true },
}

const OPERATION: Message = {
  type: {
    type: oneOf('UNKNOWN', 'LAUNCH', 'LAUNCH_GROUP', 'RESERVE', 'UNRESERVE', 'CREATE', 'DESTROY'),
  },
  id: one(ID),
  launch: one({ task_infos: many(TASK) }),
  launch_group: one({ executor: need(EXECUTOR), task_group: need({ tasks: many(TASK) }) }),
}

const ROLE_CONSTRAINTS: Message = {
  groups: many({
    attribute_constraints: many({
      selector: need({
        attribute_name: STRING,
        pseudoattribute_type: { type: oneOf('UNKNOWN', 'HOSTNAME', 'REGION', 'ZONE') },
      }),
      predicate: need({
        exists: one({}),
        not_exists: one({}),
        text_equals: one({ value: STRING }),
        text_not_equals: one({ value: STRING }),
        text_matches: one({ regex: STRING }),
        text_not_matches: one({ regex: STRING }),
      }),
    }),
  }),
}

const FRAMEWORK_INFO: Message = {
  user: NEEDED,
  name: NEEDED,
  id: one(ID),
  failover_timeout: DOUBLE,
  checkpoint: BOOL,
  role: STRING,
  roles: { type: 'string', repeated: true },
  hostname: STRING,
  principal: STRING,
  webui_url: STRING,
  capabilities: many({
    type: {
      type: oneOf(
        'UNKNOWN',
        'REVOCABLE_RESOURCES',
        'TASK_KILLING_STATE',
        'GPU_RESOURCES',
        'SHARED_RESOURCES',
        'PARTITION_AWARE',
        'MULTI_ROLE',
        'RESERVATION_REFINEMENT',
        'REGION_AWARE',
      ),
    },
  }),
  labels: one(LABELS),
  offer_filters: {
    type: () => ({
      min_allocatable_resources: one({
        quantities: many({ quantities: { type: () => SCALAR, map: true } }),
      }),
    }),
    map: true,
  },
}

const OFFER_CONSTRAINTS: Message = { role_constraints: { type: () => ROLE_CONSTRAINTS, map: true } }
const SUPPRESSED: Field = { type: 'string', repeated: true }
const ROLES: Message = { roles: { type: 'string', repeated: true } }
const TASK_REF: Message = { task_id: need(ID), agent_id: one(ID) }

/** `UNKNOWN` is the value of a call without a type: see the answer 501. */
const CALL_TYPES = [
  'UNKNOWN',
  'SUBSCRIBE',
  'TEARDOWN',
  'ACCEPT',
  'DECLINE',
  'ACCEPT_INVERSE_OFFERS',
  'DECLINE_INVERSE_OFFERS',
  'REVIVE',
  'KILL',
  'SHUTDOWN',
  'ACKNOWLEDGE',
  'ACKNOWLEDGE_OPERATION_STATUS',
  'RECONCILE',
  'RECONCILE_OPERATIONS',
  'MESSAGE',
  'REQUEST',
  'SUPPRESS',
  'UPDATE_FRAMEWORK',
] as const

export type CallType = (typeof CALL_TYPES)[number]

export const CALL: Message = {
  framework_id: one(ID),
  type: { type: { values: CALL_TYPES } },
  subscribe: one({
    framework_info: need(FRAMEWORK_INFO),
    suppressed_roles: SUPPRESSED,
    offer_constraints: one(OFFER_CONSTRAINTS),
  }),
  accept: one({ offer_ids: many(ID), operations: many(OPERATION), filters: one(FILTERS) }),
  decline: one({ offer_ids: many(ID), filters: one(FILTERS) }),
  accept_inverse_offers: one({ inverse_offer_ids: many(ID), filters: one(FILTERS) }),
  decline_inverse_offers: one({ inverse_offer_ids: many(ID), filters: one(FILTERS) }),
  revive: one(ROLES),
  kill: one({ task_id: need(ID), agent_id: one(ID), kill_policy: one({ grace_period: one(DURATION) }) }),
  shutdown: one({ executor_id: need(ID), agent_id: need(ID) }),
  acknowledge: one({ agent_id: need(ID), task_id: need(ID), uuid: { type: 'bytes', required: true } }),
  acknowledge_operation_status: one({
    agent_id: one(ID),
    uuid: { type: 'bytes', required: true },
    operation_id: need(ID),
  }),
  reconcile: one({ tasks: many(TASK_REF) }),
  reconcile_operations: one({ operations: many({ operation_id: need(ID), agent_id: one(ID) }) }),
  message: one({ agent_id: need(ID), executor_id: need(ID), data: { type: 'bytes', required: true } }),
  request: one({ requests: many({ agent_id: one(ID), resources: many(RESOURCE) }) }),
  suppress: one(ROLES),
  update_framework: one({
    framework_info: need(FRAMEWORK_INFO),
    suppressed_roles: SUPPRESSED,
    offer_constraints: one(OFFER_CONSTRAINTS),
  }),
}

const MACHINES: Message = { machines: many({ hostname: STRING, ip: STRING }) }
const AGENT: Message = { agent_id: need(ID) }

/** An operator call, as far as it is looked at. */
export const OPERATOR_CALL: Message = {
  type: {
    type: oneOf(
      'UNKNOWN',
      'GET_HEALTH',
      'GET_VERSION',
      'GET_STATE',
      'GET_AGENTS',
      'GET_FRAMEWORKS',
      'GET_EXECUTORS',
      'GET_CONTAINERS',
      'GET_TASKS',
      'GET_MASTER',
      'GET_METRICS',
      'GET_MAINTENANCE_SCHEDULE',
      'UPDATE_MAINTENANCE_SCHEDULE',
      'START_MAINTENANCE',
      'STOP_MAINTENANCE',
      'DRAIN_AGENT',
      'DEACTIVATE_AGENT',
      'REACTIVATE_AGENT',
      'MARK_AGENT_GONE',
    ),
  },
  drain_agent: one({ ...AGENT, mark_gone: BOOL }),
  deactivate_agent: one(AGENT),
  reactivate_agent: one(AGENT),
  mark_agent_gone: one(AGENT),
  update_maintenance_schedule: one({
    schedule: need({
      windows: many({
        machine_ids: many({ hostname: STRING, ip: STRING }),
        unavailability: need({ start: need(DURATION), duration: one(DURATION) }),
      }),
    }),
  }),
  start_maintenance: one(MACHINES),
  stop_maintenance: one(MACHINES),
  get_containers: one({ show_nested: BOOL, show_standalone: BOOL }),
  get_metrics: one({ timeout: one({ nanoseconds: INT }) }),
}
