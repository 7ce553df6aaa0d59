import type { HttpResponse } from '../http.ts'
import { App, type AppDefinition } from './app-schema.ts'
import { shownApp, shownTask } from './app-view.ts'
import type { Entry } from './entry.ts'
import { json } from './json-answer.ts'
import { parseBody, readDefinition } from './read-definition.ts'
import { notFound, Refusal } from './refusal.ts'
import { checkApp } from './rules-app.ts'
import { absolute } from './rules-shared.ts'
import type { AppSpec } from './spec.ts'
import { type Asked, checkLock, deploymentHeader, newVersion, storedEntry, type WriteContext } from './writes.ts'

/** Below /v2/apps; `undefined`: there is no such thing. */
export function appRoutes(context: WriteContext, path: string, asked: Asked): HttpResponse | undefined {
  const { fleet } = context
  const { method } = asked.request
  const apps = [...fleet.entries.values()].filter(({ spec }) => spec.kind === 'app')
  const shown = (entry: Entry): object => shownApp(entry, fleet.lockedBy(entry.spec.id))
  if (path === '') {
    if (method === 'GET') return json(200, { apps: apps.map(shown) })
    return method === 'POST' ? create(context, asked) : undefined
  }
  const found = /^(.*?)\/(tasks|versions|restart)(?:\/(.+))?$/.exec(path)
  const [id = path, what = '', name = ''] = found?.slice(1) ?? []
  if (method === 'PUT' && what === '') return replace(context, id, asked)
  const entry = apps.find(({ spec }) => spec.id === id)
  if (entry === undefined) throw notFound('App', id)
  switch (`${method} ${what}`) {
    case 'GET ':
      return json(200, { app: shown(entry) })
    case 'GET tasks':
      return json(200, { tasks: entry.instances.map(shownTask) })
    case 'GET versions':
      return json(200, { versions: entry.versions.map(({ version }) => version).reverse() })
    case 'DELETE ':
      checkLock(fleet, id, asked.force)
      return deployed(200, fleet.delete(entry))
    case 'DELETE tasks': {
      const instance = entry.instances.find((each) => each.tasks.some(({ taskId }) => taskId === name))
      if (instance === undefined) throw new Refusal(404, { message: `Task '${name}' does not exist` })
      fleet.killInstance(entry, instance)
      return json(200, { task: shownTask(instance) })
    }
    default:
      return undefined
  }
}

function deployed(status: number, deployment: { readonly id: string; readonly version: string }): HttpResponse {
  const { id, version } = deployment
  return json(status, { version, deploymentId: id }, [['Marathon-Deployment-Id', id]])
}

function read({ clock, fleet }: WriteContext, body: Readonly<Record<string, unknown>>): AppSpec {
  const definition = readDefinition(App, modern(body))
  const id = absolute(definition.id)
  const app: AppDefinition = { ...definition, id }
  checkApp(app)
  const version = newVersion(clock, fleet.entries.get(id))
  return { kind: 'app', id, version, configVersion: version, definition: app }
}

/** `uris` and `ports` of old definitions in the words of newer ones; what Marathon tells of an app is no part of it. */
function modern(body: Readonly<Record<string, unknown>>): object {
  const { uris, ports, version: _version, versionInfo: _info, ...rest } = body
  return {
    ...(Array.isArray(uris) ? { fetch: uris.map((uri: unknown) => ({ uri })) } : {}),
    ...(Array.isArray(ports) ? { portDefinitions: ports.map((port: unknown) => ({ port })) } : {}),
    ...rest,
  }
}

function create(context: WriteContext, asked: Asked): HttpResponse {
  const { fleet } = context
  const spec = read(context, parseBody(asked.request.body))
  if (storedEntry(fleet, spec.id) !== undefined)
    throw new Refusal(409, { message: `An app with id [${spec.id}] already exists.` })
  checkLock(fleet, spec.id, asked.force)
  const deployment = fleet.put(spec)
  const body = shownApp(deployment.entry, [deployment])
  return json(201, body, [['Location', spec.id], deploymentHeader(deployment)])
}

function replace(context: WriteContext, id: string, asked: Asked): HttpResponse {
  const { fleet } = context
  const body = parseBody(asked.request.body)
  const before = storedEntry(fleet, id)
  if (before?.spec.kind === 'pod') throw new Refusal(409, { message: `A pod with id [${id}] already exists.` })
  const own = asked.partial && before !== undefined ? { ...before.spec.definition, ...body } : body
  const spec = read(context, { id, ...own })
  if (spec.id !== id) throw new Refusal(422, { message: `The app id '${spec.id}' does not match the path '${id}'` })
  checkLock(fleet, id, asked.force)
  return deployed(before === undefined ? 201 : 200, fleet.put(spec))
}
