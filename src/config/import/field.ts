/** A piece of a foreign configuration: an element of XML, or a key of YAML. Items of a list have the list's name. */
export interface Field {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Without blanks around it; `''` where there is none. */
  readonly text: string
  readonly children: readonly Field[]
}

export function childOf(field: Field | undefined, name: string): Field | undefined {
  return field?.children.find((child) => child.name === name)
}

/** Both generations may have classes as names: `org.jenkinsci.plugins.mesos.MesosSlaveInfo_-URI` is `URI`. */
export function shortName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('-'), name.lastIndexOf('$')) + 1)
}

const DEEPEST = 50

/** Everything of this name at any depth, in the order of the file; not inside of each other. */
export function descendants(field: Field, name: string, depth = 0): readonly Field[] {
  if (depth > DEEPEST) return []
  return field.children.flatMap((child) => (child.name === name ? [child] : descendants(child, name, depth + 1)))
}
