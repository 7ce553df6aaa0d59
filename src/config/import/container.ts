import type { TemplateInput } from '../template-schema.ts'
import type { Draft } from './draft.ts'
import { childOf, type Field } from './field.ts'
import type { Section } from './section.ts'

export type ContainerInput = Exclude<TemplateInput['container'], undefined>
export type Container = { -readonly [field in keyof ContainerInput]: ContainerInput[field] }
type Mapping = Exclude<ContainerInput['portMappings'], undefined>[number]
type Volume = Exclude<ContainerInput['volumes'], undefined>[number]

/** `containerInfo` of both generations: what an agent runs in. Without one it is a command of the host. */
export function readContainer(section: Section, draft: Draft): void {
  const info = section.below('containerInfo')
  if (info === undefined) {
    readExternal(section, draft)
    return
  }
  section.needless('externalContainerInfo', 'containerInfo, which came after it, is taken')
  section.taken('containerInfo', 'no container')
  const image = info.text('dockerImage')
  if (image === undefined) {
    info.lost('dockerImage', 'without an image there is no container: agents are commands of the host')
    for (const name of KNOWN) info.needless(name, 'there is no container')
    info.rest()
    return
  }
  const type = readType(info)
  const container: Container = { type, image }
  draft.remark('container.type', 'type')
  draft.remark('container.image', 'dockerImage')
  info.taken('dockerImage', 'container.image')
  readFlags(info, container, draft)
  readShell(info, container, draft)
  readNetwork(info, container, draft)
  readParameters(info, container, draft)
  readVolumes(info, container, draft)
  info.rest()
  draft.set('container', container, 'containerInfo')
}

const KNOWN: readonly string[] = [
  ...['type', 'dockerImage', 'isDind', 'dockerPrivilegedMode', 'dockerForcePullImage', 'dockerImageCustomizable'],
  ...['useCustomDockerCommandShell', 'customDockerCommandShell', 'volumes', 'parameters', 'networking'],
  ...['portMappings', 'networkInfos'],
]

function readType(info: Section): 'DOCKER' | 'MESOS' {
  const type = info.text('type')?.toUpperCase() ?? 'DOCKER'
  if (type === 'MESOS' || type === 'DOCKER') {
    info.taken('type', 'container.type')
    return type
  }
  info.changed('type', 'container.type: DOCKER, the only other one is MESOS')
  return 'DOCKER'
}

function readFlags(info: Section, container: Container, draft: Draft): void {
  const isDocker = container.type === 'DOCKER'
  const set = (name: string, field: 'forcePull' | 'privileged' | 'dockerInDocker' | 'customImages', why = ''): void => {
    if (!info.flag(name)) info.taken(name, `container.${field}: false, the default`)
    else if (why !== '') info.lost(name, why)
    else {
      container[field] = true
      draft.remark(`container.${field}`, name)
      info.taken(name, `container.${field}`)
    }
  }
  set('dockerForcePullImage', 'forcePull')
  set('dockerPrivilegedMode', 'privileged', isDocker ? '' : 'only the Docker daemon has privileged containers')
  set('isDind', 'dockerInDocker', isDocker ? 'with DOCKER it did nothing; privileged is what Docker in Docker needs' : '')
  set('dockerImageCustomizable', 'customImages')
}

function readShell(info: Section, container: Container, draft: Draft): void {
  const wanted = info.flag('useCustomDockerCommandShell')
  const shell = info.text('customDockerCommandShell')
  if (wanted && shell !== undefined) {
    container.shell = shell
    draft.remark('container.shell', 'customDockerCommandShell')
    info.taken('useCustomDockerCommandShell', 'container.shell')
    info.taken('customDockerCommandShell', 'container.shell')
  } else {
    const why = wanted ? 'no shell is named: /bin/sh, as with every other image' : '/bin/sh, the default'
    info.taken('useCustomDockerCommandShell', why)
    info.needless('customDockerCommandShell', 'useCustomDockerCommandShell is false')
  }
}

function readNetwork(info: Section, container: Container, draft: Draft): void {
  const written = info.text('networking')?.toUpperCase() ?? 'BRIDGE'
  const infos = info.items('networkInfos')
  const names = infos.map((each) => childOf(each, 'networkName')?.text ?? each.text).filter((name) => name !== '')
  const isUser = names.length > 0 && (written === 'USER' || container.type === 'MESOS')
  const used = isUser ? (container.type === 'DOCKER' ? names.slice(0, 1) : names) : []
  const network = isUser ? 'USER' : container.type === 'MESOS' || written === 'HOST' ? 'HOST' : 'BRIDGE'
  container.network = network
  if (used.length > 0) container.networkNames = used
  draft.remark('container.network', 'networking')
  draft.remark('container.networkNames', 'networkInfos')
  if (network === written) info.taken('networking', 'container.network')
  else if (isUser) info.changed('networking', 'container.network: USER, as networkInfos names networks')
  else if (container.type === 'MESOS') info.changed('networking', 'container.network: HOST, as type MESOS has no bridge')
  else info.changed('networking', `container.network: BRIDGE, as networkInfos names no network`)
  for (const [index, each] of infos.entries()) {
    const name = childOf(each, 'networkName')?.text ?? each.text
    const item = `networkInfos[${index}]`
    if (used.includes(name)) info.item(item, name, 'taken', 'container.networkNames')
    else info.item(item, name, 'no equal', isUser ? 'Docker takes one network' : `networking is ${written}: it did nothing`)
  }
  readPorts(info, container, draft)
}

function readPorts(info: Section, container: Container, draft: Draft): void {
  const mappings: Mapping[] = []
  for (const [index, each] of info.items('portMappings').entries()) {
    const [containerPort = '', hostPort = '', protocol = ''] = ['containerPort', 'hostPort', 'protocol'].map(
      (name) => childOf(each, name)?.text ?? '',
    )
    const item = `portMappings[${index}]`
    const was = `${hostPort === '' ? '0' : hostPort} -> ${containerPort}${protocol === '' ? '' : ` ${protocol}`}`
    const inner = portOf(containerPort)
    const outer = hostPort === '' ? 0 : portOf(hostPort)
    if (container.network === 'HOST') info.item(item, was, 'no equal', 'with network HOST every port is open already')
    else if (inner === undefined || inner === 0 || outer === undefined) {
      info.item(item, was, 'no equal', 'it is no pair of ports')
    } else {
      const wanted = protocol.toLowerCase()
      const isKnown = wanted === '' || wanted === 'tcp' || wanted === 'udp'
      mappings.push({ containerPort: inner, hostPort: outer, protocol: wanted === 'udp' ? 'udp' : 'tcp' })
      const from = outer === 0 ? '; hostPort 0 takes one from the offer' : ''
      if (isKnown) info.item(item, was, 'taken', `container.portMappings${from}`)
      else info.item(item, was, 'changed', `container.portMappings with tcp: the protocol is tcp or udp${from}`)
    }
  }
  if (mappings.length > 0) container.portMappings = mappings
  draft.remark('container.portMappings', 'portMappings')
}

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function readParameters(info: Section, container: Container, draft: Draft): void {
  const parameters: { key: string; value: string }[] = []
  for (const [index, each] of info.items('parameters').entries()) {
    const key = childOf(each, 'key')?.text ?? ''
    const value = childOf(each, 'value')?.text ?? ''
    const item = `parameters[${index}]`
    // The value may be a variable with a secret in it.
    const was = `${key}=${/^(env|e)$/.test(key) ? (value.split('=')[0] ?? '') : value}`
    if (key === '') info.item(item, was, 'no equal', 'it has no key')
    else if (container.type === 'MESOS') info.item(item, was, 'no equal', 'only the Docker daemon has parameters')
    else {
      parameters.push({ key, value })
      info.item(item, was, 'taken', 'container.parameters')
    }
  }
  if (parameters.length > 0) container.parameters = parameters
  draft.remark('container.parameters', 'parameters')
}

function readVolumes(info: Section, container: Container, draft: Draft): void {
  const volumes: Volume[] = []
  for (const [index, each] of info.items('volumes').entries()) {
    const [containerPath = '', hostPath = ''] = ['containerPath', 'hostPath'].map((name) => childOf(each, name)?.text ?? '')
    const readOnly = childOf(each, 'readOnly')?.text.toLowerCase() === 'true'
    const item = `volumes[${index}]`
    const was = `${hostPath === '' ? '(sandbox)' : hostPath}:${containerPath}${readOnly ? ':ro' : ''}`
    if (containerPath === '') info.item(item, was, 'no equal', 'it has no containerPath')
    else {
      volumes.push({ containerPath, ...(hostPath !== '' && { hostPath }), ...(readOnly && { readOnly }) })
      const where = hostPath === '' ? '; without hostPath it is a folder of the sandbox' : ''
      info.item(item, was, 'taken', `container.volumes${where}`)
    }
  }
  if (volumes.length > 0) container.volumes = volumes
  draft.remark('container.volumes', 'volumes')
}

/** Older than `containerInfo`: an image and options for a containerizer that was a program of its own. */
function readExternal(section: Section, draft: Draft): void {
  const field: Field | undefined = section.child('externalContainerInfo')
  const image = childOf(field, 'image')?.text.replace(/^docker:\/+/, '') ?? ''
  if (field === undefined) return
  if (image === '') {
    section.taken('externalContainerInfo', 'no container')
    return
  }
  draft.set('container', { type: 'DOCKER', image }, 'externalContainerInfo')
  const options = childOf(field, 'options')?.text ?? ''
  if (options === '') section.changed('externalContainerInfo', `container.image ${image}, with type DOCKER`)
  else {
    section.lost('externalContainerInfo', `container.image ${image}; its options are lost: write container.parameters by hand`)
    draft.toDo('container: the options of externalContainerInfo are not in it')
  }
}
