import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readLock, readManifest } from './lock.ts'

const manifest = readManifest()
const { root, locked } = readLock()

test('package.json names one version of each package, and the lock has the same', () => {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
  expect(Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  expect({ ...root.dependencies, ...root.devDependencies }).toEqual(wanted)
  expect([root.name, root.version, root.engines]).toEqual([manifest.name, manifest.version, manifest.engines])
  const installed = new Map(locked.map(({ path, version }) => [path, version]))
  expect(Object.entries(wanted).filter(([name, version]) => installed.get(`node_modules/${name}`) !== version)).toEqual(
    [],
  )
})

test('every locked package has a checksum, on every platform, and none names a registry', () => {
  expect(locked.filter(({ integrity = '' }) => !integrity.startsWith('sha512-')).map(({ path }) => path)).toEqual([])
  expect(locked.filter(({ resolved }) => resolved !== undefined).map(({ path }) => path)).toEqual([])
})

test('no package of the program runs a script when it is installed; those of the tools are known', () => {
  const scripted = locked.filter(({ hasInstallScript }) => hasInstallScript)
  expect(scripted.filter(({ isProduction }) => isProduction).map(({ name }) => name)).toEqual([])
  // All three come with a package for the platform, and run without their scripts.
  expect(scripted.map(({ name }) => name).sort()).toEqual(['@parcel/watcher', '@swc/core', 'esbuild'])
})

/** Each was read. The two at the end are of data and of a tool, and are not part of the program. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'Zlib']
const ALLOWED_FOR_TOOLS = [...ALLOWED, 'CC-BY-4.0', 'MPL-2.0']

test('every package has a licence that is allowed', () => {
  const refused = locked.filter(({ license, isProduction }) => {
    const allowed = isProduction ? ALLOWED : ALLOWED_FOR_TOOLS
    return !permits(license ?? '', allowed)
  })
  expect(refused.map(({ name, version, license }) => `${name}@${version}: ${license ?? 'no licence'}`)).toEqual([])
})

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['(MIT AND GPL-3.0-only)', false],
  ['GPL-3.0-only', false],
  ['', false],
])('the licence %j is allowed: %s', (license, expected) => {
  expect(permits(license, ALLOWED)).toBe(expected)
})

/** Of several to choose from one is enough; of several that all hold each must be allowed. */
function permits(license: string, allowed: readonly string[]): boolean {
  const words = license.replace(/^\((.*)\)$/, '$1')
  if (words.includes(' OR ')) return words.split(' OR ').some((one) => allowed.includes(one))
  return words.split(' AND ').every((one) => allowed.includes(one))
}

test('the guard of an old Node, the engines and the settings of npm say the same', () => {
  const [, major, minor] = /MAJOR = (\d+)[\s\S]*MINOR = (\d+)/.exec(readFileSync('src/main.ts', 'utf8')) ?? []
  expect(manifest.engines).toEqual({ node: `>=${major ?? ''}.${minor ?? ''}` })
  expect(readFileSync('.npmrc', 'utf8')).toContain('engine-strict=true')
})

test('Renovate pins, waits, and moves neither Node nor what only tests use one by one', () => {
  const renovate = JSON.parse(readFileSync('.github/renovate.json', 'utf8')) as {
    extends: readonly string[]
    minimumReleaseAge: string
    lockFileMaintenance: { enabled: boolean }
    packageRules: readonly { description: string; matchPackageNames?: readonly string[]; enabled?: boolean }[]
  }
  expect(renovate.extends).toContain('docker:pinDigests')
  expect(renovate.minimumReleaseAge).toMatch(/^\d+ days$/)
  expect(renovate.lockFileMaintenance.enabled).toBe(true)
  expect(renovate.packageRules.find(({ matchPackageNames }) => matchPackageNames?.[0] === 'node')?.enabled).toBe(false)
})
