import type { Container, Launch, Volume } from '../core/launch.ts'
import type { WireContainer, WireImage, WireNetwork, WirePortMapping, WireVolume } from './protocol.ts'

/** @param name that the container gives itself, as far as a host name may be so */
export function toContainer(
  container: Container,
  secretVia: Launch['secretVia'],
  name: string,
  mappings: readonly WirePortMapping[],
): WireContainer {
  const volumes = [...container.volumes, ...(container.dockerInDocker ? [DOCKER_FOLDER] : [])]
  const common = { type: container.type, volumes: volumes.map((volume) => toVolume(volume, container.type)) }
  return container.type === 'MESOS'
    ? { ...common, ...inMesos(container, secretVia, name, mappings) }
    : { ...common, ...inDocker(container, name, mappings) }
}

/** A file system that layers can be laid on: that of a container is one already. */
const DOCKER_FOLDER: Volume = { kind: 'sandbox', path: 'docker', containerPath: '/var/lib/docker', readOnly: false }

function inDocker(
  container: Container,
  name: string,
  mappings: readonly WirePortMapping[],
): Pick<WireContainer, 'docker' | 'hostname' | 'network_infos'> {
  const { image, forcePull, network, networkNames, privileged, parameters } = container
  return {
    docker: {
      image,
      network,
      privileged,
      parameters,
      ...(mappings.length > 0 && { port_mappings: mappings }),
      force_pull_image: forcePull,
    },
    // Docker refuses one with the network of the host, which has a name already.
    ...(network !== 'HOST' && { hostname: hostName(name) }),
    ...(network === 'USER' && { network_infos: networkNames.map((each) => ({ name: each })) }),
  }
}

/** Without a CNI network it shares the network of the host, and its name. */
function inMesos(
  container: Container,
  secretVia: Launch['secretVia'],
  name: string,
  mappings: readonly WirePortMapping[],
): Pick<WireContainer, 'mesos' | 'hostname' | 'network_infos'> {
  const config = registryConfig(container, secretVia)
  const docker = { name: container.image, ...(config !== undefined && { config }) }
  // A port of the host leads into one network only.
  const networks = container.networkNames.map(
    (each, index): WireNetwork => ({
      name: each,
      ...(index === 0 && mappings.length > 0 && { port_mappings: mappings }),
    }),
  )
  return {
    mesos: { image: { type: 'DOCKER', docker, cached: !container.forcePull } },
    ...(networks.length > 0 && { hostname: hostName(name), network_infos: networks }),
  }
}

/**
 * A login that stands in the task is shown by the state of the master: it is sent only where the template says that
 * secrets may be seen. The name of one in Mesos' secret store says nothing.
 */
function registryConfig(
  { registryAuth }: Container,
  secretVia: Launch['secretVia'],
): WireImage['docker']['config'] | undefined {
  if (registryAuth === undefined) return undefined
  if (registryAuth.kind === 'reference') return { type: 'REFERENCE', reference: { name: registryAuth.name } }
  if (secretVia !== 'environment') return undefined
  return { type: 'VALUE', value: { data: Buffer.from(registryAuth.value.reveal()).toString('base64') } }
}

/** The end of an agent's name is its own, the begin that of its template. */
function hostName(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .slice(-63)
    .replace(/^-+/, '')
}

function toVolume(volume: Volume, type: Container['type']): WireVolume {
  const common = { mode: volume.readOnly ? ('RO' as const) : ('RW' as const), container_path: volume.containerPath }
  switch (volume.kind) {
    case 'host':
      return { ...common, host_path: volume.hostPath }
    case 'sandbox':
      // Docker's containerizer passes over this kind of source.
      if (type === 'DOCKER') return { ...common, host_path: volume.path }
      return { ...common, source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'SELF', path: volume.path } } }
    case 'image':
      return { ...common, image: { type: 'DOCKER', docker: { name: volume.image } } }
    case 'docker': {
      const { driver, name, options } = volume
      const parameter = Object.entries(options).map(([key, value]) => ({ key, value }))
      const driverOptions = parameter.length > 0 && { driver_options: { parameter } }
      return { ...common, source: { type: 'DOCKER_VOLUME', docker_volume: { driver, name, ...driverOptions } } }
    }
  }
}
