import { type Static, Type } from 'typebox'
import { EnvironmentValue, UnreachableStrategy } from './pod-schema.ts'

const Seconds = Type.Integer({ minimum: 0 })
const Port = Type.Integer({ minimum: 0, maximum: 65_535 })
const Capacity = Type.Number({ minimum: 0, maximum: 1, default: 1 })

const HealthCheck = Type.Object({
  protocol: Type.Enum(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'], {
    default: 'HTTP',
  }),
  path: Type.Optional(Type.String()),
  command: Type.Optional(Type.Object({ value: Type.String() })),
  portIndex: Type.Optional(Type.Integer({ minimum: 0 })),
  port: Type.Optional(Port),
  gracePeriodSeconds: Type.Integer({ minimum: 0, default: 300 }),
  intervalSeconds: Type.Integer({ minimum: 0, default: 60 }),
  timeoutSeconds: Type.Integer({ minimum: 0, default: 20 }),
  delaySeconds: Type.Integer({ minimum: 0, default: 15 }),
  maxConsecutiveFailures: Type.Integer({ minimum: 0, default: 3 }),
  ignoreHttp1xx: Type.Optional(Type.Boolean()),
})

const Fetch = Type.Object({
  uri: Type.String(),
  extract: Type.Boolean({ default: true }),
  executable: Type.Boolean({ default: false }),
  cache: Type.Boolean({ default: false }),
  destPath: Type.Optional(Type.String()),
})

/** An app as far as it is looked at; other fields are kept and shown again. `uris` and `ports` are read before. */
export const App = Type.Object({
  id: Type.String(),
  cmd: Type.Optional(Type.String()),
  args: Type.Optional(Type.Array(Type.String())),
  user: Type.Optional(Type.String()),
  env: Type.Record(Type.String(), EnvironmentValue, { default: {} }),
  labels: Type.Record(Type.String(), Type.String(), { default: {} }),
  instances: Type.Integer({ minimum: 0, default: 1 }),
  cpus: Type.Number({ minimum: 0, default: 1 }),
  mem: Type.Number({ minimum: 0, default: 128 }),
  disk: Type.Number({ minimum: 0, default: 0 }),
  gpus: Type.Integer({ minimum: 0, default: 0 }),
  fetch: Type.Array(Fetch, { default: [] }),
  container: Type.Optional(
    Type.Object({
      type: Type.Optional(Type.Enum(['DOCKER', 'MESOS'])),
      docker: Type.Optional(Type.Object({ image: Type.String() })),
      volumes: Type.Optional(Type.Array(Type.Unknown())),
    }),
  ),
  portDefinitions: Type.Array(
    Type.Object({
      port: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
      name: Type.Optional(Type.String()),
      protocol: Type.String({ default: 'tcp' }),
      labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    }),
    { default: [{ port: 0 }] },
  ),
  requirePorts: Type.Boolean({ default: false }),
  healthChecks: Type.Array(HealthCheck, { default: [] }),
  constraints: Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 3 }), { default: [] }),
  acceptedResourceRoles: Type.Optional(Type.Array(Type.String())),
  backoffSeconds: Type.Number({ minimum: 0, default: 1 }),
  backoffFactor: Type.Number({ minimum: 1, default: 1.15 }),
  maxLaunchDelaySeconds: Type.Number({ minimum: 0, default: 300 }),
  taskKillGracePeriodSeconds: Type.Optional(Seconds),
  upgradeStrategy: Type.Object({ minimumHealthCapacity: Capacity, maximumOverCapacity: Capacity }, { default: {} }),
  unreachableStrategy: Type.Optional(UnreachableStrategy),
})

export type AppDefinition = Static<typeof App>
export type AppHealthCheck = AppDefinition['healthChecks'][number]
