/** Where something stands in a pod or app: names of fields; in a list the `name` of the entry, or its place. */
export type Path = readonly string[]

/** Something that is wrong there. */
export interface Mistake {
  readonly path: Path
  /** Goes on after the path: "must be …". What to do stands in it. */
  readonly words: string
}

/** `containers.sidecar.environment.HTTP_PORT`, as `--set` takes it: a dot within a name has a backslash before it. */
export function showPath(path: Path): string {
  return path.map((part) => part.replaceAll(/[\\.]/g, String.raw`\$&`)).join('.')
}

/** @returns `undefined` where a name between two dots is empty */
export function readPath(text: string): Path | undefined {
  const path = ['']
  for (const [part] of text.matchAll(/\\[^]|[^]/g)) {
    if (part === '.') path.push('')
    else path.push(`${path.pop() ?? ''}${part.length > 1 ? part.slice(1) : part}`)
  }
  return path.includes('') ? undefined : path
}

export function showMistake({ path, words }: Mistake): string {
  return `${path.length === 0 ? 'The whole' : showPath(path)} ${words}.`
}

/** How an entry of a list is called in a path. */
export function entryName(entry: unknown, index: number): string {
  return nameOf(entry) ?? String(index)
}

export function nameOf(entry: unknown): string | undefined {
  return isRecord(entry) && typeof entry['name'] === 'string' ? entry['name'] : undefined
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
