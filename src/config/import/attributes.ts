import type { Draft } from './draft.ts'
import { childOf, descendants, type Field } from './field.ts'
import type { Section } from './section.ts'

/**
 * The forms of the first generation: `slaveAttributesString`, JSON, and the older `slaveAttributes`, a map as XStream
 * writes it.
 */
export function readAttributes1(section: Section, draft: Draft): void {
  const text = section.text('slaveAttributesString')
  const old = section.child('slaveAttributes')
  if (text !== undefined) {
    const pairs = readJson(text)
    if (pairs === undefined) {
      section.lost(
        'slaveAttributesString',
        'it is no JSON object: agents may come to any host; write attributes by hand',
      )
      draft.toDo(`attributes: ${JSON.stringify(text)} could not be read`)
    } else tell(section, draft, 'slaveAttributesString', pairs)
    section.needless('slaveAttributes', 'slaveAttributesString, which came after it, is taken')
    return
  }
  section.taken('slaveAttributesString', 'no attributes')
  if (old === undefined) return
  if (old.text !== '' && old.children.length === 0) tell(section, draft, 'slaveAttributes', readJson(old.text) ?? [])
  else tell(section, draft, 'slaveAttributes', readMap(old))
}

/** `key:value,key2:value2` of the second one. */
export function readAttributes2(section: Section, draft: Draft): void {
  const text = section.text('agentAttributes')
  if (text === undefined) {
    section.taken('agentAttributes', 'no attributes')
    return
  }
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map(
      (pair): Pair =>
        pair.includes(':') ? [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)] : [pair, undefined],
    )
  tell(section, draft, 'agentAttributes', pairs)
}

/** A value that is no text or number is `undefined`. */
type Pair = readonly [key: string, value: string | undefined]

function tell(section: Section, draft: Draft, name: string, pairs: readonly Pair[]): void {
  const good = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[0].trim() !== '')
  const bad = pairs.filter((pair) => !good.includes(pair as readonly [string, string])).map(([key]) => key)
  if (good.length > 0) {
    draft.set('attributes', Object.fromEntries(good.map(([key, value]) => [key.trim(), value.trim()])), name)
  }
  const words = good.length === 0 ? 'no attributes' : 'attributes'
  if (bad.length === 0) section.taken(name, words)
  else {
    section.lost(name, `${words}; left out: ${bad.join(', ')}, not text or number. Agents may come to hosts without it`)
    draft.toDo(`attributes: ${bad.join(', ')} could not be read`)
  }
}

function readJson(text: string): readonly Pair[] | undefined {
  const value = parse(text) ?? parse(quoted(text))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).map(([key, each]): Pair => [key, isPlain(each) ? String(each) : undefined])
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The plugin's reader also took `{os:linux}` and `{'os':'linux'}`. */
function quoted(text: string): string {
  return text.replaceAll(
    /"(?:[^"\\]|\\.)*"|'([^'"\\]*)'|([A-Za-z_][\w.-]*)/g,
    (whole, single?: string, word?: string) => (whole.startsWith('"') ? whole : JSON.stringify(single ?? word ?? '')),
  )
}

/** `<map><entry><string>key</string><string>value</string></entry></map>`, in the order of `insertOrder`. */
function readMap(field: Field): readonly Pair[] {
  if (childOf(field, 'nullObject')?.text === 'true') return []
  const order = descendants(field, 'insertOrder').flatMap(({ children }) => children.map(({ text }) => text))
  const place = (key: string): number => {
    const index = order.indexOf(key)
    return index === -1 ? order.length : index
  }
  const pairs = descendants(field, 'entry').map(({ children: [key, value] }): Pair => {
    const isText = value !== undefined && value.children.length === 0
    return [key?.text ?? '', isText ? value.text : undefined]
  })
  return [...pairs].sort(([a], [b]) => place(a) - place(b))
}
