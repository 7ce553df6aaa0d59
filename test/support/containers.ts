import type { Container } from '../../src/core/launch.ts'

/** A container of which nothing was said but its image. */
export function aContainer(over: Partial<Container> = {}): Container {
  return {
    type: 'DOCKER',
    image: 'i',
    forcePull: false,
    privileged: false,
    dockerInDocker: false,
    customImages: false,
    network: 'BRIDGE',
    networkNames: [],
    portMappings: [],
    parameters: [],
    volumes: [],
    entrypoint: 'replace',
    shell: undefined,
    registryAuth: undefined,
    ...over,
  }
}
