import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { readLock, readManifest } from './lock.ts'

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string }[]
  readonly licenses?: readonly unknown[]
}

interface Sbom {
  readonly bomFormat: string
  readonly specVersion: string
  readonly metadata: { readonly component: Component & { readonly 'bom-ref': string } }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string }[]
}

test('the list of what the program is made of is CycloneDX, and covers what is installed for it, no more', () => {
  const written = execFileSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' })
  const sbom = JSON.parse(written) as Sbom
  const { version, name } = readManifest()
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { 'bom-ref': `${name}@${version}`, version } },
  })
  expect(sbom.specVersion).toMatch(/^1\.\d$/)
  const listed = sbom.components.map((component) => component.purl.replace(/^pkg:npm\//, '').replace('%40', '@')).sort()
  const production = readLock().locked.filter(({ isProduction }) => isProduction)
  expect(listed).toEqual([...new Set(production.map((one) => `${one.name}@${one.version}`))].sort())
  expect(
    sbom.components.filter(({ hashes, licenses }) => hashes?.[0]?.alg !== 'SHA-512' || licenses === undefined),
  ).toEqual([])
  const known = new Set(sbom.dependencies.map(({ ref }) => ref))
  expect(listed.filter((ref) => !known.has(ref))).toEqual([])
}, 60_000)
