import { hint } from '../core/nearest.ts'
import { entryName, type Mistake, type Path } from './path.ts'
import { type Fields, fieldsIn, numberIn, objectsIn, textIn, textsIn } from './read.ts'
import {
  constraintMistakes,
  exactlyOne,
  expungeMistakes,
  fixedPorts,
  namesOf,
  networkMistakes,
  persistentMistakes,
  repeatedMistakes,
  roleMistakes,
  secretMistakes,
  unknownSecret,
} from './rules-shared.ts'

type Rule = (pod: Fields) => readonly Mistake[]

/** What Marathon wants of a pod beyond the types of its fields. */
export const POD_RULES: readonly Rule[] = [
  namesAreUnique,
  networksFit,
  portsFit,
  probesFit,
  commandsFit,
  volumesFit,
  mountsFit,
  secretsAreListed,
  placementFits,
  unreachableFits,
  persistenceFits,
]

interface Entry {
  readonly value: Fields
  readonly path: Path
}

function entriesOf(value: Fields, list: string, path: Path = []): readonly Entry[] {
  return objectsIn(value, list).map((entry, index) => ({
    value: entry,
    path: [...path, list, entryName(entry, index)],
  }))
}

const containersOf = (pod: Fields): readonly Entry[] => entriesOf(pod, 'containers')

function endpointsOf(pod: Fields): readonly Entry[] {
  return containersOf(pod).flatMap(({ value, path }) => entriesOf(value, 'endpoints', path))
}

function namesAreUnique(pod: Fields): readonly Mistake[] {
  const endpoints = endpointsOf(pod).flatMap(({ value }) => textIn(value, 'name') ?? [])
  return [
    ...repeatedMistakes(namesOf(pod, 'containers'), ['containers'], 'name'),
    ...repeatedMistakes(namesOf(pod, 'volumes'), ['volumes'], 'name'),
    ...repeatedMistakes(endpoints, ['containers'], 'endpoint of the whole pod'),
  ]
}

function networksFit(pod: Fields): readonly Mistake[] {
  const networks = objectsIn(pod, 'networks')
  if (networks.length > 0) return networkMistakes(networks)
  return [
    {
      path: ['networks'],
      words:
        'is missing: write "networks": [{ "mode": "host" }]. Without it the pod uses the network of the host, but its ' +
        'ports are not those of the host',
    },
  ]
}

function portsFit(pod: Fields): readonly Mistake[] {
  const endpoints = endpointsOf(pod)
  const values = endpoints.map(({ value }) => value)
  const networks = objectsIn(pod, 'networks')
  const isHost = networks.some((network) => textIn(network, 'mode') === 'host')
  const known = namesOf(pod, 'networks')
  return [
    ...repeatedMistakes(fixedPorts(values, 'containerPort'), ['containers'], 'containerPort of the whole pod'),
    ...repeatedMistakes(fixedPorts(values, 'hostPort'), ['containers'], 'hostPort of the whole pod'),
    ...endpoints.flatMap(({ value, path }): readonly Mistake[] => {
      const at = [...path, 'containerPort']
      const has = Object.hasOwn(value, 'containerPort')
      if (isHost && has) return [{ path: at, words: 'must be left out on the host network: there is only a hostPort' }]
      if (!isHost && networks.length > 0 && !has) return [{ path: at, words: 'is missing: container networks need it' }]
      return textsIn(value, 'networkNames')
        .filter((name) => !known.includes(name))
        .map((name) => ({
          path: [...path, 'networkNames'],
          words: `names ${name}, which is not in networks${hint(name, known)}`,
        }))
    }),
  ]
}

function probesFit(pod: Fields): readonly Mistake[] {
  return containersOf(pod).flatMap(({ value, path }) => {
    const own = namesOf(value, 'endpoints')
    const all = endpointsOf(pod).flatMap((endpoint) => textIn(endpoint.value, 'name') ?? [])
    return ['healthCheck', 'check'].flatMap((kind): readonly Mistake[] => {
      const probe = fieldsIn(value, kind)
      if (probe === undefined) return []
      const at = [...path, kind]
      return [
        ...exactlyOne(probe, ['http', 'tcp', 'exec'], at),
        ...timeMistakes(probe, at),
        ...['http', 'tcp'].flatMap((how) =>
          endpointMistakes(textIn(fieldsIn(probe, how), 'endpoint'), [...at, how], own, all),
        ),
      ]
    })
  })
}

function timeMistakes(probe: Fields, path: Path): readonly Mistake[] {
  const interval = numberIn(probe, 'intervalSeconds') ?? 60
  const timeout = numberIn(probe, 'timeoutSeconds') ?? 20
  if (timeout < interval) return []
  const which = Object.hasOwn(probe, 'timeoutSeconds') ? `is ${timeout}` : `is ${timeout} where it is not given`
  return [
    {
      path: [...path, 'timeoutSeconds'],
      words: `${which} and must be less than intervalSeconds, which is ${interval}`,
    },
  ]
}

function endpointMistakes(
  name: string | undefined,
  path: Path,
  own: readonly string[],
  all: readonly string[],
): readonly Mistake[] {
  if (name === undefined || own.includes(name)) return []
  const words = all.includes(name)
    ? `is ${name}, an endpoint of another container: only those of its own can be looked at`
    : `is ${name}, which no endpoint of this container is called${hint(name, own)}`
  return [{ path: [...path, 'endpoint'], words }]
}

function commandsFit(pod: Fields): readonly Mistake[] {
  return containersOf(pod).flatMap(({ value, path }) => {
    const probes = ['healthCheck', 'check'].map(
      (kind) => [fieldsIn(fieldsIn(value, kind), 'exec'), [...path, kind]] as const,
    )
    return [[fieldsIn(value, 'exec'), path] as const, ...probes].flatMap(([exec, at]) => {
      const command = fieldsIn(exec, 'command')
      return command === undefined ? [] : exactlyOne(command, ['shell', 'argv'], [...at, 'exec', 'command'])
    })
  })
}

const VOLUME_KINDS = ['host', 'secret', 'persistent']

function volumesFit(pod: Fields): readonly Mistake[] {
  const mounted = containersOf(pod).flatMap(({ value }) => namesOf(value, 'volumeMounts'))
  return entriesOf(pod, 'volumes').flatMap(({ value, path }) => {
    const name = textIn(value, 'name')
    const kinds = VOLUME_KINDS.filter((kind) => Object.hasOwn(value, kind))
    return [
      ...(kinds.length > 1 ? [{ path, words: `must be of one kind, and has ${kinds.join(' and ')}` }] : []),
      ...(name === undefined || mounted.includes(name)
        ? []
        : [{ path, words: 'is not used: every volume must stand in volumeMounts of a container' }]),
    ]
  })
}

function mountsFit(pod: Fields): readonly Mistake[] {
  const known = namesOf(pod, 'volumes')
  return containersOf(pod).flatMap(({ value, path }) =>
    namesOf(value, 'volumeMounts')
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: [...path, 'volumeMounts', name],
        words: `is no volume of this pod${hint(name, known)}`,
      })),
  )
}

function secretsAreListed(pod: Fields): readonly Mistake[] {
  const secrets = fieldsIn(pod, 'secrets') ?? {}
  return [
    ...secretMistakes(fieldsIn(pod, 'environment'), ['environment'], secrets),
    ...entriesOf(pod, 'volumes').flatMap(({ value, path }) =>
      unknownSecret(textIn(value, 'secret'), [...path, 'secret'], secrets),
    ),
    ...containersOf(pod).flatMap(({ value, path }) => [
      ...secretMistakes(fieldsIn(value, 'environment'), [...path, 'environment'], secrets),
      ...unknownSecret(
        textIn(fieldsIn(fieldsIn(value, 'image'), 'pullConfig'), 'secret'),
        [...path, 'image', 'pullConfig', 'secret'],
        secrets,
      ),
    ]),
  ]
}

const PLACEMENT = ['scheduling', 'placement']

function placementFits(pod: Fields): readonly Mistake[] {
  const placement = fieldsIn(fieldsIn(pod, 'scheduling'), 'placement')
  return [
    ...entriesOf(placement ?? {}, 'constraints', PLACEMENT).flatMap(({ value, path }) =>
      // An operator that there is not is a matter of shape.
      constraintMistakes(textIn(value, 'operator'), textIn(value, 'value'), path).filter(
        ({ words }) => !words.endsWith('as operator'),
      ),
    ),
    ...roleMistakes(placement, textIn(pod, 'role'), PLACEMENT),
  ]
}

const UNREACHABLE = ['scheduling', 'unreachableStrategy']

function unreachableFits(pod: Fields): readonly Mistake[] {
  return expungeMistakes(fieldsIn(fieldsIn(pod, 'scheduling'), 'unreachableStrategy'), UNREACHABLE)
}

function persistenceFits(pod: Fields): readonly Mistake[] {
  const found = entriesOf(pod, 'volumes').find(({ value }) => Object.hasOwn(value, 'persistent'))
  if (found === undefined) return []
  const scheduling = fieldsIn(pod, 'scheduling')
  return persistentMistakes({
    path: found.path,
    strategy: scheduling?.['unreachableStrategy'],
    strategyPath: UNREACHABLE,
    upgrade: fieldsIn(scheduling, 'upgrade'),
    upgradePath: ['scheduling', 'upgrade'],
    role: textIn(pod, 'role'),
  })
}
