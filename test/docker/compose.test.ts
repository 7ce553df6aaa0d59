import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { allOf, readDockerfile } from './dockerfile.ts'

interface Service {
  readonly image?: string
  readonly build?: {
    readonly context: string
    readonly dockerfile?: string
    readonly args?: Readonly<Record<string, string>>
  }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[]
  readonly healthcheck?: object
  readonly [other: string]: unknown
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: Readonly<Record<string, object>>
}

const readYaml = (file: string): unknown => parse(readFileSync(join('docker', file), 'utf8'))
const stack = readYaml('compose.yaml') as Compose
const over = readYaml('compose.embedded.yaml') as Pick<Compose, 'services'>
const services = Object.entries(stack.services)

let folder: string
/** What make-secrets wrote. */
let secrets: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-'))
  copyFileSync('docker/make-secrets', join(folder, 'make-secrets'))
  execFileSync(join(folder, 'make-secrets'))
  secrets = join(folder, 'secrets')
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Where a service finds its secrets. */
function secretPaths({ secrets: named = [] }: Service): ReadonlyMap<string, string> {
  return new Map(
    named.map((secret) => {
      const { source, target } = typeof secret === 'string' ? { source: secret, target: secret } : secret
      return [target.startsWith('/') ? target : `/run/secrets/${target}`, source]
    }),
  )
}

function sidecarConfig(environment: Readonly<Record<string, string>>) {
  const paths = secretPaths(stack.services['sidecar'] ?? {})
  return readConfig(environment, (path) => {
    const source = paths.get(path)
    if (source === undefined) throw new Error(`${path} is not mounted`)
    return readFileSync(join(secrets, source), 'utf8')
  })
}

describe('the secrets', () => {
  test('are all made, once, and only their owner can go where they lie', () => {
    const read = () => readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name), 'utf8')])
    const before = read()
    execFileSync(join(folder, 'make-secrets'))
    expect(read()).toEqual(before)
    expect(statSync(secrets).mode & 0o777).toBe(0o700)
    for (const { file } of Object.values(stack.secrets)) {
      expect(normalize(file)).toBe(`secrets/${basename(file)}`)
      // Containers read them as users of their own.
      expect(statSync(join(secrets, basename(file))).mode & 0o777).toBe(0o644)
    }
  })

  test('are never in the history', () => {
    expect(readFileSync('.gitignore', 'utf8')).toContain('docker/secrets/')
  })
})

describe.each(services)('service %s', (name, service) => {
  test('mounts files that there are, and volumes and secrets that are declared', () => {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      const found = source.startsWith('.') ? existsSync(join('docker', source)) : Object.hasOwn(stack.volumes, source)
      expect([volume, found]).toEqual([volume, true])
    }
    for (const source of secretPaths(service).values()) expect(Object.keys(stack.secrets)).toContain(source)
  })

  test('listens on this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
  })

  test('has an image of a fixed version, or is built from a file that takes its arguments', () => {
    const { build, image = '' } = service
    if (build === undefined) {
      expect(image).toMatch(/^\$\{\w+_IMAGE:-docker\.io\/[\w/.-]+:[\w.-]*\d[\w.-]*\}$/)
      return
    }
    const known = allOf(readDockerfile(join('docker', build.context, build.dockerfile ?? 'Dockerfile')), 'ARG')
    for (const arg of Object.keys(build.args ?? {})) {
      expect(known.some((words) => words.startsWith(`${arg}=`))).toBe(true)
    }
  })

  test('says when it is well', () => {
    // The image of the sidecar brings its own.
    expect(name === 'sidecar' || service.healthcheck !== undefined).toBe(true)
  })

  test('calls only services that there are', () => {
    for (const value of Object.values(service.environment ?? {})) {
      const [, host] = /^(?:http|zk):\/\/([\w-]+)/.exec(value) ?? []
      if (host !== undefined) expect(Object.keys(stack.services)).toContain(host)
    }
  })
})

describe('the sidecar', () => {
  const { environment = {} } = stack.services['sidecar'] ?? {}

  test('has settings that there are, and a configuration without a mistake', () => {
    const known = SETTINGS.map(({ name }) => name)
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([])
    const reading = sidecarConfig({ HTTP_HOST: '0.0.0.0', ...environment })
    expect(reading).toMatchObject({ ok: true, config: { mesos: { kind: 'zookeeper' }, stay: true } })
  })

  test('with its embedded Mesos takes the address of nobody for its own', () => {
    const embedded = { HTTP_HOST: '0.0.0.0', ...environment, ...over.services['sidecar']?.environment }
    const reading = sidecarConfig(embedded)
    expect(reading).toMatchObject({
      ok: true,
      config: { mesos: { kind: 'embedded', user: undefined }, agentHttp: { host: '127.0.0.1', sidecarUrl: undefined } },
    })
  })

  test('writes its state alone, in a tree that is read-only', () => {
    const service = stack.services['sidecar']
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    const [folder] = allOf(readDockerfile('docker/Dockerfile'), 'VOLUME').flatMap(
      (text) => JSON.parse(text) as string[],
    )
    expect(service?.volumes).toEqual([`sidecar-state:${folder}`])
  })

  test('is scraped under its name and port, with its token for metrics', () => {
    const scrape = parse(readFileSync('docker/monitoring/prometheus.yml', 'utf8')) as {
      readonly rule_files: readonly string[]
      readonly scrape_configs: readonly {
        readonly authorization: { readonly credentials_file: string }
        readonly static_configs: readonly { readonly targets: readonly string[] }[]
      }[]
    }
    const reading = sidecarConfig({ HTTP_HOST: '0.0.0.0', ...environment })
    if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
    const [job] = scrape.scrape_configs
    expect(job?.static_configs).toEqual([{ targets: [`sidecar:${reading.config.http.port}`] }])
    const prometheus = stack.services['prometheus'] ?? {}
    const source = secretPaths(prometheus).get(job?.authorization.credentials_file ?? '') ?? ''
    const token = readFileSync(join(secrets, source), 'utf8')
    const { tokens } = reading.config.http
    expect(tokens.find((entry) => entry.secret.reveal() === token)).toMatchObject({ scope: 'metrics' })
    expect(prometheus.volumes).toContain('./monitoring:/etc/prometheus/rules:ro')
    expect(scrape.rule_files).toEqual(['/etc/prometheus/rules/*.rules.yml'])
  })
})

test('Grafana finds the dashboard and Prometheus where it is told to look', () => {
  const volumes = stack.services['grafana']?.volumes ?? []
  const mounted = (path: string) =>
    volumes.map((volume) => volume.split(':')).find(([, target]) => target === path)?.[0] ?? ''
  const provisioning = join('docker', mounted('/etc/grafana/provisioning'))
  const provider = parse(readFileSync(join(provisioning, 'dashboards/jenkins-mesos-sidecar.yml'), 'utf8')) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[]
  }
  for (const { options } of provider.providers) {
    expect(readdirSync(join('docker', mounted(options.path)))).toContain('jenkins-mesos-sidecar.json')
  }
  const source = parse(readFileSync(join(provisioning, 'datasources/prometheus.yml'), 'utf8')) as {
    readonly datasources: readonly { readonly url: string }[]
  }
  for (const { url } of source.datasources) {
    const { hostname, port } = new URL(url)
    expect([hostname, stack.services[hostname]?.ports]).toEqual(['prometheus', [`127.0.0.1:${port}:${port}`]])
  }
})

test('what goes over the stack changes services that there are', () => {
  for (const name of Object.keys(over.services)) expect(Object.keys(stack.services)).toContain(name)
})
