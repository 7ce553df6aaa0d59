import type { Container, Draft } from './draft.ts'
import { childOf } from './field.ts'
import type { Section } from './section.ts'

/** Options of docker run that have a field of their own, or are Mesos' own. */
const OWN: Readonly<Record<string, string>> = {
  name: 'Mesos gives the name',
  entrypoint: 'it is container.shell or container.entrypoint here',
  net: 'it is container.network here',
  network: 'it is container.network here',
  privileged: 'it is container.privileged here',
}

export function readParameters(info: Section, container: Container, draft: Draft): void {
  const parameters: { key: string; value: string }[] = []
  for (const [index, each] of info.items('parameters').entries()) {
    const written = childOf(each, 'key')?.text ?? ''
    const key = written.replace(/^-+/, '')
    const value = childOf(each, 'value')?.text ?? ''
    const item = `parameters[${index}]`
    // The value may be a variable with a secret in it.
    const was = `${written}=${/^(env|e)$/.test(key) ? (value.split('=')[0] ?? '') : value}`
    const own = Object.hasOwn(OWN, key) ? OWN[key] : undefined
    if (key === '') info.item(item, was, 'no equal', 'it has no key')
    else if (container.type === 'MESOS') info.item(item, was, 'no equal', 'only the Docker daemon has parameters')
    else if (own !== undefined) {
      info.item(item, was, 'no equal', own)
      draft.toDo(`container: the parameter ${key} is left out; ${own}`)
    } else {
      parameters.push({ key, value })
      if (key === written) info.item(item, was, 'taken', 'container.parameters')
      else info.item(item, was, 'changed', 'container.parameters, without hyphens')
    }
  }
  if (parameters.length > 0) container.parameters = parameters
  draft.remark('container.parameters', 'parameters')
}

type Volume = Exclude<Container['volumes'], undefined>[number]

/** Where Mesos shows the sandbox in a container of Docker. */
const SANDBOX = '/mnt/mesos/sandbox'

export function readVolumes(info: Section, container: Container, draft: Draft): void {
  const volumes: Volume[] = []
  const seen = new Set<string>()
  for (const [index, field] of info.items('volumes').entries()) {
    const textOf = (name: string): string => childOf(field, name)?.text ?? ''
    const [inside, hostPath] = [textOf('containerPath'), textOf('hostPath')]
    const readOnly = textOf('readOnly').toLowerCase() === 'true'
    const item = `volumes[${index}]`
    const was = `${hostPath === '' ? '(sandbox)' : hostPath}:${inside}${readOnly ? ':ro' : ''}`
    const isMoved = container.type === 'DOCKER' && inside !== '' && !isAbsolute(inside)
    const containerPath = isMoved ? `${SANDBOX}/${inside}` : inside
    const leaves = hostPath !== '' && !isAbsolute(hostPath) && hostPath.split(/[\\/]/).includes('..')
    if (containerPath === '' || leaves || seen.has(containerPath)) {
      const why =
        containerPath === '' ? 'it has no containerPath' : 'its hostPath is none, or a volume before it has its place'
      info.item(item, was, 'no equal', why)
      continue
    }
    seen.add(containerPath)
    const source = hostPath === '' ? {} : isAbsolute(hostPath) ? { hostPath } : { sandboxPath: hostPath }
    volumes.push({ containerPath, ...source, ...(readOnly && { readOnly }) })
    if (isMoved) info.item(item, was, 'changed', `container.volumes: a path without / begins at ${SANDBOX}`)
    else if ('sandboxPath' in source) info.item(item, was, 'taken', 'container.volumes: a folder of the sandbox')
    else {
      const where = hostPath === '' ? '; without hostPath it is a folder of the sandbox' : ''
      info.item(item, was, 'taken', `container.volumes${where}`)
    }
  }
  if (volumes.length > 0) container.volumes = volumes
  draft.remark('container.volumes', 'volumes')
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:[\\/]/i.test(path)
}
