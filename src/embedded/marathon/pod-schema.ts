import { type Static, Type } from 'typebox'

const Name = Type.String({ pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', minLength: 1, maxLength: 63 })
const Text = Type.Record(Type.String(), Type.String())
const Seconds = Type.Integer({ minimum: 0 })
const AnyPort = Type.Integer({ minimum: 0, maximum: 65_535 })

export const EnvironmentValue = Type.Union([Type.String(), Type.Object({ secret: Type.String() })])

const Environment = Type.Record(Type.String({ pattern: '^[a-zA-Z_][a-zA-Z0-9_]{0,253}$' }), EnvironmentValue)

const Command = Type.Object({
  shell: Type.Optional(Type.String()),
  argv: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
})

const Endpoint = Type.Object({
  name: Name,
  hostPort: Type.Optional(AnyPort),
  containerPort: Type.Optional(AnyPort),
  protocol: Type.Optional(Type.Array(Type.String())),
  labels: Type.Optional(Text),
})

const HealthCheck = Type.Object({
  http: Type.Optional(
    Type.Object({
      endpoint: Name,
      path: Type.Optional(Type.String()),
      scheme: Type.Optional(Type.Enum(['HTTP', 'HTTPS'])),
    }),
  ),
  tcp: Type.Optional(Type.Object({ endpoint: Name })),
  exec: Type.Optional(Type.Object({ command: Command })),
  gracePeriodSeconds: Type.Integer({ minimum: 0, default: 300 }),
  intervalSeconds: Type.Integer({ minimum: 0, default: 60 }),
  maxConsecutiveFailures: Type.Integer({ minimum: 0, default: 3 }),
  timeoutSeconds: Type.Integer({ minimum: 0, default: 20 }),
  delaySeconds: Type.Integer({ minimum: 0, default: 15 }),
})

const Artifact = Type.Object({
  uri: Type.String({ minLength: 1, maxLength: 1024 }),
  extract: Type.Boolean({ default: true }),
  executable: Type.Boolean({ default: false }),
  cache: Type.Boolean({ default: false }),
  destPath: Type.Optional(Type.String()),
})

const Container = Type.Object({
  name: Name,
  resources: Type.Object({
    cpus: Type.Number({ minimum: 0.001 }),
    mem: Type.Number({ minimum: 0.001 }),
    disk: Type.Number({ minimum: 0, default: 0 }),
    gpus: Type.Integer({ minimum: 0, default: 0 }),
  }),
  exec: Type.Optional(Type.Object({ command: Command, overrideEntrypoint: Type.Optional(Type.Boolean()) })),
  image: Type.Optional(Type.Object({ kind: Type.Enum(['DOCKER']), id: Type.String() })),
  endpoints: Type.Array(Endpoint, { default: [] }),
  environment: Type.Optional(Environment),
  user: Type.Optional(Type.String()),
  healthCheck: Type.Optional(HealthCheck),
  volumeMounts: Type.Array(
    Type.Object({
      name: Name,
      mountPath: Type.String({ minLength: 1, maxLength: 1024 }),
      readOnly: Type.Optional(Type.Boolean()),
    }),
    { default: [] },
  ),
  artifacts: Type.Array(Artifact, { default: [] }),
  labels: Type.Optional(Text),
  lifecycle: Type.Optional(Type.Object({ killGracePeriodSeconds: Type.Optional(Type.Number({ minimum: 0 })) })),
})

const Capacity = Type.Number({ minimum: 0, maximum: 1, default: 1 })

export const UnreachableStrategy = Type.Union([
  Type.Literal('disabled'),
  Type.Object({ inactiveAfterSeconds: Seconds, expungeAfterSeconds: Seconds }),
])

const Constraint = Type.Object({
  fieldName: Type.String(),
  operator: Type.Enum(['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS']),
  value: Type.Optional(Type.String()),
})

/** A pod as far as it is looked at; other fields are kept and shown again. */
export const Pod = Type.Object({
  id: Type.String({ pattern: '^(/?((\\.\\.)|(\\.)|([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9]))?($|/))*$' }),
  labels: Type.Optional(Text),
  user: Type.Optional(Type.String()),
  environment: Type.Optional(Environment),
  containers: Type.Array(Container, { minItems: 1 }),
  secrets: Type.Optional(Type.Record(Type.String(), Type.Object({ source: Type.String() }))),
  volumes: Type.Array(
    Type.Object({
      name: Name,
      host: Type.Optional(Type.String()),
      secret: Type.Optional(Type.String()),
      persistent: Type.Optional(Type.Object({ size: Type.Number() })),
    }),
    { default: [] },
  ),
  networks: Type.Array(
    Type.Object({
      mode: Type.Enum(['container', 'container/bridge', 'host'], { default: 'container' }),
      name: Type.Optional(Type.String()),
    }),
    { default: [] },
  ),
  scaling: Type.Object(
    { kind: Type.Enum(['fixed'], { default: 'fixed' }), instances: Type.Integer({ minimum: 0, default: 1 }) },
    { default: {} },
  ),
  scheduling: Type.Object(
    {
      backoff: Type.Object(
        {
          backoff: Type.Number({ minimum: 0, default: 1 }),
          backoffFactor: Type.Number({ minimum: 1, default: 1.15 }),
          maxLaunchDelay: Type.Number({ minimum: 0, default: 300 }),
        },
        { default: {} },
      ),
      upgrade: Type.Object({ minimumHealthCapacity: Capacity, maximumOverCapacity: Capacity }, { default: {} }),
      placement: Type.Object(
        {
          constraints: Type.Array(Constraint, { default: [] }),
          acceptedResourceRoles: Type.Array(Type.String(), { default: [] }),
        },
        { default: {} },
      ),
      killSelection: Type.Enum(['YOUNGEST_FIRST', 'OLDEST_FIRST'], { default: 'YOUNGEST_FIRST' }),
      unreachableStrategy: Type.Optional(UnreachableStrategy),
    },
    { default: {} },
  ),
  executorResources: Type.Object(
    {
      cpus: Type.Number({ minimum: 0.1, default: 0.1 }),
      mem: Type.Number({ minimum: 32, default: 32 }),
      disk: Type.Number({ minimum: 10, default: 10 }),
    },
    { default: {} },
  ),
})

export type PodDefinition = Static<typeof Pod>
export type PodContainer = PodDefinition['containers'][number]
