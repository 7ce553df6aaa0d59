import type { Container, Draft } from './draft.ts'
import { childOf } from './field.ts'
import type { Section } from './section.ts'

type Mapping = Exclude<Container['portMappings'], undefined>[number]

/** How a container is reached: its network, names of networks, and ports. */
export function readNetwork(info: Section, container: Container, draft: Draft, isWindows: boolean): void {
  const written = info.text('networking')?.toUpperCase() ?? 'BRIDGE'
  const infos = info.items('networkInfos')
  const names = infos.map((each) => childOf(each, 'networkName')?.text ?? each.text).filter((name) => name !== '')
  const isDocker = container.type === 'DOCKER'
  const isUser = names.length > 0 && (written === 'USER' || !isDocker)
  const used = isUser ? (isDocker ? names.slice(0, 1) : names) : []
  const isHost = !isWindows && (written === 'HOST' || !isDocker)
  const network = isUser ? 'USER' : isHost ? 'HOST' : 'BRIDGE'
  container.network = network
  if (used.length > 0) container.networkNames = used
  draft.remark('container.network', 'networking')
  draft.remark('container.networkNames', 'networkInfos')
  if (network === written) info.taken('networking', 'container.network')
  else if (isUser) info.changed('networking', 'container.network: USER, as networkInfos names networks')
  else if (isHost) info.changed('networking', 'container.network: HOST, as type MESOS has no bridge')
  else if (written === 'HOST') info.changed('networking', 'container.network: BRIDGE, as Windows has no other')
  else info.changed('networking', 'container.network: BRIDGE, as networkInfos names no network')
  for (const [index, each] of infos.entries()) {
    const name = childOf(each, 'networkName')?.text ?? each.text
    const item = `networkInfos[${index}]`
    if (used.includes(name)) info.item(item, name, 'taken', 'container.networkNames')
    else
      info.item(
        item,
        name,
        'no equal',
        isUser ? 'Docker takes one network' : `networking is ${written}: it did nothing`,
      )
  }
  readPorts(info, container, draft)
}

function readPorts(info: Section, container: Container, draft: Draft): void {
  const mappings: Mapping[] = []
  const seen = new Set<string>()
  for (const [index, field] of info.items('portMappings').entries()) {
    const textOf = (name: string): string => childOf(field, name)?.text ?? ''
    const [inside, outside, wanted] = [textOf('containerPort'), textOf('hostPort'), textOf('protocol').toLowerCase()]
    const item = `portMappings[${index}]`
    const was = `${outside === '' ? '0' : outside} -> ${inside}${wanted === '' ? '' : ` ${wanted}`}`
    const containerPort = portOf(inside)
    const hostPort = outside === '' ? 0 : portOf(outside)
    const protocol = wanted === 'udp' ? 'udp' : 'tcp'
    if (container.network === 'HOST') {
      info.item(item, was, 'no equal', 'with network HOST every port is open already')
      continue
    }
    if (containerPort === undefined || containerPort === 0 || hostPort === undefined) {
      info.item(item, was, 'no equal', 'it is no pair of ports')
      continue
    }
    const ends = [`in ${containerPort} ${protocol}`, ...(hostPort === 0 ? [] : [`out ${hostPort} ${protocol}`])]
    if (ends.some((end) => seen.has(end))) {
      info.item(item, was, 'no equal', 'a port before it is the same')
      continue
    }
    for (const end of ends) seen.add(end)
    mappings.push({ containerPort, hostPort, protocol })
    const from = hostPort === 0 ? '; hostPort 0 takes one from the offer' : ''
    if (wanted === '' || wanted === protocol) info.item(item, was, 'taken', `container.portMappings${from}`)
    else info.item(item, was, 'changed', `container.portMappings with tcp: the protocol is tcp or udp${from}`)
  }
  if (mappings.length > 0) container.portMappings = mappings
  draft.remark('container.portMappings', 'portMappings')
}

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}
