import { Type } from 'typebox'
import {
  AnyPort,
  Artifact,
  Command,
  closed,
  Environment,
  FilePath,
  Flag,
  KillSelection,
  Labels,
  LinuxInfo,
  Name,
  Network,
  NonEmpty,
  OPERATORS,
  PathId,
  PersistentVolume,
  ResourceLimits,
  Seconds,
  Secrets,
  Text,
  UnreachableStrategy,
  Version,
  Words,
} from './parts-schema.ts'

const Volume = Type.Object(
  {
    name: Name,
    host: Type.Optional(NonEmpty),
    secret: Type.Optional(NonEmpty),
    persistent: Type.Optional(PersistentVolume),
  },
  closed,
)

const Endpoint = Type.Object(
  {
    name: Name,
    containerPort: Type.Optional(AnyPort),
    hostPort: Type.Optional(AnyPort),
    protocol: Type.Optional(Type.Array(Name, { minItems: 1 })),
    labels: Type.Optional(Labels),
    networkNames: Type.Optional(Words),
  },
  closed,
)

/** Of a health check and of a check that only looks: exactly one of the three, as a rule says. */
const probes = {
  http: Type.Optional(
    Type.Object(
      {
        endpoint: Name,
        path: Type.Optional(FilePath),
        scheme: Type.Optional(Type.Enum(['HTTP', 'HTTPS'], { default: 'HTTP' })),
      },
      closed,
    ),
  ),
  tcp: Type.Optional(Type.Object({ endpoint: Name }, closed)),
  exec: Type.Optional(Type.Object({ command: Command }, closed)),
  intervalSeconds: Type.Optional(Seconds(60)),
  timeoutSeconds: Type.Optional(Seconds(20)),
  delaySeconds: Type.Optional(Seconds(15)),
}

const Container = Type.Object(
  {
    name: Name,
    resources: Type.Object(
      {
        cpus: Type.Number({ minimum: 0.001 }),
        mem: Type.Number({ minimum: 0.001 }),
        disk: Type.Optional(Type.Number({ minimum: 0, default: 0 })),
        gpus: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
      },
      closed,
    ),
    resourceLimits: Type.Optional(ResourceLimits),
    exec: Type.Optional(
      Type.Object({ command: Command, overrideEntrypoint: Type.Optional(Type.Boolean({ default: false })) }, closed),
    ),
    image: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['DOCKER']),
          id: NonEmpty,
          forcePull: Type.Optional(Type.Boolean({ default: false })),
          pullConfig: Type.Optional(Type.Object({ secret: NonEmpty }, closed)),
          labels: Type.Optional(Labels),
        },
        closed,
      ),
    ),
    endpoints: Type.Optional(Type.Array(Endpoint)),
    environment: Type.Optional(Environment),
    user: Type.Optional(NonEmpty),
    healthCheck: Type.Optional(
      Type.Object(
        {
          ...probes,
          gracePeriodSeconds: Type.Optional(Seconds(300)),
          maxConsecutiveFailures: Type.Optional(Seconds(3)),
        },
        closed,
      ),
    ),
    check: Type.Optional(Type.Object(probes, closed)),
    volumeMounts: Type.Optional(
      Type.Array(Type.Object({ name: Name, mountPath: FilePath, readOnly: Type.Optional(Flag) }, closed)),
    ),
    artifacts: Type.Optional(Type.Array(Artifact)),
    labels: Type.Optional(Labels),
    lifecycle: Type.Optional(
      Type.Object({ killGracePeriodSeconds: Type.Optional(Type.Number({ minimum: 0 })) }, closed),
    ),
    linuxInfo: Type.Optional(LinuxInfo),
    tty: Type.Optional(Flag),
  },
  closed,
)

const Scheduling = Type.Object(
  {
    backoff: Type.Optional(
      Type.Object(
        {
          backoff: Type.Optional(Type.Number({ minimum: 0, default: 1 })),
          backoffFactor: Type.Optional(Type.Number({ minimum: 1, default: 1.15 })),
          maxLaunchDelay: Type.Optional(Type.Number({ minimum: 0, default: 300 })),
        },
        closed,
      ),
    ),
    upgrade: Type.Optional(
      Type.Object(
        {
          minimumHealthCapacity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          maximumOverCapacity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        },
        closed,
      ),
    ),
    placement: Type.Optional(
      Type.Object(
        {
          constraints: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  fieldName: NonEmpty,
                  operator: Type.Enum([...OPERATORS]),
                  value: Type.Optional(Text),
                },
                closed,
              ),
            ),
          ),
          acceptedResourceRoles: Type.Optional(Type.Array(NonEmpty)),
        },
        closed,
      ),
    ),
    killSelection: Type.Optional(KillSelection),
    unreachableStrategy: Type.Optional(UnreachableStrategy),
  },
  closed,
)

/** What `/v2/pods` takes. */
export const Pod = Type.Object(
  {
    id: PathId,
    labels: Type.Optional(Labels),
    version: Type.Optional(Version),
    user: Type.Optional(NonEmpty),
    environment: Type.Optional(Environment),
    containers: Type.Array(Container, { minItems: 1 }),
    secrets: Type.Optional(Secrets),
    volumes: Type.Optional(Type.Array(Volume)),
    networks: Type.Optional(Type.Array(Network)),
    scaling: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['fixed'], { default: 'fixed' }),
          instances: Type.Optional(Type.Integer({ minimum: 0, default: 1 })),
        },
        closed,
      ),
    ),
    scheduling: Type.Optional(Scheduling),
    executorResources: Type.Optional(
      Type.Object(
        {
          cpus: Type.Optional(Type.Number({ minimum: 0.1, default: 0.1 })),
          mem: Type.Optional(Type.Number({ minimum: 32, default: 32 })),
          disk: Type.Optional(Type.Number({ minimum: 10, default: 10 })),
        },
        closed,
      ),
    ),
    role: Type.Optional(NonEmpty),
    linuxInfo: Type.Optional(LinuxInfo),
    legacySharedCgroups: Type.Optional(Flag),
  },
  closed,
)
