import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { usersOf } from '../support/farm-jenkins.ts'

const NEEDED: readonly string[] = [
  'Overall/Read',
  'Job/Read',
  'Agent/Create',
  'Agent/Connect',
  'Agent/Disconnect',
  'Agent/Delete',
]
const YAML = readFileSync('docker/jenkins/jenkins.yaml', 'utf8')
const SCRIPT = readFileSync('docker/jenkins/init.groovy.d/mesos-sidecar.groovy', 'utf8')
const GUIDE = readFileSync('docs/jenkins.md', 'utf8')
const INSTALL = readFileSync('docs/install.md', 'utf8')

interface Entry {
  readonly user: { readonly name: string; readonly permissions: readonly string[] }
}
interface Casc {
  readonly jenkins: {
    readonly numExecutors: number
    readonly mode: string
    readonly slaveAgentPort: string
    readonly securityRealm: {
      readonly local: {
        readonly allowsSignup: boolean
        readonly users: readonly { readonly id: string; readonly password: string }[]
      }
    }
    readonly authorizationStrategy: { readonly globalMatrix: { readonly entries: readonly Entry[] } }
  }
  readonly unclassified: { readonly location: { readonly url: string } }
}

function nameOf(id: string): string {
  return id
    .replace(/^hudson\.model\.Hudson\./, 'Overall/')
    .replace(/^hudson\.model\.Item\./, 'Job/')
    .replace(/^hudson\.model\.Computer\./, 'Agent/')
}

test('the configuration as code gives the sidecar the rights that it needs and no others', () => {
  const { jenkins, unclassified } = parse(YAML) as Casc
  const { local } = jenkins.securityRealm
  expect(jenkins.authorizationStrategy.globalMatrix.entries).toEqual([
    { user: { name: 'admin', permissions: ['Overall/Administer'] } },
    { user: { name: 'mesos-sidecar', permissions: NEEDED } },
  ])
  expect(local.allowsSignup).toBe(false)
  expect(local.users.map(({ id }) => id)).toEqual(['admin', 'mesos-sidecar'])
  expect(local.users.every(({ password }) => /^\$\{[A-Z_]+\}$/.test(password))).toBe(true)
  expect(jenkins).toMatchObject({ numExecutors: 0, mode: 'EXCLUSIVE' })
  expect(unclassified.location.url).toMatch(/^\$\{[A-Z_]+\}$/)
})

test('every variable of the configuration as code is explained in its head', () => {
  const used = new Set([...YAML.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name))
  const explained = [...YAML.matchAll(/^# {3}(JENKINS_[A-Z_]+) /gm)].map(([, name = '']) => name)
  expect(explained.sort()).toEqual([...used].sort())
})

test('its form for older matrices, put in place of the newer one, gives the same', () => {
  const uncommented = YAML.replace(/^ {6}entries:\n[^]*?(?= {6}# matrix-auth)/m, '').replaceAll(
    /^ {6}# (permissions:| {2}- )/gm,
    '      $1',
  )
  const { jenkins } = parse(uncommented) as {
    jenkins: { authorizationStrategy: { globalMatrix: { permissions: string[]; entries?: unknown } } }
  }
  expect(jenkins.authorizationStrategy.globalMatrix).toEqual({
    permissions: ['USER:Overall/Administer:admin', ...NEEDED.map((right) => `USER:${right}:mesos-sidecar`)],
  })
})

test('the init script, the guide and the installation name the same rights', () => {
  const list = /RIGHTS = \[([^\]]*)\]/.exec(SCRIPT)?.[1] ?? ''
  expect([...list.matchAll(/'([\w.]+)'/g)].map(([, id = '']) => nameOf(id))).toEqual(NEEDED)
  const table = /^## Rights$[^]*?(?=^## )/m.exec(GUIDE)?.[0] ?? ''
  const rows = [...table.matchAll(/^\| ((?:Overall|Job|Agent)\/\w+) /gm)].map(([, right]) => right)
  expect(rows).toEqual([...NEEDED, 'Job/Build'])
  expect(NEEDED.filter((right) => !INSTALL.includes(right))).toEqual([])
})

test('the scenarios of the whole program run with these rights', () => {
  const { permissions = [] } = usersOf([]).find(({ name }) => name === 'sidecar') ?? {}
  expect([...permissions].sort()).toEqual([...NEEDED].sort())
})

test('each plugin of the list is one that the configuration needs', () => {
  const plugins = readFileSync('docker/jenkins/plugins.txt', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':')[0])
  expect(plugins).toEqual(['configuration-as-code', 'instance-identity', 'matrix-auth'])
})
