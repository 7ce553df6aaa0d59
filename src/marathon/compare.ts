import { isDeepStrictEqual } from 'node:util'
import { App } from './app-schema.ts'
import type { Definition } from './definition.ts'
import { entryName, isRecord, type Path } from './path.ts'
import { Pod } from './pod-schema.ts'

/** `undefined`: it was not there, or will not be. */
export interface Change {
  readonly path: Path
  readonly was: unknown
  readonly now: unknown
}

/** What Marathon says of itself where the file says nothing, and nobody can know beforehand. */
const FILLED: Readonly<Record<Definition['kind'], readonly RegExp[]>> = {
  pod: [/^(version|role|legacySharedCgroups|linuxInfo)$/, /^scheduling\.(upgrade|unreachableStrategy)\b/],
  app: [
    /^(version|role|executor|ports|uris|portDefinitions|networks|maxLaunchDelaySeconds|container\.portMappings)\b/,
    /^(upgradeStrategy|unreachableStrategy|container\.type)\b/,
  ],
}

/** A port for load balancers: where 0 is asked for Marathon picks one. */
const SERVICE_PORT = /^portDefinitions\.[^.]+\.port$|\.servicePort$/

/**
 * What deploying the definition would change, field by field. Defaults, empty lists and what Marathon adds by itself
 * are no change: the same file twice is none.
 */
export function changesBetween({ kind, body }: Definition, running: unknown): readonly Change[] {
  const shape: Shape = kind === 'pod' ? (Pod as object) : (App as object)
  const changes = differ(shape, isRecord(running) ? running : {}, body, [])
  return changes.filter(({ path, now }) => {
    const text = path.join('.')
    if (text === 'version' || (kind === 'app' && SERVICE_PORT.test(text) && (now ?? 0) === 0)) return false
    return now !== undefined || !FILLED[kind].some((pattern) => pattern.test(text))
  })
}

/** The parts of JSON Schema that tell what stands where, and what counts where nothing is said. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly default?: unknown
}

function differ(shape: Shape, was: unknown, now: unknown, path: Path): readonly Change[] {
  const [one, other] = [present(shape, was), present(shape, now)]
  if (isDeepStrictEqual(one, other)) return []
  if ((isRecord(one) || one === undefined) && (isRecord(other) || other === undefined)) {
    return differFields(shape, one, other, path)
  }
  if (Array.isArray(one) && Array.isArray(other)) return differLists(shape, one, other, path)
  return [{ path, was: one, now: other }]
}

/** What counts as nothing is nothing. */
function present(shape: Shape, value: unknown): unknown {
  const filled = value ?? shape.default
  return Array.isArray(filled) && filled.length === 0 ? undefined : filled
}

function differFields(
  shape: Shape,
  was: Readonly<Record<string, unknown>> | undefined,
  now: Readonly<Record<string, unknown>> | undefined,
  path: Path,
): readonly Change[] {
  const { properties, patternProperties } = shape.anyOf?.find((each) => each.properties !== undefined) ?? shape
  const [any] = Object.values(patternProperties ?? {})
  const names = [...new Set([...Object.keys(now ?? {}), ...Object.keys(was ?? {})])]
  return names.flatMap((name) => {
    const field =
      properties === undefined ? (any ?? {}) : Object.hasOwn(properties, name) ? properties[name] : undefined
    // Marathon may know more than this program, and says so in its answers.
    return field === undefined ? [] : differ(field, was?.[name], now?.[name], [...path, name])
  })
}

function differLists(shape: Shape, was: readonly unknown[], now: readonly unknown[], path: Path): readonly Change[] {
  const { items = {} } = shape
  const keyed = (list: readonly unknown[]): ReadonlyMap<string, unknown> =>
    new Map(list.map((entry, index) => [entryName(entry, index), entry]))
  const [before, after] = [keyed(was), keyed(now)]
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name) => {
    const at = [...path, name]
    const [one, other] = [before.get(name), after.get(name)]
    return one === undefined || other === undefined
      ? [{ path: at, was: one, now: other }]
      : differ(items, one, other, at)
  })
}

/** What Marathon never changes of a pod that has a persistent volume. */
export function frozenChanges(definition: Definition, running: unknown, changes: readonly Change[]): readonly Change[] {
  const hasPersistent = (value: unknown): boolean => JSON.stringify(value ?? null).includes('"persistent":{')
  if (definition.kind !== 'pod' || !hasPersistent(running)) return []
  return changes.filter(({ path: [first, , third, ...rest] }) => {
    if (first === 'volumes') return true
    return first === 'containers' && (third === 'resources' || (third === 'endpoints' && rest.at(-1) === 'hostPort'))
  })
}
