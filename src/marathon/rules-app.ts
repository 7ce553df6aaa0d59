import { entryName, type Mistake } from './path.ts'
import { type Fields, fieldsIn, listIn, numberIn, objectsIn, textIn } from './read.ts'
import {
  constraintMistakes,
  expungeMistakes,
  namesOf,
  networkMistakes,
  persistentMistakes,
  repeatedMistakes,
  roleMistakes,
  secretMistakes,
  unknownSecret,
} from './rules-shared.ts'

type Rule = (app: Fields) => readonly Mistake[]

/** What Marathon wants of an app beyond the types of its fields. */
export const APP_RULES: readonly Rule[] = [
  somethingRuns,
  (app) => networkMistakes(objectsIn(app, 'networks')),
  portsFit,
  healthChecksFit,
  placementFits,
  volumesFit,
  secretsAreListed,
  (app) => expungeMistakes(fieldsIn(app, 'unreachableStrategy'), ['unreachableStrategy']),
  persistenceFits,
  singleInstance,
]

function somethingRuns(app: Fields): readonly Mistake[] {
  const has = (name: string): boolean => Object.hasOwn(app, name)
  if (has('cmd') && has('args')) return [{ path: ['cmd'], words: 'and args exclude each other: keep one of them' }]
  const image = textIn(fieldsIn(fieldsIn(app, 'container'), 'docker'), 'image')
  if (has('cmd') || has('args') || image !== undefined) return []
  return [{ path: [], words: 'app runs nothing: it needs cmd, args, or container.docker.image' }]
}

function portsFit(app: Fields): readonly Mistake[] {
  const fixed = objectsIn(app, 'portDefinitions').flatMap((definition) => numberIn(definition, 'port') || [])
  const both = Object.hasOwn(app, 'ports') && Object.hasOwn(app, 'portDefinitions')
  const isHost = objectsIn(app, 'networks').every((network) => textIn(network, 'mode') === 'host')
  const mapped = listIn(fieldsIn(app, 'container'), 'portMappings').length > 0
  return [
    ...(both ? [{ path: ['ports'], words: 'and portDefinitions exclude each other: keep portDefinitions' }] : []),
    ...repeatedMistakes(namesOf(app, 'portDefinitions'), ['portDefinitions'], 'name'),
    ...repeatedMistakes(fixed, ['portDefinitions'], 'port'),
    ...(isHost && mapped
      ? [{ path: ['container', 'portMappings'], words: 'is for container networks: on the host use portDefinitions' }]
      : []),
  ]
}

function healthChecksFit(app: Fields): readonly Mistake[] {
  const definitions = ['portDefinitions', 'ports'].map((name) => listIn(app, name).length)
  const mappings = listIn(fieldsIn(app, 'container'), 'portMappings').length
  // Without any Marathon gives one port.
  const count = Math.max(1, mappings, ...definitions)
  return objectsIn(app, 'healthChecks').flatMap((check, index): readonly Mistake[] => {
    const path = ['healthChecks', String(index)]
    const command = fieldsIn(check, 'command')
    const isCommand = textIn(check, 'protocol') === 'COMMAND'
    if (isCommand !== (command !== undefined)) {
      return [{ path, words: 'must have a command if its protocol is COMMAND, and none else' }]
    }
    if (isCommand) return []
    const portIndex = numberIn(check, 'portIndex')
    if (portIndex !== undefined && Object.hasOwn(check, 'port')) {
      return [{ path, words: 'must have port or portIndex, not both' }]
    }
    if (portIndex === undefined || portIndex < count) return []
    const has = count === 1 ? 'one port, 0' : `the ports 0 to ${count - 1}`
    return [{ path: [...path, 'portIndex'], words: `is ${portIndex}, but this app has ${has}` }]
  })
}

function placementFits(app: Fields): readonly Mistake[] {
  const own = listIn(app, 'constraints').flatMap((constraint, index) => {
    const [, operator, value] = Array.isArray(constraint) ? (constraint as readonly unknown[]) : []
    const path = ['constraints', String(index)]
    return typeof operator === 'string'
      ? constraintMistakes(operator, typeof value === 'string' ? value : undefined, path)
      : []
  })
  return [...own, ...roleMistakes(app, textIn(app, 'role'), [])]
}

const volumesOf = (app: Fields): readonly Fields[] => objectsIn(fieldsIn(app, 'container'), 'volumes')

function volumesFit(app: Fields): readonly Mistake[] {
  return volumesOf(app).flatMap((volume, index): readonly Mistake[] => {
    const path = ['container', 'volumes', entryName(volume, index)]
    const kinds = ['hostPath', 'persistent', 'secret', 'external'].filter((kind) => Object.hasOwn(volume, kind))
    if (kinds.length !== 1) return [{ path, words: 'must have exactly one of hostPath, persistent, secret, external' }]
    if (kinds[0] !== 'secret' && !Object.hasOwn(volume, 'mode'))
      return [{ path: [...path, 'mode'], words: 'is missing: RO or RW' }]
    return Object.hasOwn(volume, 'containerPath') ? [] : [{ path: [...path, 'containerPath'], words: 'is missing' }]
  })
}

function secretsAreListed(app: Fields): readonly Mistake[] {
  const secrets = fieldsIn(app, 'secrets') ?? {}
  const docker = fieldsIn(fieldsIn(app, 'container'), 'docker')
  return [
    ...secretMistakes(fieldsIn(app, 'env'), ['env'], secrets),
    ...unknownSecret(
      textIn(fieldsIn(docker, 'pullConfig'), 'secret'),
      ['container', 'docker', 'pullConfig', 'secret'],
      secrets,
    ),
    ...volumesOf(app).flatMap((volume, index) =>
      unknownSecret(textIn(volume, 'secret'), ['container', 'volumes', String(index), 'secret'], secrets),
    ),
  ]
}

function persistenceFits(app: Fields): readonly Mistake[] {
  const index = volumesOf(app).findIndex((volume) => Object.hasOwn(volume, 'persistent'))
  if (index === -1) return []
  return persistentMistakes({
    path: ['container', 'volumes', String(index)],
    strategy: app['unreachableStrategy'],
    strategyPath: ['unreachableStrategy'],
    upgrade: fieldsIn(app, 'upgradeStrategy'),
    upgradePath: ['upgradeStrategy'],
    role: textIn(app, 'role'),
  })
}

/** Marathon holds those that say of themselves that there may be one to it. */
function singleInstance(app: Fields): readonly Mistake[] {
  const label = textIn(fieldsIn(app, 'labels'), 'MARATHON_SINGLE_INSTANCE_APP')
  if (label !== 'true') return []
  const upgrade = fieldsIn(app, 'upgradeStrategy')
  const why = 'with the label MARATHON_SINGLE_INSTANCE_APP'
  return [
    ...((numberIn(app, 'instances') ?? 1) > 1 ? [{ path: ['instances'], words: `must be 0 or 1 ${why}` }] : []),
    ...['minimumHealthCapacity', 'maximumOverCapacity']
      .filter((name) => (numberIn(upgrade, name) ?? 1) !== 0)
      .map((name) => ({ path: ['upgradeStrategy', name], words: `must be 0 ${why}` })),
  ]
}
