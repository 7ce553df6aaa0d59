import type { Ensemble } from '../core/ensemble.ts'
import { Secret } from '../core/secret.ts'
import type { Findings } from './findings.ts'

const DEFAULT_PORT = 2181

export function isZooKeeper(text: string): boolean {
  return /^zk:/i.test(text)
}

/**
 * Reads `zk://[user:password@]host[:port][,host[:port]…]/path` or names every mistake. No message holds a piece of the
 * text: with one sign in the wrong place a piece of the password stands where a host is expected.
 */
export function readEnsemble(name: string, text: string, findings: Findings): Ensemble | undefined {
  const rest = /^zk:\/\/(.+)$/is.exec(text)?.[1]
  if (rest === undefined) {
    findings.mistake(`${name} must be zk:// and servers with a path, as in zk://a:2181,b:2181/path.`)
    return undefined
  }
  const wrong: string[] = []
  // A password may hold any sign, also @ and /; hosts and paths hold no @.
  const at = rest.lastIndexOf('@')
  const address = rest.slice(at + 1)
  const slash = address.indexOf('/')
  const auth = at === -1 ? undefined : readAuth(rest.slice(0, at), wrong)
  const servers = readServers(slash === -1 ? address : address.slice(0, slash), wrong)
  const path = readPath(slash === -1 ? '' : address.slice(slash), wrong)
  if (wrong.length === 0) return { servers, path, auth }
  for (const sentence of wrong) findings.mistake(`${name}: ${sentence}.`)
  return undefined
}

function readAuth(text: string, wrong: string[]): Secret | undefined {
  if (/^[^:]+:.+$/s.test(text) && !/[\p{Cc}]/u.test(text)) return new Secret(text)
  wrong.push('what stands before @ must be user:password, as zk://user:password@host:2181/path')
  return undefined
}

function readServers(text: string, wrong: string[]): Ensemble['servers'] {
  const servers = new Map<string, Ensemble['servers'][number]>()
  for (const [index, part] of text.split(',').entries()) {
    const server = readServer(part.trim())
    if (server === undefined) wrong.push(`server number ${index + 1} is not host:port, as in zk://a:2181,b:2181/path`)
    else servers.set(`${server.host} ${server.port}`, server)
  }
  return [...servers.values()]
}

function readServer(text: string): Ensemble['servers'][number] | undefined {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = ipv6 ?? name
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

/** ZooKeeper's own rules, without a slash at the end. */
function readPath(text: string, wrong: string[]): string {
  const path = text === '/' ? text : text.replace(/\/$/, '')
  const parts = path.split('/').slice(1)
  if (path === '') wrong.push('the path at the end is missing, as in zk://a:2181,b:2181/path')
  else if (path.includes(',')) wrong.push('the path stands once, behind the last server, as in zk://a:2181,b:2181/path')
  else if (path !== '/' && (parts.some((part) => /^\.{0,2}$/.test(part)) || /[\s\p{Cc}]/u.test(path))) {
    wrong.push('the path must be names with one / before each, without spaces')
  } else if (parts[0] === 'zookeeper')
    wrong.push('the path must not be below /zookeeper, which is for ZooKeeper itself')
  return path
}
