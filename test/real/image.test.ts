import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { request } from 'undici'
import { freePort } from '../cli/command.ts'
import { describeWith } from '../support/need.ts'
import { Child, until } from './controller/process.ts'
import { type ImageConfig, ImageStore } from './image/image.ts'

/** Two times npm ci, and the compiler, on a busy machine. */
const BUILD_MS = 900_000
const WITHIN_MS = 120_000
jest.setTimeout(BUILD_MS)

const UID = 10_001

describeWith(
  process.getuid?.() === 0 ? ['buildah', 'unshare'] : ['root (as the user)'],
  'the image of the sidecar',
  () => {
    let folder: string
    let store: ImageStore
    let config: ImageConfig
    let root: string
    let sidecar: Child | undefined

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sidecar-image-'))
      store = new ImageStore(folder)
      const image = await store.build(await store.makeBase(), { VERSION: '1.2.3', REVISION: 'abc' })
      config = await store.configOf(image)
      root = await store.mount(image)
    }, BUILD_MS)

    afterAll(async () => {
      await sidecar?.stop(15_000)
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    })

    test('says who runs it, where, and what it is', () => {
      expect(config).toMatchObject({
        User: `${UID}:${UID}`,
        WorkingDir: '/opt/jenkins-mesos-sidecar',
        StopSignal: 'SIGTERM',
        ExposedPorts: { '8090/tcp': {}, '8091/tcp': {} },
        Volumes: { '/var/lib/jenkins-mesos-sidecar': {} },
      })
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.version': '1.2.3',
        'org.opencontainers.image.revision': 'abc',
      })
    })

    test('lists in its SBOM all that is installed in it, and nothing else', () => {
      const lock = JSON.parse(
        readFileSync(join(root, config.WorkingDir, 'node_modules/.package-lock.json'), 'utf8'),
      ) as {
        readonly packages: Readonly<Record<string, { readonly version: string }>>
      }
      const sbom = JSON.parse(readFileSync(join(root, config.WorkingDir, 'sbom.cdx.json'), 'utf8')) as {
        readonly bomFormat: string
        readonly components: readonly { readonly name: string; readonly version: string }[]
      }
      expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'jenkins-mesos-sidecar' } } })
      const installed = Object.entries(lock.packages).map(
        ([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`,
      )
      const listed = sbom.components.map(({ name, version }) => `${name}@${version}`)
      expect(listed.length).toBeGreaterThan(50)
      expect([...new Set(listed)].toSorted()).toEqual([...new Set(installed)].toSorted())
    })

    /** As an engine would: what the image says, over it what is given. */
    const environment = (given: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
      ...Object.fromEntries(config.Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string])),
      ...given,
    })

    test('runs the demo as its own user, as process 1, in a tree that cannot be written', async () => {
      const state = join(folder, 'state')
      mkdirSync(state, { mode: 0o700 })
      chownSync(state, UID, UID)
      const port = await freePort()
      const env = environment({ HTTP_PORT: String(port), AGENT_HTTP_PORT: '0', HTTP_HOST: '127.0.0.1' })
      sidecar = await Child.start({
        command: 'test/real/image/confined.sh',
        args: [root, state, config.User, config.WorkingDir, ...config.Entrypoint],
        cwd: process.cwd(),
        env,
        logFile: join(folder, 'sidecar.log'),
        pidFile: join(folder, 'sidecar.pid'),
      })
      const { pid } = sidecar
      const url = `http://127.0.0.1:${port}`
      await until('a build of the demo to run in the container', WITHIN_MS, async () => {
        if (sidecar?.running !== true) throw new Error(`it ended: ${sidecar?.log().slice(-2000)}`)
        const answer = await request(`${url}/api/v1/summary`).catch(() => undefined)
        const text = await answer?.body.text()
        return text !== undefined && /"busy":[1-9]/.test(text) ? true : undefined
      })

      const inside = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
      expect(readFileSync(`/proc/${inside}/status`, 'utf8')).toMatch(
        new RegExp(`^Uid:\\t${UID}\\t${UID}[^]*^NSpid:.*\\t1$`, 'm'),
      )

      const enter = async (...command: readonly string[]) => {
        const at = ['-t', String(inside), '-m', '-p', '-r', '-w', '-S', String(UID), '-G', String(UID)]
        return promisify(execFile)('nsenter', [...at, '--', ...command], { env })
      }
      // The health check of the image, word for word.
      const [kind, ...check] = config.Healthcheck.Test
      expect(kind).toBe('CMD')
      expect((await enter(...check)).stdout).toContain('answers 200')
      await expect(enter('/usr/bin/touch', 'dist/src/main.js')).rejects.toThrow(
        /Read-only file system|Permission denied/,
      )
      await expect(enter('/usr/bin/touch', '/tmp/anything')).rejects.toThrow('Read-only file system')

      // What `docker stop` sends. Process 1 gets no signal that it does not handle.
      process.kill(inside, 'SIGTERM')
      expect(await sidecar.exited).toEqual({ code: 0, signal: null })
      expect(sidecar.log()).toContain('"msg":"stopped"')
    })
  },
)
