import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of package.json above a file: one more up from `dist` than from the sources. */
export function packageRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('there is no package.json above the program: its files are not where they belong')
  return packageRoot(above)
}
