import { Type } from 'typebox'
import { closed, flag, notes, optionalText, text, variables, words } from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

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

const ToolLocationInput = Type.Object(
  {
    type: text('class of the tool', { example: 'hudson.model.JDK' }),
    name: text('its name in Jenkins', { example: 'jdk17' }),
    home: text('where it is on the agent', { example: '/opt/jdk17' }),
  },
  closed,
)

/** How an agent is started. */
export const LAUNCH = {
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
      { ...closed, ...notes('of the node in Jenkins') },
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
}
