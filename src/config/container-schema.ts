import { Type } from 'typebox'

const closed = { additionalProperties: false }
const port = { minimum: 0, maximum: 65_535 }
const text = (description: string) => Type.String({ minLength: 1, description })
const flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const map = (description: string) => Type.Record(Type.String(), Type.String(), { description })

/** What is mounted: exactly one of `hostPath`, `sandboxPath`, `driver` and `image`; none of them is a sandbox folder. */
const VolumeInput = Type.Object(
  {
    containerPath: text('where it is seen in the container'),
    hostPath: Type.Optional(Type.String({ description: 'a folder or file of the host' })),
    sandboxPath: Type.Optional(text('a folder in the sandbox of the agent, made where it is missing')),
    driver: Type.Optional(text('a Docker volume: its driver, such as rexray')),
    name: Type.Optional(text('with driver: the name of the volume')),
    options: Type.Optional(map('with driver: options for it')),
    image: Type.Optional(text('the file system of a Docker image, with type MESOS')),
    readOnly: flag('nothing can be written there'),
  },
  closed,
)

const PortMappingInput = Type.Object(
  {
    containerPort: Type.Integer({ ...port, minimum: 1, description: 'where the program in the container listens' }),
    hostPort: Type.Optional(Type.Integer({ ...port, description: 'of the host; 0 takes one from the offer' })),
    protocol: Type.Optional(Type.Enum(['tcp', 'udp'])),
  },
  closed,
)

/** The container of an agent. */
export const ContainerInput = Type.Object(
  {
    type: Type.Optional(
      Type.Enum(['DOCKER', 'MESOS'], { description: 'the Docker daemon of the host, or the containerizer of Mesos' }),
    ),
    image: text('Docker image of the agent, with Java in it'),
    forcePull: flag('pulls the image although the host has one of that name'),
    privileged: flag('a privileged container, for Docker in Docker and the like; with DOCKER only'),
    dockerInDocker: flag('gives the container a folder of the sandbox as /var/lib/docker; with MESOS only'),
    customImages: flag('jobs may name another image in their label, as `mesos:image/name:tag`'),
    network: Type.Optional(
      Type.Enum(['HOST', 'BRIDGE', 'NONE', 'USER'], { description: 'USER: a network of its own, see networkNames' }),
    ),
    networkNames: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'networks by name: one of Docker, or of CNI with MESOS',
      }),
    ),
    portMappings: Type.Optional(Type.Array(PortMappingInput, { description: 'ports of the container on the host' })),
    parameters: Type.Optional(
      Type.Array(Type.Object({ key: Type.String(), value: Type.String() }, closed), {
        description: 'options of docker run, without the hyphens; with DOCKER only',
      }),
    ),
    volumes: Type.Optional(Type.Array(VolumeInput, { description: 'what is mounted into the container' })),
    entrypoint: Type.Optional(
      Type.Enum(['replace', 'keep'], {
        description: 'keep: the entrypoint of the image is given the command of the agent as arguments',
      }),
    ),
    shell: Type.Optional(
      text('what runs the command in place of /bin/sh -c, such as wrapper.sh; it gets one argument'),
    ),
    registryAuthFile: Type.Optional(
      text('file with the config.json of Docker that opens the registry; with MESOS only'),
    ),
    registryAuthSecret: Type.Optional(text('name of that in the secret store of Mesos; with MESOS only')),
  },
  closed,
)
