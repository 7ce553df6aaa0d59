import { Type } from 'typebox'
import {
  AnyPort,
  Artifact,
  closed,
  Environment,
  FilePath,
  Flag,
  KillSelection,
  Labels,
  Name,
  Network,
  NonEmpty,
  PathId,
  PersistentVolume,
  ResourceLimits,
  Seconds,
  Secrets,
  Text,
  UnreachableStrategy,
  Uri,
  Version,
  Words,
} from './parts-schema.ts'

const protocol = Type.Optional(Type.Enum(['tcp', 'udp', 'udp,tcp'], { default: 'tcp' }))

const PortDefinition = Type.Object(
  {
    port: Type.Optional(AnyPort),
    name: Type.Optional(Name),
    protocol,
    labels: Type.Optional(Labels),
  },
  closed,
)

const PortMapping = Type.Object(
  {
    containerPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, default: 0 })),
    hostPort: Type.Optional(AnyPort),
    servicePort: Type.Optional(AnyPort),
    name: Type.Optional(Name),
    protocol,
    labels: Type.Optional(Labels),
    networkNames: Type.Optional(Words),
  },
  closed,
)

const Volume = Type.Object(
  {
    containerPath: Type.Optional(NonEmpty),
    hostPath: Type.Optional(NonEmpty),
    mode: Type.Optional(Type.Enum(['RO', 'RW'])),
    persistent: Type.Optional(PersistentVolume),
    secret: Type.Optional(NonEmpty),
    external: Type.Optional(Type.Object({})),
  },
  closed,
)

const Container = Type.Object(
  {
    type: Type.Enum(['MESOS', 'DOCKER']),
    docker: Type.Optional(
      Type.Object(
        {
          image: NonEmpty,
          forcePullImage: Type.Optional(Type.Boolean({ default: false })),
          privileged: Type.Optional(Type.Boolean({ default: false })),
          parameters: Type.Optional(Type.Array(Type.Object({ key: NonEmpty, value: Text }, closed))),
          pullConfig: Type.Optional(Type.Object({ secret: NonEmpty }, closed)),
        },
        closed,
      ),
    ),
    volumes: Type.Optional(Type.Array(Volume)),
    portMappings: Type.Optional(Type.Array(PortMapping)),
    linuxInfo: Type.Optional(Type.Object({})),
  },
  closed,
)

const HealthCheck = Type.Object(
  {
    protocol: Type.Optional(
      Type.Enum(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'], { default: 'HTTP' }),
    ),
    path: Type.Optional(FilePath),
    port: Type.Optional(AnyPort),
    portIndex: Type.Optional(AnyPort),
    command: Type.Optional(Type.Object({ value: NonEmpty }, closed)),
    gracePeriodSeconds: Type.Optional(Seconds(300)),
    intervalSeconds: Type.Optional(Seconds(60)),
    timeoutSeconds: Type.Optional(Seconds(20)),
    delaySeconds: Type.Optional(Seconds(15)),
    maxConsecutiveFailures: Type.Optional(Seconds(3)),
    ignoreHttp1xx: Type.Optional(Type.Boolean({ default: false })),
    ipProtocol: Type.Optional(Type.Enum(['IPv4', 'IPv6'], { default: 'IPv4' })),
  },
  closed,
)

const ReadinessCheck = Type.Object(
  {
    name: Type.Optional(Name),
    protocol: Type.Optional(Type.Enum(['HTTP', 'HTTPS'])),
    path: Type.Optional(FilePath),
    portName: Type.Optional(Name),
    intervalSeconds: Type.Optional(Seconds(30)),
    timeoutSeconds: Type.Optional(Seconds(10)),
    httpStatusCodesForReady: Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 999 }))),
    preserveLastResponse: Type.Optional(Flag),
  },
  closed,
)

/** What `/v2/apps` takes, `uris` and `ports` of old files included. */
export const App = Type.Object(
  {
    id: PathId,
    cmd: Type.Optional(NonEmpty),
    args: Type.Optional(Words),
    user: Type.Optional(NonEmpty),
    env: Type.Optional(Environment),
    instances: Type.Optional(Type.Integer({ minimum: 0, default: 1 })),
    cpus: Type.Optional(Type.Number({ minimum: 0.001, default: 1 })),
    mem: Type.Optional(Type.Number({ minimum: 0, default: 128 })),
    disk: Type.Optional(Type.Number({ minimum: 0, default: 0 })),
    gpus: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
    resourceLimits: Type.Optional(ResourceLimits),
    executor: Type.Optional(Text),
    constraints: Type.Optional(Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 3 }))),
    acceptedResourceRoles: Type.Optional(Type.Array(NonEmpty)),
    role: Type.Optional(NonEmpty),
    uris: Type.Optional(Type.Array(Uri)),
    fetch: Type.Optional(Type.Array(Artifact)),
    ports: Type.Optional(Type.Array(AnyPort)),
    portDefinitions: Type.Optional(Type.Array(PortDefinition)),
    requirePorts: Type.Optional(Type.Boolean({ default: false })),
    networks: Type.Optional(Type.Array(Network)),
    container: Type.Optional(Container),
    healthChecks: Type.Optional(Type.Array(HealthCheck)),
    readinessChecks: Type.Optional(Type.Array(ReadinessCheck)),
    dependencies: Type.Optional(Type.Array(PathId)),
    labels: Type.Optional(Labels),
    secrets: Type.Optional(Secrets),
    backoffSeconds: Type.Optional(Seconds(1)),
    backoffFactor: Type.Optional(Type.Number({ minimum: 1, default: 1.15 })),
    maxLaunchDelaySeconds: Type.Optional(Type.Integer({ minimum: 0 })),
    taskKillGracePeriodSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
    upgradeStrategy: Type.Optional(
      Type.Object(
        {
          minimumHealthCapacity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          maximumOverCapacity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        },
        closed,
      ),
    ),
    killSelection: Type.Optional(KillSelection),
    unreachableStrategy: Type.Optional(UnreachableStrategy),
    tty: Type.Optional(Flag),
    version: Type.Optional(Version),
  },
  closed,
)
