import { type Static, Type } from 'typebox'
import { closed, flag, notes, optionalText, text } from './schema-parts.ts'
import { DEFAULTS } from './template-defaults.ts'

const port = { minimum: 0, maximum: 65_535 }
const { container: defaults } = DEFAULTS

/** What is mounted: exactly one of `hostPath`, `sandboxPath`, `driver` and `image`; none of them is a sandbox folder. */
const VolumeInput = Type.Object(
  {
    containerPath: text('where it is seen in the container', { example: '/cache' }),
    hostPath: Type.Optional(Type.String(notes('a folder or file of the host', { example: '/srv/cache' }))),
    sandboxPath: optionalText('a folder in the sandbox of the agent, made where it is missing', {
      otherwise: 'where nothing else is said: after `containerPath`',
      example: 'cache',
    }),
    driver: optionalText('a Docker volume: its driver', { example: 'rexray' }),
    name: optionalText('with `driver`: the name of the volume', { example: 'maven' }),
    options: Type.Optional(
      Type.Record(Type.String(), Type.String(), notes('with `driver`: options for it', { example: '{ size: "20" }' })),
    ),
    image: optionalText('the file system of a Docker image; with MESOS only', { example: 'example/toolchain:3' }),
    readOnly: flag('nothing can be written there', { default: DEFAULTS.volume.readOnly }),
  },
  closed,
)

const PortMappingInput = Type.Object(
  {
    containerPort: Type.Integer({
      ...port,
      minimum: 1,
      ...notes('where the program in the container listens', { example: '8080' }),
    }),
    hostPort: Type.Optional(
      Type.Integer({
        ...port,
        ...notes('port of the host; 0: one from the offer', {
          default: DEFAULTS.portMapping.hostPort,
          example: '31080',
        }),
      }),
    ),
    protocol: Type.Optional(
      Type.Enum(['tcp', 'udp'], notes('of both', { default: DEFAULTS.portMapping.protocol, example: 'udp' })),
    ),
  },
  closed,
)

const ParameterInput = Type.Object(
  {
    key: text('name of the option, without hyphens', { example: 'add-host' }),
    value: Type.String(notes('what follows it', { example: 'db:10.0.0.7' })),
  },
  closed,
)

/** The container of an agent. */
export const ContainerInput = Type.Object(
  {
    type: Type.Optional(
      Type.Enum(
        ['DOCKER', 'MESOS'],
        notes('the Docker daemon of the host, or the containerizer of Mesos', {
          default: defaults.type,
          example: 'MESOS',
        }),
      ),
    ),
    image: text('Docker image of the agent, with Java in it', { example: 'jenkins/inbound-agent:latest' }),
    forcePull: flag('pulls the image although the host has one of that name', { default: defaults.forcePull }),
    privileged: flag('a privileged container, for Docker in Docker and the like; with DOCKER only', {
      default: defaults.privileged,
    }),
    dockerInDocker: flag('a folder of the sandbox is its /var/lib/docker; with MESOS only', {
      default: defaults.dockerInDocker,
    }),
    customImages: flag('jobs may name another image in their label, as `mesos:image/name:tag`', {
      default: defaults.customImages,
    }),
    network: Type.Optional(
      Type.Enum(
        ['HOST', 'BRIDGE', 'NONE', 'USER'],
        notes('that of the host, the bridge of Docker, none, or USER: those of `networkNames`', {
          otherwise: 'USER with `networkNames`, else BRIDGE, with MESOS HOST',
          example: 'HOST',
        }),
      ),
    ),
    networkNames: Type.Optional(
      Type.Array(
        Type.String({ minLength: 1 }),
        notes('networks by name: one of Docker, or any number of CNI with MESOS', { example: '[ci]' }),
      ),
    ),
    portMappings: Type.Optional(
      Type.Array(
        PortMappingInput,
        notes('ports of the container on the host, not with network HOST', { example: '[{ containerPort: 8080 }]' }),
      ),
    ),
    parameters: Type.Optional(
      Type.Array(
        ParameterInput,
        notes('options of docker run; with DOCKER only', { example: '[{ key: add-host, value: "db:10.0.0.7" }]' }),
      ),
    ),
    volumes: Type.Optional(
      Type.Array(
        VolumeInput,
        notes('what is mounted; one of `hostPath`, `sandboxPath`, `driver`, `image` says what', {
          example: '[{ containerPath: /cache, hostPath: /srv/cache, readOnly: true }]',
        }),
      ),
    ),
    entrypoint: Type.Optional(
      Type.Enum(
        ['replace', 'keep'],
        notes('keep: the entrypoint of the image is given the command of the agent as arguments', {
          default: defaults.entrypoint,
          example: 'keep',
        }),
      ),
    ),
    shell: optionalText('what runs the command in place of /bin/sh -c; it gets the command as one argument', {
      otherwise: '/bin/sh -c',
      example: 'wrapper.sh',
    }),
    registryAuthFile: optionalText('file with the config.json of Docker that opens the registry; with MESOS only', {
      example: '/run/secrets/docker.json',
    }),
    registryAuthSecret: optionalText('name of such a file in the secret store of Mesos; with MESOS only', {
      example: 'ci/registry',
    }),
  },
  { ...closed, ...notes('the container that the agent runs in', { otherwise: 'none: a process of the host' }) },
)
export type ContainerInput = Static<typeof ContainerInput>
