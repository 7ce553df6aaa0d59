import { isImageReference } from '../core/image-reference.ts'
import type { Container } from '../core/launch.ts'
import type { NamedTemplate } from './templates.ts'

type Input = NonNullable<NamedTemplate['input']['container']>
type Say = (path: readonly string[], sentence: string) => void

/** What the Docker daemon and the containerizer of Mesos can do, and what makes sense together. */
export function checkContainer({ input, template, tell }: NamedTemplate): void {
  const { container, secretVia } = template.launch
  if (container === undefined || input.container === undefined) return
  const mistake: Say = (path, sentence) => {
    tell.mistake(['container', ...path], sentence)
  }
  checkKind(container, input.container, mistake)
  checkNetwork(container, mistake)
  checkParameters(container, mistake)
  checkVolumes(container, input.container, mistake)
  const warn: Say = (path, sentence) => {
    tell.warn(['container', ...path], sentence)
  }
  if (container.registryAuth?.kind === 'value') {
    // A container of a task is shown whole by the state of the master, a login in it included.
    const seen = 'the state of the Mesos master shows this login to everybody who may read it'
    if (secretVia === 'environment') warn(['registryAuthFile'], seen)
    else {
      mistake(
        ['registryAuthFile'],
        `${seen}: put it into the secret store of Mesos (registryAuthSecret), or say with secretVia: environment that secrets may be seen there`,
      )
    }
  }
  if (!isImageReference(container.image)) {
    warn(['image'], 'is no name that Docker knows for an image, such as jenkins/inbound-agent:latest')
  }
  if (container.network === 'NONE') warn(['network'], 'NONE leaves the agent no way to Jenkins')
  else if (container.type === 'MESOS' && container.network === 'BRIDGE' && container.networkNames.length === 0) {
    warn(['network'], 'is that of the host with type MESOS, unless networkNames has the name of a CNI network')
  }
  const userAt = container.parameters.findIndex(({ key }) => key === 'user')
  if (userAt >= 0 && secretVia === 'uri') {
    warn(
      ['parameters', String(userAt)],
      'another user than the owner of the sandbox may not read the secret there: set secretVia: environment, which is visible',
    )
  }
}

function checkKind(container: Container, input: Input, mistake: Say): void {
  const { type, privileged, parameters, dockerInDocker } = container
  if (type === 'MESOS') {
    if (privileged) mistake(['privileged'], 'is for type DOCKER only')
    if (parameters.length > 0) mistake(['parameters'], 'are for type DOCKER only')
  } else {
    if (dockerInDocker) mistake(['dockerInDocker'], 'is for type MESOS only; with DOCKER use privileged')
    for (const field of ['registryAuthFile', 'registryAuthSecret'] as const) {
      if (input[field] !== undefined) {
        mistake([field], 'is for type MESOS only; with DOCKER give the file as an extracted URI, or to the hosts')
      }
    }
  }
  if (input.registryAuthFile !== undefined && input.registryAuthSecret !== undefined) {
    mistake(['registryAuthSecret'], 'and registryAuthFile are both given: keep one of them')
  }
}

function checkNetwork({ type, network, networkNames, portMappings }: Container, mistake: Say): void {
  const names = networkNames.length
  if (network === 'USER' && names === 0) mistake(['network'], 'USER needs the name of a network in networkNames')
  if (network === 'USER' && type === 'DOCKER' && names > 1) mistake(['networkNames'], 'must be one with type DOCKER')
  if (names > 0 && network !== 'USER' && (type === 'DOCKER' || network !== 'BRIDGE')) {
    mistake(['networkNames'], `are not for network ${network}: set it to USER, or leave it out`)
  }
  if (type === 'MESOS' && network === 'NONE') mistake(['network'], 'NONE is for type DOCKER only')
  if (portMappings.length === 0) return
  if (network === 'HOST') {
    mistake(['portMappings'], 'are not for network HOST, where programs listen on the host itself: use ports')
  } else if (network === 'NONE') mistake(['portMappings'], 'are not for network NONE')
  const seen = new Set<string>()
  for (const [index, { containerPort, hostPort, protocol }] of portMappings.entries()) {
    const ends = [
      `the port ${containerPort} of the container`,
      ...(hostPort > 0 ? [`the port ${hostPort} of the host`] : []),
    ]
    for (const end of ends.map((each) => `${each} (${protocol})`)) {
      if (seen.has(end)) mistake(['portMappings', String(index)], `${end} is mapped twice`)
      seen.add(end)
    }
  }
}

/** Options of docker run that Mesos gives, and the field for it where there is one. */
const OWN_PARAMETERS: Readonly<Record<string, string>> = {
  name: 'is given by Mesos',
  entrypoint: 'has a field of its own: use entrypoint or shell',
  net: 'has a field of its own: use network',
  network: 'has a field of its own: use network',
  privileged: 'has a field of its own: use privileged',
}

function checkParameters({ parameters }: Container, mistake: Say): void {
  for (const [index, { key }] of parameters.entries()) {
    const path = ['parameters', String(index), 'key']
    if (key.startsWith('-')) mistake(path, 'must be without hyphens at its begin, such as add-host')
    const why = Object.hasOwn(OWN_PARAMETERS, key) ? OWN_PARAMETERS[key] : undefined
    if (why !== undefined) mistake(path, `${key} ${why}`)
  }
}

const SOURCES = ['hostPath', 'sandboxPath', 'driver', 'image'] as const

function checkVolumes({ type }: Container, { volumes = [] }: Input, mistake: Say): void {
  const seen = new Set<string>()
  for (const [index, volume] of volumes.entries()) {
    const path = ['volumes', String(index)]
    const given = SOURCES.filter((source) => volume[source] !== undefined && volume[source] !== '')
    if (given.length > 1) mistake(path, `${given.join(' and ')} are given: a volume is one of them`)
    if (volume.driver === undefined) {
      for (const field of ['name', 'options'] as const) {
        if (volume[field] !== undefined) mistake([...path, field], 'goes with driver only')
      }
    } else if (volume.name === undefined) mistake(path, 'needs the field name beside driver')
    if (volume.image !== undefined && type !== 'MESOS') mistake([...path, 'image'], 'is for type MESOS only')
    if (volume.hostPath !== undefined && volume.hostPath !== '' && !isAbsolute(volume.hostPath)) {
      mistake([...path, 'hostPath'], 'must begin with /; a folder in the sandbox is a sandboxPath')
    }
    if (volume.sandboxPath !== undefined && leavesSandbox(volume.sandboxPath)) {
      mistake([...path, 'sandboxPath'], 'must be within the sandbox: no / at its begin, and no ..')
    }
    if (type === 'DOCKER' && !isAbsolute(volume.containerPath)) {
      mistake([...path, 'containerPath'], 'must begin with / with type DOCKER')
    }
    if (seen.has(volume.containerPath)) mistake([...path, 'containerPath'], 'is that of another volume, too')
    seen.add(volume.containerPath)
  }
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:[\\/]/i.test(path)
}

function leavesSandbox(path: string): boolean {
  return isAbsolute(path) || path.split(/[\\/]/).includes('..')
}
