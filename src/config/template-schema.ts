import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }
const whole = (minimum: number) => Type.Integer({ minimum, maximum: 1_000_000_000 })
const words = Type.Union([Type.String(), Type.Array(Type.String())])

/** Where a container's network, volumes and so on are given. */
const ContainerInput = Type.Object(
  {
    type: Type.Optional(Type.Enum(['DOCKER', 'MESOS'])),
    image: Type.String({ minLength: 1 }),
    forcePull: Type.Optional(Type.Boolean()),
    privileged: Type.Optional(Type.Boolean()),
    network: Type.Optional(Type.Enum(['HOST', 'BRIDGE', 'NONE'])),
    parameters: Type.Optional(Type.Array(Type.Object({ key: Type.String(), value: Type.String() }, closed))),
    volumes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            containerPath: Type.String({ minLength: 1 }),
            hostPath: Type.Optional(Type.String()),
            readOnly: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
      ),
    ),
  },
  closed,
)

const UriInput = Type.Object(
  {
    value: Type.String({ minLength: 1 }),
    extract: Type.Optional(Type.Boolean()),
    executable: Type.Optional(Type.Boolean()),
    cache: Type.Optional(Type.Boolean()),
    outputFile: Type.Optional(Type.String({ minLength: 1 })),
  },
  closed,
)

/** One template as people write it. Everything may be left out; defaults stand in `template.ts`. */
export const TemplateInput = Type.Object(
  {
    labels: Type.Optional(words),
    mode: Type.Optional(Type.Enum(['NORMAL', 'EXCLUSIVE'])),
    role: Type.Optional(Type.String({ minLength: 1 })),
    executors: Type.Optional(
      Type.Union([whole(1), Type.Object({ min: Type.Optional(whole(1)), max: Type.Optional(whole(1)) }, closed)]),
    ),
    cpus: Type.Optional(
      Type.Object(
        {
          agent: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6 })),
          perExecutor: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6 })),
        },
        closed,
      ),
    ),
    memMib: Type.Optional(
      Type.Object(
        {
          agent: Type.Optional(whole(1)),
          perExecutor: Type.Optional(whole(0)),
          factor: Type.Optional(Type.Number({ minimum: 1, maximum: 10 })),
        },
        closed,
      ),
    ),
    diskMib: Type.Optional(whole(0)),
    idleTimeoutSeconds: Type.Optional(whole(0)),
    maxAgents: Type.Optional(whole(1)),
    minIdle: Type.Optional(whole(0)),
    connectTimeoutSeconds: Type.Optional(whole(1)),
    reconnectTimeoutSeconds: Type.Optional(whole(1)),
    unreachableTimeoutSeconds: Type.Optional(whole(1)),
    oneShot: Type.Optional(Type.Boolean()),
    connection: Type.Optional(Type.Enum(['auto', 'websocket', 'tcp', 'jnlpUrl'])),
    agentCommand: Type.Optional(Type.String({ minLength: 1 })),
    jvmArgs: Type.Optional(words),
    heapMib: Type.Optional(whole(1)),
    remoteFs: Type.Optional(Type.String({ minLength: 1 })),
    user: Type.Optional(Type.String({ minLength: 1 })),
    environment: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
    uris: Type.Optional(Type.Array(Type.Union([Type.String({ minLength: 1 }), UriInput]))),
    killGraceSeconds: Type.Optional(whole(0)),
    secretVia: Type.Optional(Type.Enum(['uri', 'environment'])),
    container: Type.Optional(ContainerInput),
  },
  closed,
)
export type TemplateInput = Static<typeof TemplateInput>

/** Fields of the design that a later version will read. Ignoring them would do something else than was asked for. */
export const LATER_FIELDS: readonly string[] = ['schedules', 'constraints', 'maxBuilds', 'maxAgeSeconds']
