import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { MarathonStub } from '../marathon/stub.ts'
import { type Command, command, freePort } from './command.ts'

let folder = ''
let marathon: MarathonStub
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'))
  marathon = await MarathonStub.start()
})
afterEach(async () => {
  await marathon.close()
  rmSync(folder, { recursive: true, force: true })
})

const POD = 'marathon/pod.json'

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function begin(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  return command(['deploy', ...args], { MARATHON_URL: marathon.url, ...env })
}

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { exitCode, out, err } = begin(args, env)
  const code = await exitCode
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('a pod', () => {
  test('is created, followed to its end, and then left alone', async () => {
    marathon.status = {
      status: 'STABLE',
      instances: [
        {
          status: 'STABLE',
          agentHostname: 'host-1',
          containers: [{ endpoints: [{ name: 'jenkins', allocatedHostPort: 31_001 }] }],
        },
      ],
    }
    const first = await run([POD])
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('/ci/jenkins is new: the pod is created.') })
    expect(first.err).toMatch(/Deployment deployment-1\n {2}step 1 of 2, StartPod: 1 stable/)
    expect(first.out).toMatch(/\/ci\/jenkins runs: 1 stable\.\n {2}jenkins {2}host-1:31001/)
    expect(marathon.puts).toMatchObject([{ path: '/v2/pods/ci/jenkins', body: { id: '/ci/jenkins' } }])
    const second = await run([POD])
    expect(second).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is deployed. /ci/jenkins runs') })
    expect(marathon.puts).toHaveLength(1)
  })

  test('is changed by files and options in their order, and says by which paths', async () => {
    await run([POD])
    const site = file('site.json', {
      containers: [{ name: 'sidecar', environment: { MAX_AGENTS: '5', JENKINS_TOKEN: 'hunter2-hunter2' } }],
      labels: { owner: 'ci' },
    })
    const set = [
      '--set',
      'containers.jenkins.resources.mem=6144',
      '--set',
      'containers.sidecar.environment.MAX_AGENTS=7',
    ]
    const changed = await run([POD, site, ...set])
    expect(changed.code).toBe(0)
    expect(changed.out).toMatch(/\/ci\/jenkins changes:/)
    expect(changed.out).toContain('  ~ containers.jenkins.resources.mem: 3072 -> 6144\n')
    expect(changed.out).toContain('  + containers.sidecar.environment.JENKINS_TOKEN\n')
    expect(changed.out).toContain('  + labels.owner\n')
    expect(changed.out + changed.err).not.toContain('hunter2')
    expect(marathon.stored).toMatchObject({
      containers: [{ name: 'jenkins', resources: { mem: 6144 } }, { environment: { MAX_AGENTS: '7' } }],
    })
  })

  test('is only looked at in a dry run', async () => {
    const { code, out } = await run([POD, '--dry-run'])
    expect(code).toBe(0)
    expect(out).toMatch(/is new[\s\S]*Nothing was done: this was a dry run\./)
    expect(marathon.puts).toEqual([])
  })

  test('is followed where the same was sent already', async () => {
    await run([POD])
    marathon.deploying(3)
    const { code, err } = await run([POD])
    expect(code).toBe(0)
    expect(err).toContain('The deployment that brings it, deployment-2, is under way.')
    expect(marathon.puts).toHaveLength(1)
  })

  test('is put once, though the answer got lost', async () => {
    let isCut = false
    marathon.before = ({ method, body }) => {
      if (method !== 'PUT' || isCut) return undefined
      isCut = true
      marathon.stored = body as Record<string, unknown>
      marathon.deploying(3)
      return 'cut'
    }
    const { code, err } = await run([POD])
    expect({ code, puts: marathon.puts.length }).toEqual({ code: 0, puts: 1 })
    expect(err).toMatch(/No answer from Marathon[\s\S]*Deployment deployment-1/)
  })

  test('is deployed while Marathon elects a leader and restarts on the way', async () => {
    let refused = 0
    marathon.before = ({ path, method }) => {
      if (method === 'GET' && refused++ < 1) return { status: 503, body: { message: 'Could not determine the leader' } }
      return path === '/v2/deployments' && refused++ < 4 ? 'cut' : undefined
    }
    const { code, err } = await run([POD])
    expect(code).toBe(0)
    expect(err).toContain('Marathon has no leader, or is too busy (503). It says: Could not determine the leader')
    expect(err).toContain('It is asked again.')
  })

  test('that never comes up is given up after a while, with what its instances died of', async () => {
    marathon.listed = 1000
    marathon.status = {
      status: 'DEGRADED',
      instances: [{ status: 'STAGING' }],
      terminationHistory: [
        {
          instanceID: 'i-1',
          terminatedAt: '2026-11-28T02:00:00Z',
          containers: [{ containerId: 'i-1.sidecar', termination: { exitCode: 3, message: 'no such image' } }],
        },
      ],
    }
    const { code, err } = await run([POD, '--timeout', '1'])
    expect(code).toBe(1)
    expect(err).toContain('an instance ended: sidecar exit code 3, no such image')
    expect(err).toMatch(/The time is over, and the deployment deployment-1 is not\..*It goes on in Marathon/)
  })

  test('is not waited for after Ctrl-C, and goes on', async () => {
    marathon.listed = 1000
    const { exitCode, err, stop } = begin([POD])
    marathon.before = ({ path }) => {
      if (path === '/v2/deployments') stop()
      return undefined
    }
    expect(await exitCode).toBe(1)
    expect(err.join('\n')).toContain('A deployment that was begun goes on in Marathon: the same command follows it.')
  })

  test('that somebody else replaced meanwhile is not taken for ours', async () => {
    marathon.before = ({ path }) => {
      if (path === '/v2/deployments') marathon.stored = { ...marathon.stored, user: 'other' }
      return undefined
    }
    const { code, err } = await run([POD])
    expect(code).toBe(1)
    expect(err).toContain('what Marathon holds is not what was sent (user)')
  })

  test('with a persistent volume keeps what Marathon never changes', async () => {
    await run(['marathon/pod-persistent.json'])
    const { code, err } = await run(['marathon/pod-persistent.json', '--set', 'containers.jenkins.resources.cpus=2'])
    expect(code).toBe(1)
    expect(err).toContain('with a persistent volume (containers.jenkins.resources.cpus)')
    expect(marathon.puts).toHaveLength(1)
  })
})

test('an app is replaced, not merged into what is there, and a port that Marathon chose is no change', async () => {
  await marathon.close()
  marathon = await MarathonStub.start('app')
  marathon.status = { tasksRunning: 1, tasksHealthy: 1, tasks: [{ host: 'host-1', ports: [31_001, 31_002] }] }
  const first = await run(['marathon/app.json'])
  expect(first).toMatchObject({
    code: 0,
    out: expect.stringMatching(/runs: 1 running, 1 healthy\.\n {2}sidecar {2}host-1:31001/),
  })
  expect(marathon.puts[0]?.path).toBe('/v2/apps/ci/sidecar?partialUpdate=false')
  const [sidecar, secrets] = marathon.stored?.['portDefinitions'] as readonly object[]
  marathon.stored = {
    ...marathon.stored,
    portDefinitions: [
      { ...sidecar, port: 10_001 },
      { ...secrets, port: 10_002 },
    ],
  }
  expect(await run(['marathon/app.json'])).toMatchObject({ code: 0, out: expect.stringContaining('nothing to change') })
  marathon.status = {
    tasksRunning: 0,
    lastTaskFailure: { state: 'TASK_FAILED', message: 'exited with 1', host: 'host-2' },
  }
  const sick = await run(['marathon/app.json'])
  expect(sick.out).toContain('is not well now: no instances. An instance ended: TASK_FAILED: exited with 1 on host-2.')
  // The deployment ends, and what runs does not.
  expect((await run(['marathon/app.json', '--set', 'cpus=0.5', '--force'])).code).toBe(1)
  expect(marathon.puts.at(-1)?.path).toBe('/v2/apps/ci/sidecar?force=true&partialUpdate=false')
})

describe('what Marathon refuses is explained', () => {
  const rows: readonly [
    string,
    { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> },
    string,
  ][] = [
    ['no login', { status: 401 }, 'Marathon wants a login (401): set MARATHON_TOKEN, or MARATHON_USER'],
    [
      'no right',
      { status: 403, body: { message: 'Not Authorized to perform this action!' } },
      'Marathon does not let this login change /ci/jenkins (403)',
    ],
    [
      'an id in use',
      { status: 409, body: { message: 'A pod with id [/ci/jenkins] already exists.' } },
      'There is an app, a pod or a group with the id /ci/jenkins already',
    ],
    [
      'what does not hold',
      {
        status: 422,
        body: {
          message: 'Object is not valid',
          details: [{ path: '/containers(1)/endpoints(0)/name', errors: ['must be unique', 'again'] }],
        },
      },
      '- containers.sidecar.endpoints.sidecar.name: must be unique; again',
    ],
    [
      'secrets that it does not have',
      {
        status: 422,
        body: {
          message: 'Object is not valid',
          details: [
            { path: '/secrets', errors: ['Feature secrets is not enabled. Enable with --enable_features secrets)'] },
          ],
        },
      },
      'Give them as files of the host instead, as marathon/pod.json does',
    ],
    [
      'what it cannot read',
      {
        status: 400,
        body: { message: 'Invalid JSON', details: [{ path: '/id', errors: ['error.expected.jsstring'] }] },
      },
      '- id: error.expected.jsstring',
    ],
    ['no details', { status: 400, body: { message: 'what is this' } }, '- It says: what is this'],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://other.example.com/x' } },
      'sends us on to https://other.example.com: give --marathon https://other.example.com',
    ],
    [
      'no Marathon at all',
      { status: 418, body: '<html><b>I am</b> a teapot</html>' },
      'was answered with 418: is that Marathon? It says: I am a teapot',
    ],
  ]
  test.each(rows)('%s', async (_what, reply, words) => {
    marathon.before = ({ method }) => (method === 'PUT' ? reply : undefined)
    const { code, err } = await run([POD])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(words) })
  })

  test('a lock, with what holds it, and force', async () => {
    marathon.before = ({ method, path }) => {
      if (method !== 'PUT' || path.includes('force=true')) return undefined
      marathon.deploying(1)
      return { status: 409, body: { message: 'App is locked', deployments: [{ id: 'deployment-1' }] } }
    }
    const { code, err } = await run([POD])
    expect(code).toBe(1)
    expect(err).toMatch(
      /is locked by a deployment that is under way: deployment-1 \(step 1 of 2, StartPod, for 4\d s\)/,
    )
    expect(err).toContain('with --force')
    expect((await run([POD, '--force'])).code).toBe(0)
  })

  test('a login that is not accepted; the login itself is in no line', async () => {
    marathon.before = () => ({ status: 401, body: { message: 'no: hunter2-hunter2' } })
    const { code, err, out } = await run([POD], { MARATHON_TOKEN_FILE: file('token', 'hunter2-hunter2\n') })
    expect({ code, err: err.includes('Marathon does not accept the login (401)') }).toEqual({ code: 1, err: true })
    expect(marathon.seen[0]?.authorization).toBe('Bearer hunter2-hunter2')
    expect(err + out).not.toContain('hunter2')
  })

  test('a Marathon without pods', async () => {
    marathon.before = () => ({ status: 404, body: '' })
    expect(await run([POD])).toMatchObject({ code: 1, err: expect.stringContaining('This Marathon has no pods') })
  })

  test('an app under the same id', async () => {
    marathon.before = ({ path }) => (path === '/v2/apps/ci/jenkins' ? { status: 200, body: { app: {} } } : undefined)
    expect(await run([POD])).toMatchObject({ code: 1, err: expect.stringContaining('/ci/jenkins is an app there') })
  })

  test('nobody there', async () => {
    const { code, err } = await run([POD, '--marathon', `http://127.0.0.1:${await freePort()}`])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('connection refused. See to --marathon') })
  })

  test('a host that nobody knows', async () => {
    const { code, err } = await run([POD, '--marathon', 'http://marathon.invalid:8080'])
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/host name (is not known|could not be looked up)/),
    })
  })
})

test('logins are sent as they are wanted', async () => {
  await run([POD, '--dry-run'], { MARATHON_TOKEN: 'token=abc' })
  await run([POD, '--dry-run'], { MARATHON_USER: 'ada', MARATHON_PASSWORD_FILE: file('password', 'a b\n') })
  const sent = new Set(marathon.seen.map(({ authorization }) => authorization))
  expect([...sent]).toEqual(['token=abc', `Basic ${Buffer.from('ada:a b').toString('base64')}`])
})

describe('what is called wrongly is told before Marathon is asked, all at once', () => {
  const bad: readonly [string, () => readonly string[], Readonly<Record<string, string>>, readonly string[]][] = [
    ['no file', () => [], {}, ['deploy needs a file, such as marathon/pod.json.']],
    ['a file that is not there', () => [join(folder, 'none.json')], {}, ['none.json cannot be read: ENOENT']],
    [
      'a file that is no JSON',
      () => [file('a.json', '{\n  "id": "/a",\n  oops\n}')],
      {},
      ['a.json is no JSON: see line 3, column 3.'],
    ],
    ['a file that is cut off', () => [file('a.json', '{')], {}, ['a.json is no JSON: ']],
    ['a list', () => [file('a.json', [])], {}, ['a.json must hold one JSON object.']],
    [
      'a slip in a path',
      () => [POD, '--set', 'containers.sidcar.resources.mem=1'],
      {},
      [
        '--set containers.sidcar.resources.mem: containers.sidcar is not there: maybe sidecar is meant. There is jenkins, sidecar.',
      ],
    ],
    ['no path', () => [POD, '--set', 'mem'], {}, ['--set mem: it must be PATH=VALUE']],
    ['an empty name in a path', () => [POD, '--set', 'a..b=1'], {}, ['--set a..b: it must be PATH=VALUE']],
    [
      'a pod that cannot be',
      () => [POD, '--set', 'id=x', '--set', 'networks=null'],
      {},
      ['marathon/pod.json: id must be', 'marathon/pod.json: networks is missing'],
    ],
    ['no Marathon', () => [POD], { MARATHON_URL: '' }, ['give --marathon http://host:8080, or set MARATHON_URL']],
    [
      'another protocol',
      () => [POD, '--marathon', 'ftp://x'],
      {},
      ['--marathon must be an address that begins with http:// or https://.'],
    ],
    [
      'a password in the address',
      () => [POD],
      { MARATHON_URL: 'http://a:hunter2-x@b' },
      ['MARATHON_URL holds a user or a password'],
    ],
    ['a query', () => [POD], { MARATHON_URL: 'http://b/?x' }, ['MARATHON_URL must end with the path']],
    [
      'two logins and half a certificate',
      () => [POD],
      { MARATHON_TOKEN: 'x', MARATHON_USER: 'y', MARATHON_CLIENT_CERT_FILE: '/none' },
      [
        'MARATHON_TOKEN and MARATHON_USER are both given',
        'MARATHON_PASSWORD (or MARATHON_PASSWORD_FILE) is missing',
        'MARATHON_CLIENT_CERT_FILE cannot be read',
        'belong together',
      ],
    ],
    ['a password of nobody', () => [POD], { MARATHON_PASSWORD: 'x' }, ['MARATHON_USER is missing']],
    [
      'a token twice, one with a line break',
      () => [POD],
      { MARATHON_TOKEN: 'a\nb', MARATHON_TOKEN_FILE: '/none' },
      ['MARATHON_TOKEN and MARATHON_TOKEN_FILE are both given', 'MARATHON_TOKEN holds a line break'],
    ],
    [
      'an empty token',
      () => [POD],
      { MARATHON_TOKEN_FILE: '/dev/null' },
      ['MARATHON_TOKEN_FILE names a file that is empty.'],
    ],
    ['a time that is none', () => [POD, '--timeout', 'soon'], {}, ['--timeout must be a number, not soon.']],
  ]
  test.each(bad)('%s', async (_what, args, env, words) => {
    const { code, err } = await run(args(), env)
    expect(code).toBe(2)
    for (const each of words) expect(err).toContain(each)
    expect(err).not.toContain('hunter2')
    expect(marathon.seen).toEqual([])
  })
})
