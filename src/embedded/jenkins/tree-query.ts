/**
 * How Jenkins exports its objects as JSON: each property has a visibility, `depth=N` shows the properties that are
 * visible at their level, `tree=` names them one by one. Properties are asked for only when they are shown, so a
 * `tree=` query over a thousand nodes is as cheap here as it is there.
 */
type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain }
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Exported
  | ReadonlyMap<string, null | string | Exported>

/** An object with its bean: knows how to write itself under a pruner. */
export interface Exported {
  readonly write: (pruner: Pruner) => Plain
}

export interface Property<T> {
  readonly name: string
  /** Shown down to this level: 1 at the root of a query only, 2 in its children, 999 anywhere. */
  readonly visibility: number
  /** Its objects count as being on the level of their owner. */
  readonly inline?: boolean
  readonly of: (subject: T) => Value
}

/** Decides which properties of one object are written: `undefined` where one is not, else the pruner of its value. */
export interface Pruner {
  readonly accept: (property: { name: string; visibility: number; inline?: boolean }) => Pruner | undefined
  readonly range: readonly [number, number] | undefined
}

/** A property with visibility 1; `visible` and `inlined` say otherwise. */
export function property<T>(name: string, of: (subject: T) => Value): Property<T> {
  return { name, visibility: 1, of }
}

export function visible<T>(name: string, of: (subject: T) => Value, visibility = 2): Property<T> {
  return { name, visibility, of }
}

export function inlined<T>(name: string, of: (subject: T) => Value): Property<T> {
  return { name, visibility: 1, inline: true, of }
}

/** Binds a subject to its properties. `className` is left out where the reader knows the type from the property. */
export function exported<T>(
  subject: T,
  className: string | undefined,
  properties: readonly Property<NoInfer<T>>[],
): Exported {
  return {
    write(pruner) {
      const written: Record<string, Plain> = className === undefined ? {} : { _class: className }
      for (const one of properties) {
        const inner = pruner.accept(one)
        if (inner !== undefined) written[one.name] = writeValue(one.of(subject), inner)
      }
      return written
    },
  }
}

function writeValue(value: Value, pruner: Pruner): Plain {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) {
    const shown = pruner.range === undefined ? value : value.slice(...pruner.range)
    return shown.map((element) => writeValue(element, pruner))
  }
  if ('write' in value) return value.write(pruner)
  return Object.fromEntries([...value].map(([name, each]) => [name, writeValue(each, pruner)]))
}

function isList(value: object): value is readonly Value[] {
  return Array.isArray(value)
}

/** `depth=N` of the remote API; 0 is the default. */
export function byDepth(depth: number): Pruner {
  return atLevel(1 - depth)
}

function atLevel(level: number): Pruner {
  const pruner: Pruner = {
    range: undefined,
    accept: ({ visibility, inline }) => {
      if (visibility < level) return undefined
      return inline === true ? pruner : atLevel(level + 1)
    },
  }
  return pruner
}

interface TreeNode {
  readonly children: Map<string, TreeNode>
  range: readonly [number, number] | undefined
}

/** @throws where the text does not follow the grammar `name[inner,…]{from,to},…`: Jenkins answers 500 then */
export function byTree(text: string): Pruner {
  const parser = new TreeParser(text)
  return byNode(parser.parse())
}

function byNode(node: TreeNode): Pruner {
  return {
    range: node.range,
    accept: ({ name }) => {
      const child = node.children.get(name) ?? node.children.get('*')
      return child === undefined ? undefined : byNode(child)
    },
  }
}

class TreeParser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = text.match(/[,[\]{}]|[^,[\]{}\s]+/g) ?? []
  }

  parse(): TreeNode {
    const root: TreeNode = { children: new Map(), range: undefined }
    this.#list(root)
    if (this.#at < this.#tokens.length) throw new Error(`tree: unexpected ${String(this.#tokens[this.#at])}`)
    return root
  }

  #list(into: TreeNode): void {
    for (;;) {
      const name = this.#tokens[this.#at]
      if (name === undefined || /^[,[\]{}]$/.test(name)) throw new Error('tree: a name is missing')
      this.#at++
      const node: TreeNode = into.children.get(name) ?? { children: new Map(), range: undefined }
      into.children.set(name, node)
      if (this.#take('[')) {
        this.#list(node)
        this.#expect(']')
      }
      if (this.#take('{')) node.range = this.#range()
      if (!this.#take(',')) return
    }
  }

  /** `{from,to}`, `{from,}`, `{,to}` and `{at}`; `to` is not included. */
  #range(): readonly [number, number] {
    const parts: string[] = []
    while (!this.#take('}')) {
      const token = this.#tokens[this.#at++]
      if (token === undefined || !/^(,|\d+)$/.test(token)) throw new Error('tree: bad range')
      parts.push(token)
    }
    const text = parts.join('')
    if (!text.includes(',')) return [Number(text), Number(text) + 1]
    const [from, to] = text.split(',')
    return [Number(from), to === '' ? Number.MAX_SAFE_INTEGER : Number(to)]
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new Error(`tree: ${token} is missing`)
  }
}
