import { SETTINGS } from '../../src/config/settings.ts'
import { markdownTable } from './markdown-table.ts'

export const CONFIGURATION = 'docs/configuration.md'

/** A generated block: these settings, each with the one that names its file. What stands around it is by hand. */
export const SETTINGS_BLOCK = /^<!-- settings: ([A-Z_ ]+) -->\n[\s\S]*?^<!-- end of settings -->$/gm

/** The page with its tables as the program gives them. */
export function fillInSettings(text: string): string {
  return text.replace(SETTINGS_BLOCK, (_, names: string) => {
    const rows = names.split(' ').flatMap((name) => {
      const inFile = `file that holds ${name}`
      const own = SETTINGS.filter((setting) => setting.name === name || setting.description === inFile)
      if (own.length === 0) throw new Error(`${CONFIGURATION} asks for ${name}, which is no setting.`)
      return own.map((setting) => [`\`${setting.name}\``, setting.default, setting.description])
    })
    const table = markdownTable(['name', 'default', 'meaning'], rows)
    return `<!-- settings: ${names} -->\n\n${table}\n\n<!-- end of settings -->`
  })
}
