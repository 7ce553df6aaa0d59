import { messageOf } from '../core/code-of.ts'
import { Secret } from '../core/secret.ts'
import type { ReadFile } from './env.ts'
import type { Findings } from './findings.ts'
import { isRecord } from './inheritance.ts'
import type { Tell } from './tell.ts'
import type { TemplateInput } from './template-schema.ts'

const PATH = ['container', 'registryAuthFile']

/** The content of the template's `registryAuthFile`. Mesos is given it as it is. */
export function readRegistryAuth(
  { container }: TemplateInput,
  readFile: ReadFile,
  tell: Tell,
  findings: Findings,
): Secret | undefined {
  const path = container?.registryAuthFile
  if (path === undefined) return undefined
  findings.file(path)
  let text: string
  try {
    text = readFile(path)
  } catch (thrown) {
    tell.mistake(PATH, `cannot be read: ${messageOf(thrown)}`)
    return undefined
  }
  const content = parse(text)
  if (content === undefined) {
    tell.mistake(
      PATH,
      'names a file that is no JSON object: it must be a config.json of Docker, such as {"auths": {…}}',
    )
    return undefined
  }
  const auths = content['auths'] ?? content
  if (!isRecord(auths) || !Object.values(auths).some(hasPassword)) {
    tell.warn(PATH, 'names a file without any password in it (auths.REGISTRY.auth): helpers of Docker are not asked')
  }
  return new Secret(text)
}

/** The parser's own message would show a piece of the file. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function hasPassword(entry: unknown): boolean {
  return isRecord(entry) && ['auth', 'password', 'identitytoken'].some((name) => typeof entry[name] === 'string')
}
