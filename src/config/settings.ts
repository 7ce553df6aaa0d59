import { type Static, Type } from 'typebox'

const port = { minimum: 0, maximum: 65_535 }

/**
 * Every setting that comes from the environment: type, default and description, here and nowhere else. A number has
 * its unit in its name. An empty variable counts as not given.
 */
export const Env = Type.Object({
  JENKINS_URL: Type.String({
    default: 'embedded',
    description: 'Jenkins with its context path, `https://ci.example.com/jenkins`, or `embedded`: one for the demo',
  }),
  JENKINS_USER: Type.Optional(Type.String({ description: 'Jenkins user of the sidecar' })),
  JENKINS_TOKEN: Type.Optional(Type.String({ description: 'API token of that user, never a password' })),
  JENKINS_AGENT_URL: Type.Optional(
    Type.String({ description: 'how agents on other hosts reach Jenkins, where that is not JENKINS_URL' }),
  ),
  JENKINS_CA_FILE: Type.Optional(
    Type.String({ description: 'PEM file with the authorities that the certificate of Jenkins must come from' }),
  ),
  JENKINS_CLIENT_CERT_FILE: Type.Optional(
    Type.String({ description: 'PEM file with the certificate to show to Jenkins, where it asks for one' }),
  ),
  JENKINS_CLIENT_KEY_FILE: Type.Optional(Type.String({ description: 'PEM file with its private key' })),
  POLL_INTERVAL_MS: Type.Integer({ default: 2000, minimum: 250, description: 'how often Jenkins is read' }),

  MESOS_MASTER: Type.String({
    default: 'embedded',
    description:
      '`zk://a:2181,b:2181/mesos`, with `user:password@` before the hosts where it asks for it; ' +
      '`http://host:5050` or several, `http://a:5050,b:5050`; `embedded`: a small Mesos in this process',
  }),
  MESOS_ROLES: Type.String({ default: '*', description: 'roles whose offers are taken, with commas between them' }),
  MESOS_USER: Type.Optional(Type.String({ description: 'user that agents run as; required unless Mesos is embedded' })),
  MESOS_FRAMEWORK_NAME: Type.String({ default: 'jenkins', description: 'the name in the interface of Mesos' }),
  MESOS_FAILOVER_TIMEOUT_SECONDS: Type.Integer({
    default: 604_800,
    minimum: 1,
    description: 'how long Mesos keeps agents running while no sidecar is connected',
  }),
  MESOS_PRINCIPAL: Type.Optional(Type.String({ description: 'who the framework is, for HTTP basic authentication' })),
  MESOS_SECRET: Type.Optional(Type.String({ description: 'the secret of that principal; it cannot hold a colon' })),
  DCOS_SERVICE_ACCOUNT_CREDENTIAL: Type.Optional(
    Type.String({ description: 'DC/OS instead: the service account as JSON, or `file:///…` where that lies' }),
  ),
  MESOS_TLS: Type.Optional(
    Type.Boolean({ description: 'masters found over ZooKeeper, and hosts, are called with https' }),
  ),
  MESOS_CA_FILE: Type.Optional(
    Type.String({
      description: 'PEM file with the authorities for the certificates of masters, hosts and the DC/OS login',
    }),
  ),
  MESOS_CLIENT_CERT_FILE: Type.Optional(
    Type.String({ description: 'PEM file with the certificate to show to them, where they ask for one' }),
  ),
  MESOS_CLIENT_KEY_FILE: Type.Optional(Type.String({ description: 'PEM file with its private key' })),

  STATE_URL: Type.String({
    default: 'file:.state',
    description:
      'what must survive a restart: a folder, `file:/var/lib/sidecar`, relative to the working folder, or a path in ' +
      'ZooKeeper, `zk://a:2181,b:2181/sidecar`, with `user:password@` before the hosts where it asks for it',
  }),
  ZOOKEEPER_CA_FILE: Type.Optional(
    Type.String({ description: 'ZooKeeper is reached over TLS: PEM file with the authorities for its certificates' }),
  ),
  ZOOKEEPER_CLIENT_CERT_FILE: Type.Optional(
    Type.String({ description: 'PEM file with the certificate to show to ZooKeeper' }),
  ),
  ZOOKEEPER_CLIENT_KEY_FILE: Type.Optional(Type.String({ description: 'PEM file with its private key' })),

  JENKINS_CONFIG_XML: Type.Optional(
    Type.String({
      description:
        "the Mesos plugin's configuration is read instead of templates: config.xml of Jenkins, or a YAML file of " +
        'Configuration as Code; its cloud stands for MESOS_MASTER and others that are not given',
    }),
  ),
  TEMPLATES_FILE: Type.Optional(Type.String({ description: 'YAML file with the templates' })),
  TEMPLATES: Type.Optional(Type.String({ description: 'the templates as JSON, the same fields as in the file' })),
  AGENT_LABELS: Type.Optional(
    Type.String({ description: 'one template without a file: its labels, with spaces or commas between them' }),
  ),
  AGENT_CPUS: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'CPUs of one agent, its builds included' }),
  ),
  AGENT_MEM_MIB: Type.Optional(
    Type.Integer({
      minimum: 32,
      description: 'memory of one agent, its builds included; at most half is its own heap',
    }),
  ),
  AGENT_EXECUTORS: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'executors of one agent' })),
  AGENT_IMAGE: Type.Optional(Type.String({ description: 'Docker image that agents run in' })),
  AGENT_IDLE_TIMEOUT_SECONDS: Type.Optional(
    Type.Integer({ minimum: 0, description: 'an agent without a build for so long goes' }),
  ),
  AGENT_MAX: Type.Optional(Type.Integer({ minimum: 1, description: 'most agents at once' })),
  AGENT_MIN_IDLE: Type.Optional(Type.Integer({ minimum: 0, description: 'executors kept idle on purpose' })),
  AGENT_ONE_SHOT: Type.Optional(Type.Boolean({ description: 'one build an agent' })),
  AGENT_COMMAND: Type.Optional(Type.String({ description: 'shell text with `{jvmArgs}`, `{jar}` and `{connection}`' })),
  AGENT_JVM_ARGS: Type.Optional(Type.String({ description: 'arguments for java, with spaces between them' })),
  AGENT_SECRET_VIA: Type.Optional(
    Type.Enum(['uri', 'environment'], { description: 'how the secret of an agent travels; environment is visible' }),
  ),
  CONNECT_TIMEOUT_SECONDS: Type.Optional(
    Type.Integer({ minimum: 1, description: 'an agent that is not online so long after its launch has failed' }),
  ),

  MAX_AGENTS: Type.Integer({ default: 50, minimum: 1, description: 'most agents at once, over all templates' }),
  MAX_CPUS: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'most CPUs of all agents together' })),
  MAX_MEM_MIB: Type.Optional(Type.Integer({ minimum: 1, description: 'most memory of all agents together' })),
  LAUNCH_BURST: Type.Integer({ default: 10, minimum: 1, description: 'agents that may be started at once' }),
  LAUNCH_RATE_PER_SECOND: Type.Number({
    default: 2,
    minimum: 0.01,
    maximum: 1000,
    description: 'after that, so many a second',
  }),

  HTTP_HOST: Type.String({ default: '127.0.0.1', description: 'where the dashboard, the API and the metrics listen' }),
  HTTP_PORT: Type.Integer({ default: 8090, ...port, description: 'their port' }),
  API_TOKEN: Type.Optional(
    Type.String({
      description:
        'token that callers must send; several: `NAME:SCOPE:TOKEN` with spaces or line breaks between them, the scope one of metrics, read and act',
    }),
  ),
  HTTP_TLS_CERT_FILE: Type.Optional(
    Type.String({
      description: 'PEM file with the certificate of that listener, and those between it and its authority',
    }),
  ),
  HTTP_TLS_KEY_FILE: Type.Optional(Type.String({ description: 'PEM file with its private key' })),
  PUBLIC_URL: Type.Optional(
    Type.String({ description: 'how people reach the page through a proxy, `https://ci.example.com/sidecar/`' }),
  ),
  AGENT_HTTP_HOST: Type.Optional(
    Type.String({ description: 'where agents fetch their secret: a listener with nothing else on it' }),
  ),
  AGENT_HTTP_PORT: Type.Integer({ default: 8091, ...port, description: 'its port' }),
  SIDECAR_URL: Type.Optional(Type.String({ description: 'how hosts reach that listener, `http://this-host:8091`' })),

  SHUTDOWN_POLICY: Type.Optional(
    Type.Enum(['leave', 'drain', 'kill'], { description: 'what becomes of agents when the sidecar ends' }),
  ),
  STAY: Type.Optional(Type.Boolean({ description: 'stay up with a bad configuration, and show its mistakes' })),
  DRY_RUN: Type.Boolean({ default: false, description: 'plan and say what would be done, do nothing' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
    default: 'info',
    description: 'how much is logged',
  }),
})
export type Env = Static<typeof Env>
export type SettingName = keyof Env

/** Kept out of sight as a whole. */
export const SECRETS = [
  'JENKINS_TOKEN',
  'MESOS_SECRET',
  'DCOS_SERVICE_ACCOUNT_CREDENTIAL',
  'API_TOKEN',
] as const satisfies readonly SettingName[]

/** May be given by a file that holds it: the name with `_FILE` behind it. Addresses may hold a password. */
export const IN_FILES = [...SECRETS, 'MESOS_MASTER', 'STATE_URL'] as const satisfies readonly SettingName[]

/** Defaults that depend on something, in words. */
const DEFAULTS_IN_WORDS: { readonly [name in SettingName]?: string } = {
  JENKINS_AGENT_URL: 'JENKINS_URL; under Marathon with HOST in place of 127.0.0.1',
  SIDECAR_URL: 'under Marathon HOST and AGENT_HTTP_PORT',
  MESOS_ROLES: '*; MESOS_ALLOCATION_ROLE where Marathon enforces the role of a group',
  MESOS_USER: 'the user of this process, when Mesos is embedded',
  MESOS_TLS: 'true when MESOS_CA_FILE is given, or MESOS_MASTER is https',
  CONNECT_TIMEOUT_SECONDS: '300, with an image 600',
  AGENT_HTTP_HOST: '127.0.0.1 when Mesos is embedded, else 0.0.0.0',
  SHUTDOWN_POLICY: 'leave; kill when Jenkins and Mesos are both embedded',
  STAY: 'true under Marathon, else false',
}

export interface Setting {
  readonly name: string
  /** As people read it; `''`: none. */
  readonly default: string
  readonly description: string
}

/** One row a variable, in the order in which people read them: the table of the manual. */
export const SETTINGS: readonly Setting[] = Object.entries(Env.properties).flatMap(([name, schema]) => {
  const { default: value, description = '' } = schema as { default?: string | number | boolean; description?: string }
  const words = DEFAULTS_IN_WORDS[name as SettingName]
  const row = { name, default: words ?? (value === undefined ? '' : String(value)), description }
  if (!(IN_FILES as readonly string[]).includes(name)) return [row]
  return [row, { name: `${name}_FILE`, default: '', description: `file that holds ${name}` }]
})
