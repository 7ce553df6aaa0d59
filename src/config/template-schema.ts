import { type Static, Type } from 'typebox'
import { ContainerInput } from './container-schema.ts'
import {
  closed,
  cpus,
  flag,
  mebibytes,
  type Note,
  optionalText,
  scalar,
  seconds,
  text,
  variables,
  whole,
  words,
} from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

const notes = (description: string, note: Note) => ({ description, ...note })

const UriInput = Type.Object(
  {
    value: text('address that the fetcher of Mesos knows', { example: 'https://files.example.com/tools.tar.gz' }),
    extract: flag('unpacks an archive', { default: DEFAULTS.uri.extract }),
    executable: flag('makes the file executable; an archive stays packed', { default: DEFAULTS.uri.executable }),
    cache: flag('kept on the host for later agents, and never looked at again', { default: DEFAULTS.uri.cache }),
    outputFile: optionalText('its name in the sandbox', { otherwise: 'as in the address', example: 'tools.tgz' }),
  },
  closed,
)

const ScheduleInput = Type.Object(
  {
    cron: text('when it begins to hold: minute, hour, day of month, month, day of week', { example: '0 8 * * 1-5' }),
    timezone: optionalText('the time zone of that', { default: DEFAULTS.timezone, example: 'Europe/Berlin' }),
    durationMinutes: whole(1, 'how long it holds', {
      unit: 'minutes',
      otherwise: 'until another schedule of the template begins',
      example: '600',
    }),
    minIdle: whole(0, 'in place of the one of the template', { unit: 'executors', example: '4' }),
    maxAgents: whole(0, 'in place of the one of the template; 0: none', { unit: 'agents', example: '20' }),
    idleTimeoutSeconds: seconds(0, 'in place of the one of the template', { example: '1800' }),
  },
  closed,
)

const ToolLocationInput = Type.Object(
  {
    type: text('class of the tool', { example: 'hudson.model.JDK' }),
    name: text('its name in Jenkins', { example: 'jdk17' }),
    home: text('where it is on the agent', { example: '/opt/jdk17' }),
  },
  closed,
)

/** One template as people write it. Everything may be left out; what holds then stands beside it. */
export const TemplateInput = Type.Object(
  {
    from: optionalText('another template: what is not said here is as it is there', { example: 'base' }),
    abstract: flag('serves others as `from` only and makes no agents', { default: false }),
    labels: words('Jenkins labels of its agents, as a list or as text', {
      otherwise: 'the name of the template',
      example: '[linux, docker]',
    }),
    mode: Type.Optional(
      Type.Enum(
        ['NORMAL', 'EXCLUSIVE'],
        notes('EXCLUSIVE: only builds that ask for one of the labels', {
          default: DEFAULTS.mode,
          example: 'EXCLUSIVE',
        }),
      ),
    ),
    defaultTemplate: flag('jobs without a label go here first; for one template at most', {
      default: DEFAULTS.defaultTemplate,
    }),
    priority: Type.Optional(
      Type.Integer({
        minimum: -1000,
        maximum: 1000,
        ...notes('of several templates that serve a job the highest is taken, and under shortage it is served first', {
          default: DEFAULTS.priority,
          example: '10',
        }),
      }),
    ),
    role: optionalText('the Mesos role whose offers it takes', {
      otherwise: 'the first of MESOS_ROLES',
      example: '"*"',
    }),

    executors: Type.Optional(
      Type.Union(
        [
          Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
          Type.Object(
            {
              min: whole(1, 'least of one agent', { default: DEFAULTS.executors.min, example: '1' }),
              max: whole(1, 'most of one agent', {
                otherwise: `${DEFAULTS.executors.max}, or \`min\` where that is more; 1 with \`oneShot\``,
                example: '2',
              }),
            },
            closed,
          ),
        ],
        notes('of one agent: as many as wait, at least `min` and at most `max`; a number is both', {
          unit: 'executors',
          example: '{ min: 1, max: 2 }',
        }),
      ),
    ),
    cpus: Type.Optional(
      Type.Object(
        {
          agent: cpus('for the agent program', { default: DEFAULTS.cpus.agent, example: '0.1' }),
          perExecutor: cpus('for each executor on top of it', {
            default: DEFAULTS.cpus.perExecutor,
            example: '0.9',
          }),
        },
        closed,
      ),
    ),
    memMib: Type.Optional(
      Type.Object(
        {
          agent: mebibytes(1, 'for the agent program', { default: DEFAULTS.memMib.agent, example: '512' }),
          perExecutor: mebibytes(0, 'for each executor on top of it', {
            default: DEFAULTS.memMib.perExecutor,
            example: '2048',
          }),
          factor: Type.Optional(
            Type.Number({
              minimum: 1,
              maximum: 10,
              ...notes('the sum is multiplied by this and rounded up: Java takes more than its heap', {
                default: DEFAULTS.memMib.factor,
                example: '1.1',
              }),
            }),
          ),
        },
        closed,
      ),
    ),
    heapMib: mebibytes(1, 'heap of the agent program, `-Xmx`', { otherwise: '`memMib.agent`', example: '256' }),
    diskMib: mebibytes(0, 'disk of one agent; hosts must have it', { default: DEFAULTS.diskMib, example: '4096' }),
    gpus: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        ...notes('GPUs of one agent; hosts that have some are kept for such templates', {
          default: DEFAULTS.gpus,
          example: '1',
        }),
      }),
    ),
    scalars: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Number({ minimum: 0.001, maximum: 1e9 }),
        notes('of one agent: other resources, as operators of the hosts have named them', { example: '{ fpga: 2 }' }),
      ),
    ),
    ports: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        ...notes('host ports of one agent, told to builds as PORT, PORT0, PORT1 … and PORTS', {
          default: DEFAULTS.ports,
          example: '1',
        }),
      }),
    ),

    attributes: Type.Optional(
      Type.Union(
        [Type.String(), Type.Record(Type.String(), scalar)],
        notes('hosts must have exactly these; as a map, or as the text `os:linux,rack:r1`', {
          example: '{ os: linux, rack: r1 }',
        }),
      ),
    ),
    constraints: Type.Optional(
      Type.Array(
        Type.Array(scalar, { minItems: 2, maxItems: 3 }),
        notes("rules on hosts, in Marathon's operators: [field, operator, value]", {
          example: '[[rack_id, LIKE, "r[12]"], [hostname, MAX_PER, 2]]',
        }),
      ),
    ),
    regions: Type.Optional(
      Type.Union(
        [Type.Enum(['home', 'any']), Type.Array(Type.String({ minLength: 1 }))],
        notes('hosts of which regions it uses: home (that of the Mesos master), any, or home and those in a list', {
          default: DEFAULTS.regions,
          example: '[eu, us]',
        }),
      ),
    ),
    packing: Type.Optional(
      Type.Enum(
        ['binpack', 'spread'],
        notes('onto the fullest host that has room, or onto the emptiest', {
          default: DEFAULTS.packing,
          example: 'spread',
        }),
      ),
    ),
    affinity: flag('hosts where the last agent of the job ran come first: its workspace may still be there', {
      default: DEFAULTS.affinity,
      example: 'false',
    }),
    maxBuildSeconds: seconds(
      0,
      'no agent starts on a host that goes into maintenance within this time, and those there drain',
      { default: DEFAULTS.maxBuildSeconds, example: '7200' },
    ),

    maxAgents: whole(1, 'most agents at once', { default: DEFAULTS.maxAgents, unit: 'agents', example: '20' }),
    maxCpus: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e9,
        ...notes('most CPUs of its agents together', { unit: 'CPUs', otherwise: 'no limit', example: '16' }),
      }),
    ),
    maxMemMib: mebibytes(1, 'most memory of its agents together', { otherwise: 'no limit', example: '65536' }),
    minIdle: whole(0, 'warm pool: executors kept idle on purpose', {
      default: DEFAULTS.minIdle,
      unit: 'executors',
      example: '2',
    }),
    headroom: Type.Optional(
      Type.Object(
        {
          factor: Type.Number({
            minimum: 0,
            maximum: 10,
            ...notes('idle executors kept for each busy one', { example: '0.2' }),
          }),
          limit: whole(0, 'never more than this', { unit: 'executors', otherwise: 'no limit', example: '10' }),
        },
        { ...closed, ...notes('more idle executors while many are busy; `minIdle` is the least', {}) },
      ),
    ),
    schedules: Type.Optional(
      Type.Array(
        ScheduleInput,
        notes('other values at times', { example: '[{ cron: "0 8 * * 1-5", durationMinutes: 600, minIdle: 4 }]' }),
      ),
    ),

    idleTimeoutSeconds: seconds(0, 'an agent without a build for so long goes', {
      default: DEFAULTS.idleTimeoutSeconds,
      example: '600',
    }),
    keepIdle: flag('idle agents never go by themselves', { default: DEFAULTS.keepIdle }),
    coolDownSeconds: seconds(0, 'no idle agent goes so soon after one of the template was provisioned', {
      default: DEFAULTS.coolDownSeconds,
      example: '60',
    }),
    oneShot: flag('one build an agent', { default: DEFAULTS.oneShot }),
    maxBuilds: whole(1, 'an agent goes after so many builds', { otherwise: 'no limit', unit: 'builds', example: '20' }),
    maxAgeSeconds: seconds(1, 'an agent that is online for so long takes no new build, and goes', {
      otherwise: 'no limit',
      example: '86400',
    }),
    reapOrder: Type.Optional(
      Type.Enum(
        ['oldest', 'newest', 'emptiestHost'],
        notes('which of several idle agents goes first; emptiestHost: one on the host that runs fewest', {
          default: DEFAULTS.reapOrder,
          example: 'emptiestHost',
        }),
      ),
    ),
    connectTimeoutSeconds: seconds(1, 'an agent that is not online so long after its launch has failed', {
      otherwise: `CONNECT_TIMEOUT_SECONDS, else ${DEFAULTS.connectTimeoutSeconds}, with an image ${DEFAULTS.connectTimeoutWithImageSeconds}`,
      example: '900',
    }),
    reconnectTimeoutSeconds: seconds(1, 'an idle agent that is disconnected so long goes', {
      default: DEFAULTS.reconnectTimeoutSeconds,
      example: '120',
    }),
    unreachableTimeoutSeconds: seconds(1, 'an agent that Mesos cannot reach for so long is given up', {
      default: DEFAULTS.unreachableTimeoutSeconds,
      example: '1800',
    }),
    rescheduleLostBuilds: flag('builds that were lost with their host are started again, with their parameters', {
      default: DEFAULTS.rescheduleLostBuilds,
    }),
    killGraceSeconds: seconds(0, 'between the first and the last signal that ends the agent', {
      default: DEFAULTS.killGraceSeconds,
      example: '60',
    }),

    connection: Type.Optional(
      Type.Enum(
        ['auto', 'websocket', 'tcp', 'jnlpUrl'],
        notes('how the agent connects to Jenkins; auto: WebSocket from Jenkins 2.217 on, else TCP', {
          default: DEFAULTS.connection,
          example: 'tcp',
        }),
      ),
    ),
    secretVia: Type.Optional(
      Type.Enum(
        ['uri', 'environment'],
        notes('how the secret of an agent travels; environment is visible in the API of the Mesos agents', {
          default: DEFAULTS.secretVia,
          example: 'environment',
        }),
      ),
    ),
    user: optionalText('user of the host that the agent runs as', { otherwise: 'MESOS_USER', example: 'builder' }),
    commandStyle: Type.Optional(
      Type.Enum(
        ['linux', 'windows'],
        notes('the shell of the host; windows needs `secretVia: environment`', {
          default: DEFAULTS.commandStyle,
          example: 'linux',
        }),
      ),
    ),
    agentCommand: optionalText('shell text with `{jvmArgs}`, `{jar}` and `{connection}`', {
      default: DEFAULTS.command,
      example: '"/opt/jdk17/bin/java {jvmArgs} -jar {jar} {connection}"',
    }),
    preflight: flag('looks for Java and its version first, and says what is missing', {
      otherwise: 'true, but with `agentCommand` false',
      example: 'false',
    }),
    jvmArgs: words('arguments for java, beside the heap', {
      otherwise: `\`${DEFAULTS.jvmArgs.join(' ')}\``,
      example: '[-Xss1m, -Dfile.encoding=UTF-8]',
    }),
    agentArgs: words('arguments for agent.jar, beside those of the connection', { example: '-noReconnect' }),
    remoteFs: optionalText('where workspaces are: relative to the sandbox, or absolute', {
      default: DEFAULTS.remoteFs,
      example: '/var/lib/jenkins',
    }),
    environment: variables('variables of the agent and of all that it runs', {
      example: '{ MAVEN_OPTS: -Xmx1g, PATH_EXTRA: /opt/bin }',
    }),
    nodeProperties: Type.Optional(
      Type.Object(
        {
          environment: variables('variables that Jenkins gives to builds', { example: '{ SITE: eu }' }),
          toolLocations: Type.Optional(
            Type.Array(ToolLocationInput, {
              ...notes('where tools of Jenkins are', {
                example: '[{ type: hudson.model.JDK, name: jdk17, home: /opt/jdk17 }]',
              }),
            }),
          ),
        },
        { ...closed, ...notes('of the node in Jenkins', {}) },
      ),
    ),
    uris: Type.Optional(
      Type.Array(
        Type.Union([Type.String({ minLength: 1 }), UriInput]),
        notes('files that Mesos fetches into the sandbox, as addresses or as maps', {
          example: '[{ value: "file:///etc/docker.tar.gz", extract: true }]',
        }),
      ),
    ),
    container: Type.Optional(ContainerInput),
  },
  closed,
)
export type TemplateInput = Static<typeof TemplateInput>
