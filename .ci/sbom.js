/**
 * Prints what the program is made of (CycloneDX, from npm). `npm sbom --omit=dev` alone would leave out the packages that
 * a development tool uses as well (npm 11: `yaml`, `ajv` and 16 more), so it is asked about a project without such tools.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { URL } from 'node:url'

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
const { devDependencies: _, ...manifest } = read('package.json')
const lock = read('package-lock.json')
delete lock.packages[''].devDependencies
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true),
)

const folder = mkdtempSync(join(tmpdir(), 'sbom-'))
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  const words = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application']
  const { status, stdout, stderr, error } = spawnSync('npm', words, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  if (error) throw error
  process.stdout.write(status === 0 ? stdout : '')
  process.stderr.write(stderr)
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
