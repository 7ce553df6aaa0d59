import type { Ensemble } from '../core/ensemble.ts'
import type { Config } from './config.ts'
import type { EnvReading } from './env.ts'
import type { Findings } from './findings.ts'
import type { SettingName } from './settings.ts'
import { isLoopbackUrl } from './urls.ts'

type Checked = Pick<Config, 'jenkins' | 'mesos' | 'zookeeperTls' | 'state'>

/** What holds between addresses, certificates and credentials. */
export function crossCheckSecurity(config: Checked, reading: EnvReading, findings: Findings): void {
  checkUnused(config, reading, findings)
  checkInClear(config, findings)
  checkState(config, findings)
}

/** What is given and would silently do nothing. */
function checkUnused({ jenkins, mesos, state }: Checked, { given, bad }: EnvReading, findings: Findings): void {
  const unused = (names: readonly SettingName[], why: string): void => {
    const found = names.filter((name) => given.has(name))
    if (found.length === 0) return
    findings.warn(`${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} not used: ${why}.`)
  }
  if (jenkins.kind === 'embedded') unused(tlsNames('JENKINS'), 'Jenkins is embedded')
  else if (jenkins.url !== undefined && jenkins.url.startsWith('http:')) {
    unused(tlsNames('JENKINS'), 'JENKINS_URL begins with http://, give its https:// address')
  }
  if (mesos.kind === 'embedded') {
    const names: readonly SettingName[] = [
      'MESOS_PRINCIPAL',
      'MESOS_SECRET',
      'DCOS_SERVICE_ACCOUNT_CREDENTIAL',
      'MESOS_TLS',
      ...tlsNames('MESOS'),
    ]
    unused(names, 'Mesos is embedded, set MESOS_MASTER to your masters')
  } else if (!bad.has('MESOS_MASTER') && !speaksTls(mesos)) {
    unused(tlsNames('MESOS'), 'masters and hosts are called with http, give https:// masters or MESOS_TLS=true')
  }
  if (mesos.kind !== 'zookeeper' && state.kind !== 'zookeeper' && !bad.has('MESOS_MASTER') && !bad.has('STATE_URL')) {
    unused(tlsNames('ZOOKEEPER'), 'neither MESOS_MASTER nor STATE_URL begins with zk://')
  }
}

function tlsNames(name: 'JENKINS' | 'MESOS' | 'ZOOKEEPER'): readonly SettingName[] {
  return [`${name}_CA_FILE`, `${name}_CLIENT_CERT_FILE`, `${name}_CLIENT_KEY_FILE`]
}

function speaksTls({ masters, scheme, credentials }: Config['mesos']): boolean {
  // The account's login is https as a rule, and trusts the same authorities.
  return scheme === 'https' || credentials.kind === 'dcos' || masters.some((master) => master.startsWith('https:'))
}

/** Secrets that anybody on the way could read. */
function checkInClear({ mesos, jenkins }: Checked, findings: Findings): void {
  const far = mesos.masters.filter((master) => master.startsWith('http:') && !isLoopbackUrl(master))
  const plain = mesos.kind === 'zookeeper' ? mesos.scheme === 'http' : far.length > 0
  if (plain && mesos.credentials.kind === 'basic') {
    findings.warn('MESOS_SECRET travels in clear: masters are called with http. Use https where your masters speak it.')
  } else if (plain && mesos.credentials.kind === 'dcos') {
    findings.warn(
      'The token of the DC/OS account travels in clear: use https:// masters, or MESOS_TLS=true with zk://.',
    )
  }
  if (jenkins.token !== undefined && jenkins.url?.startsWith('http:') && !isLoopbackUrl(jenkins.url)) {
    findings.warn(
      'JENKINS_TOKEN travels in clear: JENKINS_URL begins with http://. Use https:// where Jenkins speaks it.',
    )
  }
}

function checkState({ mesos, jenkins, state }: Checked, findings: Findings): void {
  if (state.kind !== 'zookeeper') return
  if (state.ensemble.path === '/') {
    findings.mistake('STATE_URL: the state needs a path of its own in ZooKeeper, such as zk://host:2181/sidecar.')
  }
  if (mesos.ensemble?.path === state.ensemble.path && shareServer(mesos.ensemble, state.ensemble)) {
    findings.mistake(
      'STATE_URL and MESOS_MASTER name the same path: it is for the masters, take another for the state.',
    )
  }
  const embedded = [
    ...(jenkins.kind === 'embedded' ? ['Jenkins'] : []),
    ...(mesos.kind === 'embedded' ? ['Mesos'] : []),
  ]
  if (embedded.length > 0) {
    findings.warn(
      `STATE_URL is in ZooKeeper although ${embedded.join(' and ')} ${embedded.length === 1 ? 'is' : 'are'} embedded: ` +
        'another instance cannot go on with agents of this machine. Use file: here.',
    )
  }
}

function shareServer(one: Ensemble, other: Ensemble): boolean {
  return one.servers.some(({ host, port }) => other.servers.some((each) => each.host === host && each.port === port))
}
