import { inOneLine } from './report.ts'
import type { Variable } from './variables.ts'

const HEAD = `# Environment of jenkins-mesos-sidecar, made from the configuration of the Mesos plugin. Lines such as #NAME= and
# NAME=to-be-filled-in are for you to fill in. For a shell: set -a; . ./sidecar.env; set +a. Also for node --env-file
# and systemd. Docker and Marathon take the values without the quotes.
`

/** `sidecar.env`, for every reader of such files. */
export function envText(variables: readonly Variable[]): string {
  return HEAD + variables.map((each) => `\n# ${inOneLine(each.words)}\n${assignment(each)}\n`).join('')
}

function assignment({ name, value, isElseEmbedded }: Variable): string {
  const quoted = value === undefined ? undefined : quote(value)
  if (quoted !== undefined) return `${name}=${quoted}`
  return isElseEmbedded ? `${name}=to-be-filled-in` : `#${name}=`
}

/** `undefined` where no kind of quotes means the same to all readers. */
function quote(value: string): string | undefined {
  if (/\p{Cc}/u.test(value)) return undefined
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  return /["\\$`]/.test(value) ? undefined : `"${value}"`
}
