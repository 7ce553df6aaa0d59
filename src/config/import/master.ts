import { readEnsemble } from '../ensembles.ts'
import { Findings } from '../findings.ts'
import { readMasters } from '../urls.ts'

const PORT = 5050

/**
 * The plugin's master as MESOS_MASTER takes it: `zk://…` as it is, `host:port` with `http://` before it, and `local`,
 * a Mesos inside of the plugin's process, as `embedded`. `undefined`: it is none of them.
 */
export function readMaster(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text) || text.includes('${')) return undefined
  if (text === 'local') return 'embedded'
  if (/^zk:/i.test(text)) return readEnsemble('', text, new Findings()) === undefined ? undefined : text
  const [scheme = 'http://'] = /^https?:\/\//i.exec(text) ?? []
  const hosts = text.slice(/^https?:\/\//i.test(text) ? scheme.length : 0).replace(/\/$/, '')
  if (scheme === 'http://' && hosts === text) {
    const withPorts = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${PORT}`))
    return readMasters('', `http://${withPorts.join(',')}`, new Findings())?.join(',')
  }
  return readMasters('', text, new Findings()) === undefined ? undefined : text
}
