import { App } from './app-schema.ts'
import { isRecord, type Mistake } from './path.ts'
import { Pod } from './pod-schema.ts'
import type { Fields } from './read.ts'
import { APP_RULES } from './rules-app.ts'
import { POD_RULES } from './rules-pod.ts'
import { shapeMistakes } from './shape.ts'

export type Kind = 'pod' | 'app'

/** Something for Marathon to run, checked whole. */
export interface Definition {
  readonly kind: Kind
  readonly id: string
  readonly body: Fields
}

export type DefinitionReading =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] }

/** What has `containers` is a pod, all else an app. */
function kindOf(value: unknown): Kind {
  return isRecord(value) && Object.hasOwn(value, 'containers') ? 'pod' : 'app'
}

/** Everything that Marathon would refuse, at once, before Marathon is asked. */
export function readDefinition(value: unknown): DefinitionReading {
  const kind = kindOf(value)
  const mistakes = [...shapeMistakes(kind === 'pod' ? Pod : App, value)]
  if (isRecord(value)) mistakes.push(...(kind === 'pod' ? POD_RULES : APP_RULES).flatMap((rule) => rule(value)))
  if (mistakes.length > 0 || !isRecord(value)) return { ok: false, mistakes: unique(mistakes) }
  return { ok: true, definition: { kind, id: String(value['id']), body: value } }
}

/** Shape and rule may say of the same field that it is missing: once is enough. */
function unique(mistakes: readonly Mistake[]): readonly Mistake[] {
  const seen = new Set<string>()
  return mistakes.filter(({ path, words }) => {
    const key = JSON.stringify([path, words])
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
