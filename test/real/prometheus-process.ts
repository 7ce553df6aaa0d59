import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { stringify } from 'yaml'
import { filesOf } from '../monitoring/kit.ts'
import { freePort } from './controller/free-port.ts'
import { Child, until } from './controller/process.ts'

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: string
}

/** Debian's Prometheus on loopback with the rules of the kit, in seconds in place of minutes. */
export class PrometheusProcess {
  readonly #child: Child
  readonly #url: string

  private constructor(child: Child, url: string) {
    this.#child = child
    this.#url = url
  }

  /** @param scrapes as in `scrape_configs` */
  static async start(folder: string, scrapes: readonly object[]): Promise<PrometheusProcess> {
    mkdirSync(folder, { recursive: true })
    const [recording = '', alerts = ''] = ['recording', 'alerts'].map(
      (name) => filesOf('.rules.yml').find((file) => file.includes(name)) ?? '',
    )
    // Only times are other ones: groups are looked at each second, alerts fire after one.
    const every = (text: string) => text.replaceAll(/^(\s*)interval: .*$/gm, '$1interval: 1s')
    writeFileSync(join(folder, 'recording.yml'), every(readFileSync(recording, 'utf8')))
    writeFileSync(join(folder, 'alerts.yml'), readFileSync(alerts, 'utf8').replaceAll(/^( +)for: .*$/gm, '$1for: 1s'))
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['recording.yml', 'alerts.yml'],
      scrape_configs: scrapes,
    }
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
    const port = await freePort()
    const child = await Child.start({
      command: 'prometheus',
      args: [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      cwd: folder,
      env: { PATH: process.env['PATH'] },
      logFile: join(folder, 'log'),
      pidFile: join(folder, 'pid'),
    })
    const prometheus = new PrometheusProcess(child, `http://127.0.0.1:${port}`)
    await until('Prometheus to be ready', 30_000, async () => {
      if (!child.running) throw new Error(`Prometheus ended by itself: ${child.log().slice(-2000)}`)
      return (await prometheus.#isReady()) ? true : undefined
    })
    return prometheus
  }

  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = (await this.#get(`query?query=${encodeURIComponent(expr)}`)) as { result: readonly Sample[] }
    return result
  }

  /** By job: how each was found and how it is. */
  async targets(): Promise<
    readonly { readonly labels: Sample['metric']; readonly health: string; readonly lastError: string }[]
  > {
    const { activeTargets } = (await this.#get('targets?state=active')) as { activeTargets: [] }
    return activeTargets
  }

  /** Names of alerts that fire. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = (await this.#get('alerts')) as { alerts: readonly Alert[] }
    return alerts.flatMap(({ state, labels }) => (state === 'firing' ? [labels['alertname'] ?? ''] : []))
  }

  /** Rules that could not be worked out, with why. */
  async ruleErrors(): Promise<readonly string[]> {
    const { groups } = (await this.#get('rules')) as {
      groups: readonly { rules: readonly { name: string; lastError?: string }[] }[]
    }
    return groups.flatMap(({ rules }) =>
      rules.flatMap(({ name, lastError }) => (lastError ? [`${name}: ${lastError}`] : [])),
    )
  }

  async stop(): Promise<void> {
    await this.#child.stop(15_000)
  }

  async #isReady(): Promise<boolean> {
    try {
      const { statusCode, body } = await request(`${this.#url}/-/ready`)
      await body.dump()
      return statusCode === 200
    } catch {
      return false // it does not listen yet
    }
  }

  async #get(path: string): Promise<unknown> {
    const { statusCode, body } = await request(`${this.#url}/api/v1/${path}`)
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`Prometheus answered ${statusCode} to ${path}: ${text}`)
    return (JSON.parse(text) as { data: unknown }).data
  }
}
