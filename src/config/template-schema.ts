import { type Static, Type } from 'typebox'
import { ContainerInput } from './container-schema.ts'

const closed = { additionalProperties: false }
const whole = (minimum: number, description = '') =>
  Type.Integer({ minimum, maximum: 1_000_000_000, ...(description !== '' && { description }) })
const words = (description: string) => Type.Union([Type.String(), Type.Array(Type.String())], { description })
const flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()])
const cpus = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description }))

const UriInput = Type.Object(
  {
    value: Type.String({ minLength: 1, description: 'address that the fetcher of Mesos knows' }),
    extract: flag('unpacks an archive'),
    executable: flag('makes the file executable, and leaves an archive packed'),
    cache: flag('kept on the host for later agents; never looked at again'),
    outputFile: Type.Optional(Type.String({ minLength: 1, description: 'its name in the sandbox' })),
  },
  closed,
)

const ScheduleInput = Type.Object(
  {
    cron: Type.String({ minLength: 1, description: 'when it begins to hold: minute hour day month weekday' }),
    timezone: Type.Optional(Type.String({ minLength: 1, description: 'such as Europe/Berlin; UTC if not given' })),
    durationMinutes: Type.Optional(
      whole(1, 'how long it holds; without it until another schedule of the template begins'),
    ),
    minIdle: Type.Optional(whole(0, 'in place of minIdle of the template')),
    maxAgents: Type.Optional(whole(0, 'in place of maxAgents of the template')),
    idleTimeoutSeconds: Type.Optional(whole(0, 'in place of idleTimeoutSeconds of the template')),
  },
  closed,
)

/** One template as people write it. Everything may be left out; defaults stand in `template.ts`. */
export const TemplateInput = Type.Object(
  {
    from: Type.Optional(
      Type.String({ minLength: 1, description: 'another template: what is not said here is as it is there' }),
    ),
    abstract: flag('serves as `from` of others only and makes no agents'),
    labels: Type.Optional(words('Jenkins labels of its agents')),
    mode: Type.Optional(
      Type.Enum(['NORMAL', 'EXCLUSIVE'], { description: 'EXCLUSIVE: only builds that ask for one of the labels' }),
    ),
    defaultTemplate: flag('jobs without a label go here first; for one template at most'),
    priority: Type.Optional(
      Type.Integer({ minimum: -1000, maximum: 1000, description: 'the highest is taken first, and served first' }),
    ),
    role: Type.Optional(Type.String({ minLength: 1, description: 'the Mesos role whose offers it takes' })),
    executors: Type.Optional(
      Type.Union([whole(1), Type.Object({ min: Type.Optional(whole(1)), max: Type.Optional(whole(1)) }, closed)], {
        description: 'of one agent: as many as wait, at least min and at most max',
      }),
    ),
    cpus: Type.Optional(
      Type.Object(
        { agent: cpus('for the agent program'), perExecutor: cpus('for each executor on top of it') },
        closed,
      ),
    ),
    memMib: Type.Optional(
      Type.Object(
        {
          agent: Type.Optional(whole(1, 'for the agent program')),
          perExecutor: Type.Optional(whole(0, 'for each executor on top of it')),
          factor: Type.Optional(
            Type.Number({ minimum: 1, maximum: 10, description: 'the sum is multiplied by this and rounded up' }),
          ),
        },
        closed,
      ),
    ),
    diskMib: Type.Optional(whole(0, 'disk of one agent')),
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
    attributes: Type.Optional(
      Type.Union([Type.String(), Type.Record(Type.String(), scalar)], {
        description: 'hosts must have exactly these: { os: linux }, or the text os:linux,rack:r1',
      }),
    ),
    constraints: Type.Optional(
      Type.Array(Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 2, maxItems: 3 }), {
        description: "on which hosts, in Marathon's operators: [[rack_id, LIKE, 'r[12]'], [hostname, MAX_PER, 2]]",
      }),
    ),
    packing: Type.Optional(
      Type.Enum(['binpack', 'spread'], { description: 'onto the fullest host that has room, or onto the emptiest' }),
    ),
    affinity: flag('hosts where the last agent of the waiting job ran come first: its workspace may still be there'),
    maxBuildSeconds: Type.Optional(
      whole(0, 'No agent starts on a host that goes into maintenance within this time, and those there drain'),
    ),
    idleTimeoutSeconds: Type.Optional(whole(0, 'an agent without a build for so long goes')),
    keepIdle: flag('idle agents never go by themselves'),
    maxAgents: Type.Optional(whole(1, 'most agents at once')),
    maxCpus: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'most CPUs of its agents together' })),
    maxMemMib: Type.Optional(whole(1, 'most memory of its agents together')),
    minIdle: Type.Optional(whole(0, 'warm pool: executors kept idle on purpose')),
    headroom: Type.Optional(
      Type.Object(
        {
          factor: Type.Number({ minimum: 0, maximum: 10, description: 'idle executors kept for each busy one' }),
          limit: Type.Optional(whole(0, 'never more than this')),
        },
        { ...closed, description: 'more idle executors while many are busy; minIdle is the least' },
      ),
    ),
    schedules: Type.Optional(
      Type.Array(ScheduleInput, { description: 'other values at times; the one that began last holds' }),
    ),
    coolDownSeconds: Type.Optional(whole(0, 'no idle agent goes so soon after the template was last provisioned')),
    connectTimeoutSeconds: Type.Optional(whole(1, 'an agent that is not online so long after its launch has failed')),
    reconnectTimeoutSeconds: Type.Optional(whole(1, 'an idle agent that is disconnected so long goes')),
    unreachableTimeoutSeconds: Type.Optional(whole(1, 'an agent that Mesos cannot reach for so long is given up')),
    oneShot: flag('one build an agent'),
    maxBuilds: Type.Optional(whole(1, 'an agent goes after so many builds')),
    maxAgeSeconds: Type.Optional(whole(1, 'an agent takes no new build once it is so old, and goes')),
    reapOrder: Type.Optional(
      Type.Enum(['oldest', 'newest', 'emptiestHost'], { description: 'which idle agent goes first' }),
    ),
    rescheduleLostBuilds: flag('builds that were lost with their host are started again, with their parameters'),
    connection: Type.Optional(
      Type.Enum(['auto', 'websocket', 'tcp', 'jnlpUrl'], { description: 'how the agent program connects to Jenkins' }),
    ),
    commandStyle: Type.Optional(Type.Enum(['linux', 'windows'], { description: 'the shell of the host' })),
    agentCommand: Type.Optional(
      Type.String({ minLength: 1, description: 'shell text with {jvmArgs}, {jar} and {connection}' }),
    ),
    preflight: flag('looks for Java and its version first, and says what is missing'),
    jvmArgs: Type.Optional(words('arguments for java, beside the heap')),
    agentArgs: Type.Optional(words('arguments for agent.jar, beside those of the connection')),
    heapMib: Type.Optional(whole(1, 'heap of the agent program, -Xmx; memMib.agent if not given')),
    remoteFs: Type.Optional(
      Type.String({ minLength: 1, description: 'where workspaces are: relative to the sandbox, or absolute' }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, description: 'user of the host that the agent runs as' })),
    environment: Type.Optional(
      Type.Record(Type.String(), scalar, { description: 'variables of the agent and all that it runs' }),
    ),
    nodeProperties: Type.Optional(
      Type.Object(
        {
          environment: Type.Optional(Type.Record(Type.String(), scalar, { description: 'variables of builds' })),
          toolLocations: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  type: Type.String({ minLength: 1, description: 'class of the tool, hudson.model.JDK' }),
                  name: Type.String({ minLength: 1, description: 'as Jenkins calls it' }),
                  home: Type.String({ minLength: 1, description: 'where it is on the agent' }),
                },
                closed,
              ),
            ),
          ),
        },
        { ...closed, description: 'of the node in Jenkins' },
      ),
    ),
    uris: Type.Optional(
      Type.Array(Type.Union([Type.String({ minLength: 1 }), UriInput]), {
        description: 'files that Mesos fetches into the sandbox',
      }),
    ),
    killGraceSeconds: Type.Optional(whole(0, 'between the first and the last signal that ends the agent')),
    secretVia: Type.Optional(
      Type.Enum(['uri', 'environment'], { description: 'how the secret of an agent travels; environment is visible' }),
    ),
    container: Type.Optional(ContainerInput),
  },
  closed,
)
export type TemplateInput = Static<typeof TemplateInput>
