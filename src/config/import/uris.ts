import type { Draft, Given } from './draft.ts'
import { childOf } from './field.ts'
import type { Section } from './section.ts'

const NAME = 'additionalURIs'

/** What the fetcher of Mesos brings into the sandbox, the same in both generations. */
export function readUris(section: Section, draft: Draft): void {
  const uris: Given<'uris'>[number][] = []
  for (const [index, field] of section.items(NAME).entries()) {
    const value = childOf(field, 'value')?.text ?? ''
    const flag = (name: string): boolean => childOf(field, name)?.text.toLowerCase() === 'true'
    const [extract, executable] = [flag('extract'), flag('executable')]
    const item = `${NAME}[${index}]`
    if (value === '') {
      section.item(item, value, 'no equal', 'it has no address')
      continue
    }
    uris.push({ value, ...(extract && !executable && { extract }), ...(executable && { executable }) })
    if (extract && executable)
      section.item(item, value, 'changed', 'uris, without extract: Mesos left executables packed')
    else section.item(item, value, 'taken', 'uris')
  }
  if (uris.length > 0) draft.set('uris', uris, NAME)
}
