import { inOneLine } from './report.ts'
import type { Variable } from './variables.ts'

const HEAD = `# Environment of jenkins-mesos-sidecar, made from the configuration of the Mesos plugin. Lines such as #NAME= are to be
# filled in. For a shell: set -a; . ./sidecar.env; set +a. Also for node --env-file and systemd. Docker and Marathon
# take the value without the quotes.
`

/** `sidecar.env`, for every reader of such files. */
export function envText(variables: readonly Variable[]): string {
  return (
    HEAD + variables.map(({ name, value, words }) => `\n# ${inOneLine(words)}\n${assignment(name, value)}\n`).join('')
  )
}

function assignment(name: string, value: string | undefined): string {
  const quoted = value === undefined ? undefined : quote(value)
  return quoted === undefined ? `#${name}=` : `${name}=${quoted}`
}

/** `undefined` where no kind of quotes means the same to all readers. */
function quote(value: string): string | undefined {
  if (/\p{Cc}/u.test(value)) return undefined
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  return /["\\$`]/.test(value) ? undefined : `"${value}"`
}
