import { systemChance } from '../chance.ts'
import type { Config } from '../config/config.ts'
import { messageOf } from '../core/code-of.ts'
import type { Ensemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import { mergeOffers } from '../core/match.ts'
import { Needs } from '../core/needs.ts'
import { plan } from '../core/plan.ts'
import { show } from '../core/resources.ts'
import { refusals } from '../core/stages.ts'
import { executorsFor, resourcesOf, type Template } from '../core/template.ts'
import type { Finding } from '../jenkins/finding.ts'
import type { Jenkins } from '../jenkins/jenkins.ts'
import { systemClock } from '../system-clock.ts'
import { addressResults } from './check-addresses.ts'
import { checkZooKeeper, mesosResults } from './check-mesos.ts'
import { makeDemoJobs } from './demo-jobs.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { lookAtMesos, lookSnapshot, type MesosLook, NOTHING_SAVED } from './look.ts'
import { type Around, lookAround } from './look-around.ts'
import type { Result } from './result.ts'
import { goodOrBad, table } from './table.ts'
import type { Steps } from './terminal/steps.ts'

/** `check`: the configuration whole, then Jenkins and Mesos as far as they answer. */
export async function check(io: CommandIo): Promise<number> {
  return await lookAround(io, async (around) => await checkAll(around, io))
}

async function checkAll({ config, surroundings, jenkins, log, steps }: Around, io: CommandIo): Promise<number> {
  if (surroundings.jenkins !== undefined) makeDemoJobs(surroundings.jenkins.jenkins, config)
  const roles = new Set(config.templates.map(({ role }) => role))
  const [jenkinsResults, mesos, zooKeeper] = await Promise.all([
    steps.run('asking Jenkins', () => checkJenkins(jenkins, config, io.stopped)),
    steps.run('subscribing to Mesos and looking at its offers', () =>
      lookAtMesos(config, surroundings.endpoints, roles, log, io.stopped),
    ),
    checkEnsembles(config, log, steps),
  ])
  const results = [
    {
      ok: true,
      what: 'configuration',
      detail: `${config.templates.length} template${config.templates.length === 1 ? '' : 's'}, no mistakes`,
    },
    ...addressResults(config),
    ...jenkinsResults,
    ...zooKeeper,
    ...mesosResults(config, mesos),
    ...config.templates.flatMap((template) => checkTemplate(template, mesos)),
  ]
  io.out(
    table(
      ['', 'what', 'found'],
      results.map((result) => [markOf(result), result.what, result.detail]),
      io.paper.out,
      goodOrBad,
    ),
  )
  return results.every(({ ok }) => ok) ? EXIT_OK : EXIT_FAILED
}

async function checkEnsembles(
  { mesos, state, zookeeperTls: tls }: Config,
  log: Log,
  steps: Steps,
): Promise<readonly Result[]> {
  const options = { clock: systemClock, log, tls }
  const ask = (name: string, ensemble: Ensemble): Promise<Result> =>
    steps.run(`asking the ZooKeeper of ${name}`, () => checkZooKeeper(name, ensemble, options))
  return await Promise.all([
    ...(mesos.ensemble === undefined ? [] : [ask('MESOS_MASTER', mesos.ensemble)]),
    ...(state.kind === 'zookeeper' ? [ask('STATE_URL', state.ensemble)] : []),
  ])
}

function markOf({ ok, untried }: Result): string {
  if (!ok) return 'NO'
  return untried === true ? '?' : 'ok'
}

async function checkJenkins(jenkins: Jenkins, config: Config, signal: AbortSignal): Promise<readonly Result[]> {
  const builds = config.templates.some(({ rescheduleLostBuilds }) => rescheduleLostBuilds)
  const results: Result[] = []
  try {
    const findings = await jenkins.check(systemChance.letters(8), signal, { builds })
    for (const { ok, what, detail, fix, untriedPermission } of findings) {
      const words = fix === undefined ? detail : `${detail} ${fix}`
      results.push({ ok, what: `Jenkins: ${what}`, detail: words, untried: untriedPermission !== undefined })
    }
    results.push(...missingRights(findings))
    if (isReadable(findings)) results.push(...(await checkLabels(jenkins, config, signal)))
    return results
  } catch (error) {
    return [...results, { ok: false, what: 'Jenkins', detail: messageOf(error) }]
  }
}

/** All of them in one line, to be granted at once. */
function missingRights(findings: readonly Finding[]): readonly Result[] {
  const missing = new Set(findings.flatMap(({ missingPermission: right }) => right ?? []))
  if (missing.size === 0) return []
  const unknown = findings.flatMap(({ untriedPermission: right }) => right ?? [])
  const rest = unknown.length === 0 ? '' : `; could not be tried: ${unknown.join(', ')}`
  return [{ ok: false, what: 'Jenkins: rights', detail: `missing: ${[...missing].join(', ')}${rest}` }]
}

/** Without the right to read nodes there is nothing to compare labels with. */
function isReadable(findings: readonly Finding[]): boolean {
  return findings.every(({ missingPermission }) => missingPermission !== 'Overall/Read')
}

/** Whether builds that wait now ask for labels that some template or node has. */
async function checkLabels(jenkins: Jenkins, config: Config, signal: AbortSignal): Promise<readonly Result[]> {
  const reading = await jenkins.read(signal)
  const { explanation } = plan(lookSnapshot(config, reading, NOTHING_SAVED, undefined), systemClock.now())
  const unserved = explanation.items.filter(({ state }) => state === 'unserved' || state === 'not_understood')
  const labels = config.templates.map(({ name, labels: words }) => `${name}: ${words.join(' ')}`).join('; ')
  return [
    {
      ok: true,
      what: 'Jenkins: labels',
      detail: `templates carry ${labels}; ${reading.queue.length} items wait now`,
    },
    ...unserved.map(({ job, words }) => ({ ok: false, what: `Jenkins: job ${job}`, detail: words })),
  ]
}

/** Does its biggest agent fit anywhere now? */
function checkTemplate(template: Template, mesos: MesosLook): readonly Result[] {
  const what = `template ${template.name}`
  const results: Result[] = []
  if (template.launch.secretVia === 'environment') {
    const detail = "secretVia environment: the agents' secrets are visible in the Mesos agents' API"
    results.push({ ok: true, what, detail })
  }
  if (!mesos.subscribed) return results
  const executors = executorsFor(template, template.executors.max)
  const need = new Needs().of(template, resourcesOf(template, executors))
  const hosts = mergeOffers(mesos.offers).filter(({ role }) => role === template.role)
  const context = { now: systemClock.now(), hostBackoff: {} }
  const fitting = hosts.filter((host) => refusals(host, need, context).length === 0)
  const [nearest] = hosts.flatMap((host) => refusals(host, need, context))
  const needs = `an agent with ${executors} executor${executors === 1 ? '' : 's'} needs ${show(need.resources)}`
  const found = `${fitting.length} of ${hosts.length} hosts that offer to role ${template.role} have room now`
  const why = fitting.length === 0 && nearest !== undefined ? ` (${nearest.words})` : ''
  return [...results, { ok: fitting.length > 0, what, detail: `${needs}: ${found}${why}` }]
}
