import { readFileSync } from 'node:fs'

export interface Locked {
  /** `node_modules/…`, as deep as it is installed. */
  readonly path: string
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  readonly integrity: string | undefined
  readonly resolved: string | undefined
  readonly hasInstallScript: boolean
  /** It is there when only the program is installed, without what tests and builds it. */
  readonly isProduction: boolean
}

interface Entry {
  readonly name?: string
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly devOptional?: boolean
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
}

/** What package-lock.json says of the project itself, and of each package. */
export function readLock(): { readonly root: Manifest; readonly locked: readonly Locked[] } {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> }
  const locked = Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      path,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version,
      license: entry.license,
      integrity: entry.integrity,
      resolved: entry.resolved,
      hasInstallScript: entry.hasInstallScript === true,
      isProduction: entry.dev !== true && entry.devOptional !== true,
    }))
  return { root: packages[''] as unknown as Manifest, locked }
}
