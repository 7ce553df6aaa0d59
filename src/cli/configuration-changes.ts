import type { Config } from '../config/config.ts'
import type { Template } from '../core/template.ts'

/** What became different when the configuration was read again; names only. */
export interface Changes {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
  /** Names of tokens that were added, removed or replaced; ours for Jenkins as JENKINS_TOKEN. */
  readonly tokens: readonly string[]
  /** That of our own listener. */
  readonly certificate: boolean
  /** Something changed that takes effect at the next start. */
  readonly later: boolean
}

/** @param started what the program was started with */
export function changesBetween(before: Config, after: Config, started: Config): Changes {
  const old = byName(before.templates)
  const now = byName(after.templates)
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, revision]) => (old.has(name) && old.get(name) !== revision ? [name] : [])),
    tokens: [...tokensBetween(before.http, after.http), ...jenkinsTokenBetween(before.jenkins, after.jenkins)],
    certificate: certificateOf(before.http) !== certificateOf(after.http),
    later: fixedOf(after) !== fixedOf(before) && fixedOf(after) !== fixedOf(started),
  }
}

export function isNothing({ added, removed, changed, tokens, certificate, later }: Changes): boolean {
  return added.length + removed.length + changed.length + tokens.length === 0 && !certificate && !later
}

/** For whoever asked that it be read again. */
export function changesInWords({ added, removed, changed, tokens, certificate, later }: Changes): string {
  const parts = [
    ...part('Added', 'template', added),
    ...part('Removed', 'template', removed),
    ...part('Changed', 'template', changed),
    ...part('Read again', 'token', tokens),
    ...(certificate ? ['Replaced: the certificate of HTTP_TLS_CERT_FILE.'] : []),
    ...(later ? [LATER] : []),
  ]
  return parts.length === 0 ? 'Everything was read again, and nothing is different.' : parts.join(' ')
}

const LATER = 'Something else is set otherwise than at the start: that takes effect at the next start.'

function part(what: string, kind: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  return [`${what}: ${kind}${names.length === 1 ? '' : 's'} ${names.join(', ')}.`]
}

function byName(templates: readonly Template[]): ReadonlyMap<string, string> {
  return new Map(templates.map((template) => [template.name, template.revision]))
}

function tokensBetween(before: Config['http'], after: Config['http']): readonly string[] {
  const asText = ({ tokens }: Config['http']): ReadonlyMap<string, string> =>
    new Map(tokens.map(({ name, scope, secret }) => [name, `${scope} ${secret.reveal()}`]))
  const old = asText(before)
  const now = asText(after)
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name))
}

function jenkinsTokenBetween(
  { token: before }: Config['jenkins'],
  { token: after }: Config['jenkins'],
): readonly string[] {
  return before?.reveal() === after?.reveal() ? [] : ['JENKINS_TOKEN']
}

/** A listener without TLS never gets it later, and the other way round. */
function certificateOf({ tls }: Config['http']): string | undefined {
  return tls === undefined ? undefined : `${tls.cert} ${tls.key.reveal()}`
}

/** All that is looked at once, when the program starts. */
function fixedOf({ templates: _templates, http: { tokens: _tokens, tls, ...http }, ...config }: Config): string {
  return JSON.stringify({ ...config, http, tls: tls !== undefined })
}
