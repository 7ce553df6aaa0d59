import type { Draft, Given } from './draft.ts'
import { childOf, descendants, type Field, shortName } from './field.ts'
import type { Section } from './section.ts'

type Properties = Given<'nodeProperties'>
type Location = Exclude<Properties['toolLocations'], undefined>[number]

/** Jenkins' own properties of nodes. Values of variables are never shown: some are passwords. */
export function readNodeProperties(section: Section, draft: Draft): void {
  const environment: Record<string, string> = {}
  const toolLocations: Location[] = []
  for (const field of section.items('nodeProperties')) {
    const kind = shortName(field.name)
    const item = `nodeProperties[${kind}]`
    if (/EnvironmentVariablesNodeProperty$/.test(kind)) {
      const all = variablesOf(field)
      const pairs = all.filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      Object.assign(environment, Object.fromEntries(pairs))
      const bad = all.filter((pair) => !pairs.includes(pair)).map(([name]) => name)
      const names = all.map(([name]) => name).join(', ')
      if (bad.length === 0) section.item(item, names, 'taken', 'nodeProperties.environment')
      else section.item(item, names, 'no equal', `left out, as they are no names for variables: ${bad.join(', ')}`)
    } else if (/ToolLocationNodeProperty$/.test(kind)) {
      const locations = locationsOf(field)
      toolLocations.push(...locations)
      section.item(item, locations.map(({ name }) => name).join(', '), 'taken', 'nodeProperties.toolLocations')
    } else {
      section.item(item, '', 'no equal', `nodes made from outside of Jenkins cannot have the property ${kind}`)
    }
  }
  const properties: Properties = {
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(toolLocations.length > 0 && { toolLocations }),
  }
  if (Object.keys(properties).length > 0) draft.set('nodeProperties', properties, 'nodeProperties')
}

/** A sorted map as XStream writes it: names and values by turns. Entries, too, and plain elements. */
function variablesOf(field: Field): readonly (readonly [string, string])[] {
  const entries = descendants(field, 'entry').map(({ children }) => {
    const [key, value] = children
    return [childText(children, 'key') ?? key?.text ?? '', childText(children, 'value') ?? value?.text ?? ''] as const
  })
  const strings = entries.length > 0 ? [] : descendants(field, 'string').map(({ text }) => text)
  const byTurns = strings.flatMap((name, index) => (index % 2 === 0 ? [[name, strings[index + 1] ?? ''] as const] : []))
  return [...entries, ...byTurns].filter(([name]) => name !== '')
}

function childText(children: readonly Field[], name: string): string | undefined {
  return children.find((child) => child.name === name)?.text
}

function locationsOf(field: Field): readonly Location[] {
  return descendants(field, 'locations')
    .flatMap(({ children }) => children)
    .map((each) => ({
      type: (childOf(each, 'type')?.text ?? '').replace(/\$DescriptorImpl$/, ''),
      name: childOf(each, 'name')?.text ?? '',
      home: childOf(each, 'home')?.text ?? '',
    }))
    .filter(({ type, name, home }) => type !== '' && name !== '' && home !== '')
}
