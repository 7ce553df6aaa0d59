import type { HttpResponse } from '../http.ts'
import { buildBean, itemBean, jobBean, queueBean } from './beans-jobs.ts'
import type { Exchange } from './exchange.ts'
import { buildOf, jobFromConfig } from './jobs.ts'
import type { BuildState, JobState, Parameters } from './model.ts'
import { badName } from './node-config.ts'
import { containerError, empty, page, redirect, text } from './pages.ts'

/** `/queue/…`. */
export function queueRoutes(exchange: Exchange): HttpResponse {
  const { controller } = exchange
  const [, what, id, api, format] = exchange.parts
  const seesJobs = exchange.caller.may('Job/Read')
  if (what === 'api' && id === 'json') {
    return exchange.api(queueBean(exchange.scene, seesJobs ? controller.queue.items : []))
  }
  if (what === 'cancelItem') {
    if (!exchange.isPost) return exchange.postOnly()
    const item = controller.queue.item(Number(exchange.field('id')))
    if (item === undefined || item.stage === 'left' || !seesJobs) return exchange.notFound()
    if (!exchange.caller.may('Job/Cancel')) {
      return page(exchange.identity, 422, 'Error', '<h1>Error</h1>', exchange.cookie())
    }
    controller.queue.cancel(item.id)
    return empty(204)
  }
  if (what === 'item' && api === 'api' && format === 'json' && !controller.old) {
    const item = controller.queue.item(Number(id))
    if (item !== undefined && seesJobs) return exchange.api(itemBean(exchange.scene, item))
  }
  return exchange.notFound()
}

/** `POST /createItem?name=…` with a `config.xml`. */
export function createItem(exchange: Exchange): HttpResponse {
  const { controller } = exchange
  if (!exchange.isPost) return exchange.postOnly()
  const refused = exchange.refused('Job/Create')
  if (refused !== undefined) return refused
  const name = (exchange.query.get('name') ?? '').trim()
  const bad = badName(name)
  if (bad !== undefined) return exchange.formError(bad)
  if (controller.jobs.has(name)) return exchange.formError(`A job already exists with the name ‘${name}’`)
  try {
    controller.createJobFrom(name, exchange.request.body.toString())
  } catch (thrown) {
    return exchange.oops(thrown)
  }
  return empty(200)
}

/** `/job/NAME/…`. Without Job/Read there is no such job. */
export function jobRoutes(exchange: Exchange): HttpResponse {
  const [, name, action, ...rest] = exchange.parts
  const job = exchange.scene.jenkins.jobs.get(name ?? '')
  if (job === undefined) return exchange.notFound()
  switch (action) {
    case undefined:
      return page(exchange.identity, 200, job.name, '<h1>Project</h1>', exchange.cookie())
    case 'api':
      return rest[0] === 'json' ? exchange.api(jobBean(exchange.scene, job)) : exchange.notFound()
    case 'build':
    case 'buildWithParameters':
      return build(exchange, job, action === 'buildWithParameters')
    case 'config.xml':
      return jobConfig(exchange, job)
    case 'enable':
    case 'disable':
    case 'doDelete':
      return change(exchange, job, action)
    default:
      return oneBuild(exchange, job, action, rest.join('/'))
  }
}

function build(exchange: Exchange, job: JobState, withParameters: boolean): HttpResponse {
  const { controller } = exchange
  const refused = exchange.refused('Job/Build')
  if (refused !== undefined) return refused
  if (!exchange.isPost) return exchange.postOnly([['Allow', 'POST']])
  if (job.disabled) return containerError(409, `${job.name} is not buildable`, exchange.path)
  if (withParameters && job.parameters.length === 0) return exchange.oops(new Error('the job takes no parameters'))
  if (!withParameters && job.parameters.length > 0) return containerError(400, 'Nothing is submitted', exchange.path)
  const parameters: Parameters = job.parameters.map(({ name, defaultValue }) => [
    name,
    exchange.field(name) ?? defaultValue,
  ])
  const delay = /^(\d+)\s*(?:s|sec|secs)?$/.exec(exchange.field('delay') ?? '')?.[1]
  const quietMs = delay === undefined ? controller.quietPeriodMs : Number(delay) * 1000
  const item = controller.build(job, exchange.caller.name, parameters, quietMs)
  if (controller.old) return redirect(exchange.absolute(`/job/${encodeURIComponent(job.name)}/`))
  return empty(201, [['Location', exchange.absolute(`/queue/item/${item.id}/`)]])
}

function jobConfig(exchange: Exchange, job: JobState): HttpResponse {
  const { controller } = exchange
  const refused = exchange.refused('Job/Configure')
  if (refused !== undefined) return refused
  if (!exchange.isPost) return text(job.config, 'application/xml')
  try {
    const changed = jobFromConfig(job.name, exchange.request.body.toString(), controller.old)
    Object.assign(job, { ...changed, nextBuild: job.nextBuild, builds: job.builds })
  } catch (thrown) {
    return exchange.oops(thrown)
  }
  controller.changed()
  return empty(200)
}

function change(exchange: Exchange, job: JobState, action: 'enable' | 'disable' | 'doDelete'): HttpResponse {
  const { controller } = exchange
  if (!exchange.isPost) return exchange.postOnly()
  const refused = exchange.refused(action === 'doDelete' ? 'Job/Delete' : 'Job/Configure')
  if (refused !== undefined) return refused
  if (action !== 'enable') controller.queue.cancelOf(job.name)
  if (action === 'doDelete') controller.jobs.delete(job.name)
  else job.disabled = action === 'disable'
  controller.changed()
  return redirect(exchange.local(action === 'doDelete' ? '/' : `/job/${encodeURIComponent(job.name)}/`))
}

function oneBuild(exchange: Exchange, job: JobState, which: string, what: string): HttpResponse {
  const found = findBuild(job, which)
  if (found === undefined) return exchange.notFound()
  const console = Buffer.from(found.console)
  switch (what) {
    case 'api/json':
      return exchange.api(buildBean(exchange.scene, job, found))
    case 'consoleText':
      return text(found.console, 'text/plain;charset=utf-8')
    case 'logText/progressiveText': {
      const from = Math.min(console.length, Number(exchange.field('start') ?? 0))
      const more = found.result === null ? [['X-More-Data', 'true'] as const] : []
      const size = ['X-Text-Size', String(console.length)] as const
      return text(console.subarray(from).toString(), 'text/plain;charset=utf-8', [size, ...more])
    }
    case '':
      return page(exchange.identity, 200, `${job.name} #${found.number}`, '<h1>Build</h1>', exchange.cookie())
    default:
      return exchange.notFound()
  }
}

function findBuild(job: JobState, which: string): BuildState | undefined {
  if (which === 'lastBuild') return job.builds.at(-1)
  if (which === 'lastCompletedBuild') return job.builds.findLast(({ result }) => result !== null)
  if (which === 'lastSuccessfulBuild') return job.builds.findLast(({ result }) => result === 'SUCCESS')
  return buildOf(job, Number(which))
}
