import type { Container, Volume } from '../core/launch.ts'
import type { Secret } from '../core/secret.ts'
import type { ContainerInput } from './container-schema.ts'
import { DEFAULTS } from './template-defaults.ts'

const { container: defaults } = DEFAULTS

/** @param auth the content of `registryAuthFile` */
export function toContainer(input: ContainerInput, auth: Secret | undefined): Container {
  const type = input.type ?? defaults.type
  return {
    type,
    image: input.image,
    forcePull: input.forcePull ?? defaults.forcePull,
    privileged: input.privileged ?? defaults.privileged,
    network: input.network ?? networkOf(type, input.networkNames),
    dockerInDocker: input.dockerInDocker ?? defaults.dockerInDocker,
    customImages: input.customImages ?? defaults.customImages,
    networkNames: input.networkNames ?? [],
    portMappings: (input.portMappings ?? []).map((mapping) => ({ ...DEFAULTS.portMapping, ...mapping })),
    parameters: input.parameters ?? [],
    volumes: (input.volumes ?? []).map(toVolume),
    entrypoint: input.entrypoint ?? defaults.entrypoint,
    shell: input.shell,
    registryAuth: registryAuthOf(input.registryAuthSecret, auth),
  }
}

function networkOf(type: Container['type'], names: readonly string[] = []): Container['network'] {
  if (names.length > 0) return 'USER'
  // A bridge of Docker is always there; for the Mesos containerizer it would have to be set up as a CNI network.
  return type === 'DOCKER' ? 'BRIDGE' : 'HOST'
}

function registryAuthOf(name: string | undefined, auth: Secret | undefined): Container['registryAuth'] {
  if (name !== undefined) return { kind: 'reference', name }
  return auth === undefined ? undefined : { kind: 'value', value: auth }
}

function toVolume(input: NonNullable<ContainerInput['volumes']>[number]): Volume {
  const { containerPath, readOnly = DEFAULTS.volume.readOnly } = input
  const common = { containerPath, readOnly }
  if (input.driver !== undefined) {
    return { ...common, kind: 'docker', driver: input.driver, name: input.name ?? '', options: input.options ?? {} }
  }
  if (input.image !== undefined) return { ...common, kind: 'image', image: input.image }
  if (input.hostPath !== undefined && input.hostPath !== '') {
    return { ...common, kind: 'host', hostPath: input.hostPath }
  }
  return { ...common, kind: 'sandbox', path: input.sandboxPath ?? containerPath.replaceAll('/', '_') }
}
