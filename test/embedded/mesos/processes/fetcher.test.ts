import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from '@jest/globals'
import { messageOf } from '../../../../src/core/code-of.ts'
import { download, stallTimeoutMs } from '../../../../src/embedded/mesos/processes/download.ts'
import { nameOf } from '../../../../src/embedded/mesos/processes/fetcher.ts'
import type { WireUri } from '../../../../src/mesos/protocol.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'
import { Cleanup, everyPid, launch, makeBench, makeFolder, makeTask, procFile, sandboxOf } from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

async function fetching(uris: readonly WireUri[], value = 'true') {
  const bench = makeBench(cleanup)
  const task = makeTask({ value, uris })
  const heard = launch(bench, task)
  const end = await heard.over
  const sandbox = sandboxOf(bench.workDir, task)
  return { bench, task, heard, end, sandbox, stderr: readFileSync(join(sandbox, 'stderr'), 'utf8') }
}

const notFetched = {
  kind: 'launchFailed',
  message: expect.stringMatching(
    /^Failed to launch container: Failed to fetch all URIs for container 'container-\d+': exited with status 1$/,
  ),
}

describe('over HTTP', () => {
  test('each URI is asked for once, in order, and is there before the command starts', async () => {
    const asked: string[] = []
    const url = await serve((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
      response.end(`of ${request.url ?? ''}`)
    })
    const { end, sandbox } = await fetching(
      [
        { value: `${url}/first` },
        { value: `${url}/second?x=1`, output_file: 'deep/second' },
        { value: `${url}/tool`, executable: true },
      ],
      'cat first deep/second',
    )
    expect(end).toEqual({ kind: 'exited', status: 0 })
    expect(asked).toEqual(['GET /first', 'GET /second?x=1', 'GET /tool'])
    expect(readFileSync(join(sandbox, 'stdout'), 'utf8')).toBe('of /firstof /second?x=1')
    expect(statSync(join(sandbox, 'first')).mode & 0o777).toBe(0o644)
    expect(statSync(join(sandbox, 'tool')).mode & 0o777).toBe(0o755)
  })

  test.each([404, 410, 500, 204])('status %d is a failure, told in the sandbox', async (status) => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked++
      response.writeHead(status).end()
    })
    const { end, heard, stderr } = await fetching([{ value: `${url}/x` }, { value: `${url}/never` }])
    expect(end).toEqual(notFetched)
    expect(heard.events).toHaveLength(1)
    expect(asked).toBe(1)
    expect(stderr).toContain(`Failed to fetch '${url}/x': unexpected HTTP status ${status}`)
  })

  test('a URL that works once serves one launch and fails the next', async () => {
    let used = false
    const url = await serve((_request, response) => {
      response.writeHead(used ? 410 : 200).end('secret')
      used = true
    })
    const uris = [{ value: `${url}/token-4711`, output_file: '.secret' }]
    const bench = makeBench(cleanup)
    const task = makeTask({ value: 'cat .secret; sleep 0.2', uris })
    const heard = launch(bench, task)
    await heard.started
    expect(everyPid().filter((pid) => procFile(pid, 'cmdline').includes('token-4711'))).toEqual([])
    expect(await heard.over).toEqual({ kind: 'exited', status: 0 })
    expect(readFileSync(join(sandboxOf(bench.workDir, task), 'stdout'), 'utf8')).toBe('secret')
    const second = await fetching(uris)
    expect(second.end).toEqual(notFetched)
    expect([...bench.problems, ...second.bench.problems]).toEqual([])
  })

  test('a refused connection is a failure', async () => {
    const { end, stderr } = await fetching([{ value: 'http://127.0.0.1:1/x' }])
    expect(end).toEqual(notFetched)
    expect(stderr).toContain('ECONNREFUSED')
  })

  test('a body that breaks off is a failure', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    expect((await fetching([{ value: `${url}/x` }])).end).toEqual(notFetched)
  })

  test('a redirect is followed, one after another is not', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/end') response.end('there')
      else response.writeHead(302, { location: request.url === '/once' ? '/end' : '/again' }).end()
    })
    const { end, sandbox } = await fetching([{ value: `${url}/once` }])
    expect(end).toEqual({ kind: 'exited', status: 0 })
    expect(readFileSync(join(sandbox, 'once'), 'utf8')).toBe('there')
    expect((await fetching([{ value: `${url}/again` }])).stderr).toContain('redirected more than 5 times')
  })

  test('a file of 64 MiB comes whole', async () => {
    const body = randomFillSync(Buffer.alloc(64 * 1024 * 1024))
    const url = await serve((_request, response) => {
      response.end(body)
    })
    const { sandbox } = await fetching([{ value: `${url}/agent.jar` }])
    const got = readFileSync(join(sandbox, 'agent.jar'))
    const hash = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex')
    expect(hash(got)).toBe(hash(body))
  })

  test('a transfer on which nothing comes is given up after a minute', async () => {
    const clock = new VirtualClock()
    let asked: () => void
    const arrived = new Promise<void>((resolve) => {
      asked = resolve
    })
    const url = await serve((_request, response) => {
      response.writeHead(200).write('a little')
      asked()
    })
    const file = await open(join(makeFolder(cleanup), 'x'), 'w')
    cleanup.add(() => file.close())
    const failed = download(new URL(url), file, clock, new AbortController().signal).then(
      () => 'it ended well',
      (error: unknown) => messageOf(error),
    )
    await arrived
    await clock.advance(2 * stallTimeoutMs)
    expect(await failed).toBe('nothing came for 60 s')
    expect(clock.pending).toBe(0)
  })

  test('a kill meanwhile ends it', async () => {
    const bench = makeBench(cleanup)
    let asked: () => void
    const arrived = new Promise<void>((resolve) => {
      asked = resolve
    })
    const url = await serve(() => {
      asked()
    })
    const task = makeTask({ value: 'true', uris: [{ value: `${url}/x` }] })
    const heard = launch(bench, task)
    await arrived
    bench.runner.kill(task.frameworkId, task.info.task_id.value, 0)
    expect(await heard.over).toEqual({
      kind: 'launchFailed',
      message: 'Failed to launch container: Container destroyed during fetching',
    })
  })
})

describe('archives', () => {
  function sources(): string {
    const folder = makeFolder(cleanup)
    mkdirSync(join(folder, 'inside'))
    writeFileSync(join(folder, 'inside/p.txt'), 'packed')
    return folder
  }

  test.each([
    ['a.tar', ['tar', '-cf', 'a.tar', 'inside']],
    ['a.tgz', ['tar', '-czf', 'a.tgz', 'inside']],
    ['a.zip', ['zip', '-qr', 'a.zip', 'inside']],
  ])('%s is unpacked beside itself', async (name, [program = '', ...argv]) => {
    const folder = sources()
    execFileSync(program, argv, { cwd: folder })
    const { end, sandbox } = await fetching([{ value: `file://${join(folder, name)}` }])
    expect(end).toEqual({ kind: 'exited', status: 0 })
    expect(readFileSync(join(sandbox, 'inside/p.txt'), 'utf8')).toBe('packed')
    expect(existsSync(join(sandbox, name))).toBe(true)
  })

  test('a .gz is unpacked under its name without it', async () => {
    const folder = makeFolder(cleanup)
    writeFileSync(join(folder, 'x.txt.gz'), gzipSync('packed'))
    const { sandbox } = await fetching([{ value: join(folder, 'x.txt.gz') }])
    expect(readFileSync(join(sandbox, 'x.txt'), 'utf8')).toBe('packed')
  })

  test.each([{ extract: false }, { executable: true }])('%j leaves it packed', async (flags) => {
    const folder = sources()
    execFileSync('tar', ['-cf', 'a.tar', 'inside'], { cwd: folder })
    const { sandbox } = await fetching([{ value: join(folder, 'a.tar'), ...flags }])
    expect(existsSync(join(sandbox, 'inside'))).toBe(false)
  })

  test("one that is broken is a failure, with the program's own words", async () => {
    const folder = makeFolder(cleanup)
    writeFileSync(join(folder, 'a.tar.gz'), 'no archive')
    const { end, stderr } = await fetching([{ value: join(folder, 'a.tar.gz') }])
    expect(end).toEqual(notFetched)
    expect(stderr).toMatch(/tar: .*\n[\s\S]*Failed to fetch .*: tar ended with 2/)
  })

  test('links of an archive lead no later file out of the sandbox', async () => {
    const folder = makeFolder(cleanup)
    const outside = makeFolder(cleanup)
    symlinkSync(outside, join(folder, 'way'))
    execFileSync('tar', ['-cf', 'a.tar', 'way'], { cwd: folder })
    writeFileSync(join(folder, 'x'), 'x')
    const uris = [{ value: join(folder, 'a.tar') }, { value: join(folder, 'x'), output_file: 'way/x' }]
    const { end, stderr } = await fetching(uris)
    expect(end).toEqual(notFetched)
    expect(stderr).toContain('is in the way: not a folder')
    expect(existsSync(join(outside, 'x'))).toBe(false)
  })
})

describe('what cannot be fetched', () => {
  test.each([
    [{ value: 'ftp://host/x' }, 'only http, https and file URIs'],
    [{ value: 'relative/x' }, 'only http, https and file URIs'],
    [{ value: '/no/such/file' }, 'cp ended with 1'],
    [{ value: 'http://host' }, 'it does not name a file'],
    [{ value: '/etc/hostname', output_file: '../x' }, "'../x' is not a path inside of the sandbox"],
    [{ value: '/etc/hostname', output_file: '/tmp/x' }, "'/tmp/x' is not a path inside of the sandbox"],
  ])('%j says why', async (uri, why) => {
    const { end, stderr } = await fetching([uri])
    expect(end).toEqual(notFetched)
    expect(stderr).toContain(why)
  })

  test.each([
    ['http://host/a/b.jar', 'b.jar'],
    ['http://host/a?x=/y', 'y'],
    ['http://host/a?x=1', 'a?x=1'],
    ['/a/b', 'b'],
    ['file:///a/b', 'b'],
  ])('%s would be called %s', (uri, name) => {
    expect(nameOf(uri)).toBe(name)
  })
})
