import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import ts from 'typescript'
import { asScript } from '../../../src/embedded/jenkins/agent-program.ts'
import { readCommandLine } from '../../../src/embedded/jenkins/demo-agent.ts'
import { EmbeddedJenkins } from '../../../src/embedded/jenkins/embedded-jenkins.ts'
import { type Listener, listen } from '../../../src/embedded/listen.ts'
import { systemClock } from '../../../src/system-clock.ts'

async function compiled(): Promise<Buffer> {
  const source = await readFile(new URL('../../../src/embedded/jenkins/demo-agent.ts', import.meta.url), 'utf8')
  const { module, target } = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  return Buffer.from(
    ts.transpileModule(source, { compilerOptions: { module, target, verbatimModuleSyntax: true } }).outputText,
  )
}

describe('the demo agent as a program', () => {
  let folder = ''
  let jenkins: EmbeddedJenkins
  let listener: Listener
  let agent: ChildProcess | undefined
  let output = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-agent-'))
    const program = await compiled()
    // The handler is there before the URL is known, which answers tell only later.
    const holder: { jenkins?: EmbeddedJenkins } = {}
    listener = await listen(
      (request) => {
        if (holder.jenkins === undefined) throw new Error('not yet')
        return holder.jenkins.handler(request)
      },
      { host: '127.0.0.1', port: 0 },
    )
    jenkins = new EmbeddedJenkins({
      clock: systemClock,
      url: listener.url.href,
      security: true,
      quietPeriodMs: 0,
      agentProgram: () => program,
      users: [{ name: 'admin', apiToken: 'token', permissions: ['Overall/Administer'] }],
    })
    holder.jenkins = jenkins
    await jenkins.start()
    const fetched = await fetch(new URL('jnlpJars/agent.jar', listener.url))
    await writeFile(join(folder, 'agent.jar'), Buffer.from(await fetched.arrayBuffer()))
    const json = JSON.stringify({
      labelString: 'mesos',
      launcher: { $class: 'hudson.slaves.JNLPLauncher' },
      numExecutors: 2,
    })
    const answer = await fetch(new URL('computer/doCreateItem', listener.url), {
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: `Basic ${Buffer.from('admin:token').toString('base64')}` },
      body: new URLSearchParams({ name: 'a', type: 'hudson.slaves.DumbSlave', json }),
    })
    expect(answer.status).toBe(302)
  })

  afterEach(async () => {
    if (agent?.exitCode === null && agent.signalCode === null) {
      agent.kill('SIGKILL')
      await once(agent, 'exit')
    }
    await jenkins.stop()
    await listener.close()
    await rm(folder, { recursive: true })
  })

  async function startAgent(...more: string[]): Promise<ChildProcess> {
    await writeFile(join(folder, '.secret'), jenkins.secretOf('a'))
    const secret = openSync(join(folder, '.secret'), 'r')
    const words = [
      'agent.jar',
      '-url',
      listener.url.href,
      '-name',
      'a',
      '-secret',
      '@/dev/fd/0',
      '-webSocket',
      '-workDir',
      folder,
      ...more,
    ]
    const started = spawn(process.execPath, words, { cwd: folder, stdio: [secret, 'pipe', 'pipe'] })
    closeSync(secret)
    agent = started
    output = ''
    await new Promise<void>((resolve, reject) => {
      started.stderr?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('Connected')) resolve()
      })
      started.once('exit', () => {
        reject(new Error(output))
      })
    })
    return started
  }

  /** Reads the job until it says so; every read waits for the network, nothing sleeps. */
  async function lastBuild(done: (build: { result: string | null; console: string }) => boolean) {
    for (;;) {
      const build = jenkins.jobs[0]?.builds.at(-1)
      if (build !== undefined && done(build)) return build
      await fetch(new URL('login', listener.url)).then((answer) => answer.text())
    }
  }

  test('runs a script and a load as real processes, and ends with 143 on SIGTERM', async () => {
    const started = await startAgent()
    jenkins.createJob({ name: 'load', label: 'mesos', durationMs: 150, cpu: 0.5, memMib: 8, exitCode: 3 })
    jenkins.build('load')
    const load = await lastBuild(({ result }) => result !== null)
    expect(load.result).toBe('FAILURE')
    expect(load.console).toContain('load of 0.5 CPU and 8 MiB for 0.15 s\ndone, held 8388608 bytes\n')
    const config =
      '<project><assignedNode>mesos</assignedNode><builders><hudson.tasks.Shell><command>echo from $NODE_NAME $BUILD_NUMBER</command></hudson.tasks.Shell></builders></project>'
    const headers = { authorization: `Basic ${Buffer.from('admin:token').toString('base64')}` }
    await fetch(new URL('createItem?name=a-script', listener.url), { method: 'POST', headers, body: config })
    jenkins.build('a-script')
    const script = await lastBuild(({ result }) => result !== null)
    expect([script.result, script.console]).toEqual(['SUCCESS', expect.stringContaining('\nfrom a 1\n')])
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([143, null])
  })

  test('that is killed is noticed at once', async () => {
    const started = await startAgent()
    jenkins.createJob({ name: 'job', label: 'mesos', durationMs: 60_000 })
    jenkins.build('job')
    await lastBuild(({ console }) => console.includes('load of'))
    started.kill('SIGKILL')
    const build = await lastBuild(({ result }) => result !== null)
    expect([build.result, jenkins.isConnected('a')]).toEqual(['FAILURE', false])
  })

  test('outlives a restart of the controller', async () => {
    await startAgent()
    await jenkins.restart()
    expect(jenkins.isConnected('a')).toBe(false)
    while (!jenkins.isConnected('a')) await fetch(new URL('login', listener.url)).then((answer) => answer.text())
    expect(output.match(/Connected/g)).not.toBeNull()
  })
})

describe('its command line', () => {
  test('is that of agent.jar', () => {
    expect(
      readCommandLine('-url u -name n -secret s -webSocket -workDir w -internalDir i -noReconnectAfter 10m'.split(' ')),
    ).toEqual({
      url: 'u',
      name: 'n',
      secret: 's',
      workDir: 'w',
      noReconnect: false,
      noReconnectAfterMs: 600_000,
    })
  })

  test.each([
    ['-what x', '"-what" is not a valid option'],
    ['-url', '"-url" needs a value'],
    ['-noReconnectAfter soon', 'is no duration'],
  ])('%s is a mistake', (words, message) => {
    expect(() => readCommandLine(words.split(' '))).toThrow(message)
  })

  test('a program that imports something cannot be served', () => {
    expect(() => asScript(Buffer.from("import x from 'y'\n"))).toThrow('must be one file')
  })
})
