import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What an image says of itself, in the words of the Docker format. */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly WorkingDir: string
  readonly StopSignal: string
  readonly Volumes: Readonly<Record<string, object>>
  readonly ExposedPorts: Readonly<Record<string, object>>
  readonly Labels: Readonly<Record<string, string>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** A store of images of its own, in a folder, without any engine. */
export class ImageStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A base image from programs of this machine: no registry is asked. @returns its name */
  async makeBase(): Promise<string> {
    const root = join(this.#folder, 'base')
    mkdirSync(root, { recursive: true })
    await promisify(execFile)('test/real/image/base-root.sh', [root])
    const container = await this.#run('from', 'scratch')
    await this.#run('add', '--quiet', container, root, '/')
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    const authorities = 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'
    await this.#run('config', '--env', path, '--env', authorities, container)
    await this.#run('commit', '--quiet', '--rm', container, 'localhost/node')
    return 'localhost/node'
  }

  /** Builds docker/Dockerfile as it stands. The packages that npm has on this machine are not fetched again. */
  async build(base: string, args: Readonly<Record<string, string>>): Promise<string> {
    const cache = join(homedir(), '.npm')
    mkdirSync(cache, { recursive: true })
    const given = Object.entries({ NODE_IMAGE: base, ...args }).flatMap(([key, value]) => [
      '--build-arg',
      `${key}=${value}`,
    ])
    const where = ['--isolation', 'chroot', '--volume', `${cache}:/root/.npm`, '--file', 'docker/Dockerfile']
    await this.#run('build', '--format', 'docker', ...where, ...given, '--tag', 'localhost/sidecar', '.')
    return 'localhost/sidecar'
  }

  async configOf(image: string): Promise<ImageConfig> {
    const text = await this.#run('inspect', '--type', 'image', image)
    return (JSON.parse(text) as { readonly Docker: { readonly config: ImageConfig } }).Docker.config
  }

  /** @returns the folder with the tree of a new container */
  async mount(image: string): Promise<string> {
    return this.#run('mount', await this.#run('from', image))
  }

  async close(): Promise<void> {
    await this.#run('rm', '--all')
  }

  /** @throws Error with what buildah and the commands of the image said last, where it fails */
  async #run(...args: readonly string[]): Promise<string> {
    const places = ['--root', join(this.#folder, 'store'), '--runroot', join(this.#folder, 'run')]
    const { failure, said } = await new Promise<{ readonly failure: Error | null; readonly said: string }>(
      (resolve) => {
        const options = { maxBuffer: 64 * 1024 * 1024 }
        execFile('buildah', [...places, '--storage-driver', 'vfs', ...args], options, (failed, stdout) => {
          resolve({ failure: failed, said: stdout })
        })
      },
    )
    if (failure !== null) throw new Error(`${failure.message}\n${said.slice(-4_000)}`, { cause: failure })
    return said.trim()
  }
}
