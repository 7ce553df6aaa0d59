import { readNetwork } from './container-network.ts'
import { readParameters, readVolumes } from './container-parts.ts'
import type { Container, Draft } from './draft.ts'
import { childOf, type Field } from './field.ts'
import type { Section } from './section.ts'

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
  if (image === undefined || /\s/.test(image)) {
    info.lost('dockerImage', 'it is no image, so there is no container: agents are commands of the host')
    draft.toDo('container: it had no image')
    for (const name of KNOWN) info.needless(name, 'there is no container')
    info.rest()
    return
  }
  const isWindows = draft.fields.commandStyle === 'windows'
  const type = readType(info, isWindows)
  const container: Container = { type, image }
  draft.remark('container.type', 'type')
  draft.remark('container.image', 'dockerImage')
  info.taken('dockerImage', 'container.image')
  readFlags(info, container, draft, isWindows)
  readShell(info, container, draft)
  readNetwork(info, container, draft, isWindows)
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

function readType(info: Section, isWindows: boolean): 'DOCKER' | 'MESOS' {
  const type = info.text('type')?.toUpperCase() ?? 'DOCKER'
  if (type === 'MESOS' && isWindows) {
    info.changed('type', 'container.type: DOCKER, the only one that there is on Windows')
    return 'DOCKER'
  }
  if (type === 'MESOS' || type === 'DOCKER') {
    info.taken('type', 'container.type')
    return type
  }
  info.changed('type', 'container.type: DOCKER, the only other one is MESOS')
  return 'DOCKER'
}

function readFlags(info: Section, container: Container, draft: Draft, isWindows: boolean): void {
  const isDocker = container.type === 'DOCKER'
  const noPrivilege = isWindows ? 'it is not there on Windows' : 'only the Docker daemon has privileged containers'
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
  set('dockerPrivilegedMode', 'privileged', isDocker && !isWindows ? '' : noPrivilege)
  set(
    'isDind',
    'dockerInDocker',
    isDocker ? 'with DOCKER it did nothing; privileged is what Docker in Docker needs' : '',
  )
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
    section.lost(
      'externalContainerInfo',
      `container.image ${image}; its options are lost: write container.parameters by hand`,
    )
    draft.toDo('container: the options of externalContainerInfo are not in it')
  }
}
