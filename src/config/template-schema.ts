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
    gpus: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        description: 'GPUs of one agent; hosts that have some are kept for it',
      }),
    ),
    scalars: Type.Optional(
      Type.Record(Type.String(), Type.Number({ minimum: 0.001, maximum: 1e9 }), {
        description: 'Of one agent: resources that operators of the hosts named, such as { fpga: 2 }',
      }),
    ),
    ports: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'Host ports of one agent, given to it as PORT, PORT0, PORT1 … and PORTS',
      }),
    ),
    regions: Type.Optional(
      Type.Union([Type.Literal('home'), Type.Literal('any'), Type.Array(Type.String({ minLength: 1 }))], {
        description:
          'Hosts of which regions it uses: home (that of the Mesos master), any, or home and those in a list',
      }),
    ),
    maxBuildSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000_000,
        description: 'No agent starts on a host that goes into maintenance within this time, and those there drain',
      }),
    ),
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
