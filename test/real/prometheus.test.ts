import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { KIT } from '../monitoring/kit.ts'
import { describeWith } from '../support/need.ts'
import { until } from './controller/process.ts'
import { EmbeddedFarm } from './embedded-farm.ts'
import { PrometheusProcess } from './prometheus-process.ts'

const TOKEN = 'a-token-for-metrics-alone-0123456789'
const WITHIN_MS = 40_000
const JOB = 'jenkins-mesos-sidecar'

interface Scrape extends Record<string, unknown> {
  readonly job_name: string
}

/** A job of the kit as it stands there, with these addresses in place of the example's. */
function jobOf(file: string, job: string, changes: object): Scrape {
  const { scrape_configs: jobs } = parse(readFileSync(join(KIT, file), 'utf8')) as { scrape_configs: readonly Scrape[] }
  const found = jobs.find(({ job_name: name }) => name === job)
  if (found === undefined) throw new Error(`${file} has no job ${job}`)
  return { ...found, ...changes }
}

/** As Marathon answers Prometheus: one app with our label, one without. */
function marathon(port: number): Server {
  const task = { id: 't', host: '127.0.0.1', state: 'TASK_RUNNING', ipAddresses: [] }
  const app = (id: string, labels: object, ports: readonly number[], marks: readonly object[]) => ({
    id,
    labels,
    tasksRunning: 1,
    portDefinitions: ports.map((_, index) => ({ port: 0, labels: marks[index] ?? {} })),
    tasks: [{ ...task, ports }],
    container: null,
    networks: [{ mode: 'host' }],
  })
  const apps = [
    app('/ci/jenkins', { 'jenkins-mesos-sidecar': 'ci' }, [1, port], [{}, { metrics: 'true' }]),
    app('/other', {}, [2], [{ metrics: 'true' }]),
  ]
  return createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ apps }))
  })
}

describeWith(['prometheus', 'promtool'], 'a real Prometheus', () => {
  let root: string
  let farm: EmbeddedFarm
  let prometheus: PrometheusProcess
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'prometheus-'))
    farm = await EmbeddedFarm.start(root, { API_TOKEN: `prometheus:metrics:${TOKEN} reader:read:${TOKEN}-read` })
    ending.push(() => farm.stop())
    const port = Number(farm.sidecar.url.port)
    const tokenFile = join(root, 'token')
    writeFileSync(tokenFile, `${TOKEN}\n`)
    writeFileSync(
      join(root, 'targets.json'),
      JSON.stringify([{ targets: [`localhost:${port}`], labels: { jenkins: 'pods' } }]),
    )
    const server = marathon(port)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ending.push(() => new Promise((resolve) => server.close(resolve)))
    const authorization = { credentials_file: tokenFile }
    const marathonUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    prometheus = await PrometheusProcess.start(join(root, 'prometheus'), [
      jobOf('prometheus.yml', JOB, { authorization, static_configs: [{ targets: [`127.0.0.1:${port}`] }] }),
      {
        ...jobOf('prometheus-marathon.yml', JOB, { authorization, job_name: 'by-marathon' }),
        marathon_sd_configs: [{ servers: [marathonUrl], refresh_interval: '1s' }],
      },
      {
        ...jobOf('prometheus-marathon.yml', `${JOB}-pods`, { authorization }),
        file_sd_configs: [{ files: [join(root, 'targets.json')] }],
        relabel_configs: [{ target_label: 'job', replacement: 'by-file' }],
      },
    ])
    ending.push(() => prometheus.stop())
  })

  afterAll(async () => {
    for (const end of ending.reverse()) await end()
    rmSync(root, { recursive: true, force: true })
  })

  test('finds the sidecar by address, by Marathon and by a file, and reads it with its token', async () => {
    const up = await until('all targets to be up', WITHIN_MS, async () => {
      const targets = await prometheus.targets()
      const jobs = targets.filter(({ health }) => health === 'up').map(({ labels }) => labels)
      return jobs.length === 3 && targets.length === 3 ? jobs : undefined
    })
    expect(up.map(({ job }) => job).toSorted()).toEqual(['by-file', 'by-marathon', JOB])
    expect(up.find(({ job }) => job === 'by-marathon')).toMatchObject({ jenkins: 'ci', app: '/ci/jenkins' })
  })

  test('has nothing to find fault with in the live text', async () => {
    const text = await farm.sidecar.metrics(TOKEN)
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('is counted by route', async () => {
    // The text is made once a moment for all who ask: the first one may be older than the first answer.
    const counted = 'jenkins_mesos_http_requests_total{route="/metrics",code="2xx"}'
    await until('scrapes to be counted', WITHIN_MS, async () =>
      (await farm.sidecar.metrics(TOKEN)).includes(counted) ? true : undefined,
    )
  })

  test('works the recording rules out once builds have run', async () => {
    await farm.build('app', 'seconds=4 cpu=0.5 mem=20')
    const figure = (record: string) =>
      until(`${record} to be a number`, WITHIN_MS, async () => {
        const [sample] = await prometheus.query(`${record}{job="${JOB}"} > 0`)
        const value = Number(sample?.value[1])
        return Number.isFinite(value) ? value : undefined
      })
    expect(await figure('template:jenkins_mesos_agent_start_seconds:p95_1h')).toBeLessThan(60)
    expect(await figure('job:jenkins_mesos_queue_wait_seconds:p50_1h')).toBeLessThan(60)
    expect(await figure('template:jenkins_mesos_given_cpus:rate5m')).toBeGreaterThan(0)
    expect(await figure('template:jenkins_mesos_core_hours:increase1d')).toBeGreaterThan(0)
    expect(await figure('template:jenkins_mesos_used_cpus:rate5m')).toBeGreaterThan(0)
    expect(await figure('template:jenkins_mesos_mem_utilisation:ratio')).toBeGreaterThan(0)
    expect(await prometheus.ruleErrors()).toEqual([])
  })

  test('an alert fires when Jenkins is stopped, and is over when it is back', async () => {
    const ALERT = 'JenkinsMesosJenkinsUnreachable'
    expect(await prometheus.firing()).not.toContain(ALERT)
    await farm.stopJenkins()
    await until(`${ALERT} to fire`, WITHIN_MS, async () =>
      (await prometheus.firing()).includes(ALERT) ? true : undefined,
    )
    await farm.startJenkins()
    await until(`${ALERT} to be over`, WITHIN_MS, async () =>
      (await prometheus.firing()).includes(ALERT) ? undefined : true,
    )
  })
})
