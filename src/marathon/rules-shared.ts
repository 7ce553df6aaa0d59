import { hint } from '../core/nearest.ts'
import { OPERATORS } from './parts-schema.ts'
import { isRecord, type Mistake, type Path } from './path.ts'
import { type Fields, fieldsIn, numberIn, objectsIn, repeated, textIn } from './read.ts'

/** Placement: what each operator wants as its value. */
export function constraintMistakes(
  operator: string | undefined,
  value: string | undefined,
  path: Path,
): readonly Mistake[] {
  const wrong = (words: string): readonly Mistake[] => [{ path, words }]
  switch (operator) {
    case 'UNIQUE':
      return value === undefined ? [] : wrong('must have no value: UNIQUE puts one instance on each')
    case 'GROUP_BY':
      return value === undefined || isWhole(value)
        ? []
        : wrong('must have a whole number as value, or none, for GROUP_BY')
    case 'MAX_PER':
      return isWhole(value) ? [] : wrong('must have a whole number as value for MAX_PER')
    case 'LIKE':
    case 'UNLIKE':
      return isPattern(value) ? [] : wrong(`must have a regular expression as value for ${operator}`)
    case 'IS':
      return value !== undefined && /^[a-zA-Z0-9_/.-]*$/.test(value)
        ? []
        : wrong('must have a value of letters, digits and _ / . - for IS')
    case 'CLUSTER':
    case undefined:
      return []
    default:
      return (OPERATORS as readonly string[]).includes(operator)
        ? []
        : wrong(`must have one of ${OPERATORS.join(', ')} as operator`)
  }
}

function isWhole(value: string | undefined): boolean {
  return value !== undefined && /^\d+$/.test(value)
}

/** Java's expressions are near enough to ours for what stands in constraints. */
function isPattern(value: string | undefined): boolean {
  if (value === undefined) return false
  try {
    new RegExp(value)
    return true
  } catch {
    return false
  }
}

/** One host network, or one bridge, or any number of named ones. */
export function networkMistakes(networks: readonly Fields[]): readonly Mistake[] {
  const modes = networks.map((network) => textIn(network, 'mode') ?? 'container')
  const path = ['networks']
  const alone = modes.filter((mode) => mode !== 'container')
  const mixed =
    alone.length > 0 && modes.length > 1
      ? [{ path, words: 'must be one host network, or one container/bridge, or only container networks' }]
      : []
  const own = networks.flatMap((network, index): readonly Mistake[] => {
    const at = [...path, textIn(network, 'name') ?? String(index)]
    const hasName = textIn(network, 'name') !== undefined
    if (modes[index] === 'container' && !hasName) {
      return [{ path: at, words: 'needs the name of the network, or mode "host"' }]
    }
    if (modes[index] !== 'container' && hasName)
      return [{ path: at, words: 'must have no name: only container networks do' }]
    return modes[index] === 'host' && fieldsIn(network, 'labels') !== undefined
      ? [{ path: at, words: 'must have no labels: a host network has none' }]
      : []
  })
  return [...mixed, ...own]
}

/** `environment` and `env`: a secret that is asked for must be listed. */
export function secretMistakes(environment: Fields | undefined, path: Path, secrets: Fields): readonly Mistake[] {
  return Object.entries(environment ?? {}).flatMap(([name, value]) =>
    isRecord(value) ? unknownSecret(textIn(value, 'secret'), [...path, name, 'secret'], secrets) : [],
  )
}

export function unknownSecret(name: string | undefined, path: Path, secrets: Fields): readonly Mistake[] {
  if (name === undefined || Object.hasOwn(secrets, name)) return []
  return [{ path, words: `names ${name}, which is not in secrets${hint(name, Object.keys(secrets))}` }]
}

export function repeatedMistakes(values: readonly (string | number)[], path: Path, what: string): readonly Mistake[] {
  return repeated(values).map((value) => ({ path, words: `must have each ${what} once: ${value} is there twice` }))
}

/** A replacement that is killed before it is started must not come first. */
export function expungeMistakes(strategy: Fields | undefined, path: Path): readonly Mistake[] {
  const inactive = numberIn(strategy, 'inactiveAfterSeconds') ?? 0
  const expunge = numberIn(strategy, 'expungeAfterSeconds') ?? 0
  return expunge >= inactive
    ? []
    : [{ path: [...path, 'expungeAfterSeconds'], words: `must be inactiveAfterSeconds (${inactive}) or more` }]
}

export interface PersistentUse {
  readonly path: Path
  readonly strategy: unknown
  readonly strategyPath: Path
  readonly upgrade: Fields | undefined
  readonly upgradePath: Path
  readonly role: string | undefined
}

/** What Marathon wants of whatever has a persistent volume. */
export function persistentMistakes(use: PersistentUse): readonly Mistake[] {
  const over = numberIn(use.upgrade, 'maximumOverCapacity') ?? 0
  return [
    ...(use.strategy === undefined || use.strategy === 'disabled'
      ? []
      : [{ path: use.strategyPath, words: 'must be "disabled", or left out, with a persistent volume' }]),
    ...(over === 0
      ? []
      : [
          {
            path: [...use.upgradePath, 'maximumOverCapacity'],
            words: 'must be 0 with a persistent volume: the new instance needs the volume of the old one',
          },
        ]),
    ...(use.role === '*'
      ? [{ path: ['role'], words: 'must not be * with a persistent volume: nothing can be reserved for that role' }]
      : []),
  ]
}

/** Of several kinds exactly one; `kinds` in words for the sentence. */
export function exactlyOne(value: Fields, kinds: readonly string[], path: Path): readonly Mistake[] {
  const found = kinds.filter((kind) => Object.hasOwn(value, kind))
  if (found.length === 1) return []
  return [{ path, words: `must have exactly one of ${kinds.join(', ')}, and has ${found.join(' and ') || 'none'}` }]
}

/** Marathon takes "*" and the role, and passes over all others without a word. */
export function roleMistakes(value: Fields | undefined, role: string | undefined, path: Path): readonly Mistake[] {
  if (role === undefined) return []
  const others = listOfRoles(value).filter((each) => each !== '*' && each !== role)
  return others.map((other) => ({
    path: [...path, 'acceptedResourceRoles'],
    words: `must hold only * and the role ${role}: Marathon passes over ${other}`,
  }))
}

function listOfRoles(value: Fields | undefined): readonly string[] {
  const roles = value?.['acceptedResourceRoles']
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : []
}

/** `hostPort` 0 is any port; others may be there once. */
export function fixedPorts(values: readonly Fields[], field: string): readonly number[] {
  return values.flatMap((value) => numberIn(value, field) || [])
}

export function namesOf(value: Fields | undefined, list: string): readonly string[] {
  return objectsIn(value, list).flatMap((entry) => textIn(entry, 'name') ?? [])
}
