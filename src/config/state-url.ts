import type { TlsFiles } from '../core/tls.ts'
import type { StateConfig } from './config.ts'
import { isZooKeeper, readEnsemble } from './ensembles.ts'
import { type ReadFile, readEnv, type Variables } from './env.ts'
import { Findings } from './findings.ts'
import { readTls } from './tls-files.ts'

/** Where the state is, or `undefined` after a mistake. @param name of the setting or option, for messages */
export function readStateUrl(name: string, url: string, findings: Findings): StateConfig | undefined {
  if (isZooKeeper(url)) {
    const ensemble = readEnsemble(name, url, findings)
    return ensemble === undefined ? undefined : { kind: 'zookeeper', ensemble }
  }
  const folder = /^file:(?:\/\/(?=\/))?(.+)$/s.exec(url)?.[1]
  if (folder !== undefined && !folder.startsWith('//') && !folder.includes('\0')) return { kind: 'file', folder }
  findings.mistake(
    `${name} must be file: and a folder, such as file:.state or file:/var/lib/sidecar, or zk://host:2181/sidecar.`,
  )
  return undefined
}

export type MigrationReading =
  | {
      readonly ok: true
      readonly from: StateConfig
      readonly to: StateConfig
      readonly zookeeperTls: TlsFiles | undefined
    }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** What a migration needs: two addresses, and how ZooKeeper is reached. Other settings do not matter to it. */
export function readMigration(from: string, to: string, variables: Variables, readFile: ReadFile): MigrationReading {
  const findings = new Findings()
  const own = Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('ZOOKEEPER_')))
  const reading = readEnv(own, readFile, findings)
  const zookeeperTls = readTls('ZOOKEEPER', { reading, readFile, now: undefined, findings })
  const source = readStateUrl('--from', from, findings)
  const target = readStateUrl('--to', to, findings)
  if (source === undefined || target === undefined || findings.mistakes.length > 0) {
    return { ok: false, mistakes: findings.mistakes }
  }
  return { ok: true, from: source, to: target, zookeeperTls }
}
