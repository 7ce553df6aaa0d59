import type { HttpResponse } from '../http.ts'
import { type Entry } from './entry.ts'
import { json } from './json-answer.ts'
import { Pod } from './pod-schema.ts'
import { podStatus } from './pod-status.ts'
import { parseBody, readDefinition } from './read-definition.ts'
import { notFound, Refusal } from './refusal.ts'
import { checkPod } from './rules-pod.ts'
import { absolute } from './rules-shared.ts'
import type { PodSpec } from './spec.ts'
import { type Asked, checkLock, deploymentHeader, newVersion, storedEntry, type WriteContext } from './writes.ts'

/** Below /v2/pods; `undefined`: there is no such thing. */
export function podRoutes(context: WriteContext, path: string, asked: Asked): HttpResponse | undefined {
  const { fleet, clock } = context
  const { method } = asked.request
  const pods = [...fleet.entries.values()].filter(({ spec }) => spec.kind === 'pod')
  if (path === '') {
    if (method === 'HEAD') return { status: 200, headers: [], body: Buffer.alloc(0) }
    if (method === 'GET') return json(200, pods.map(shown))
    return method === 'POST' ? create(context, asked) : undefined
  }
  if (path === '/::status')
    return json(
      200,
      pods.map((entry) => podStatus(entry, clock.now())),
    )
  const [id = '', what = '', name = ''] =
    /^(.*?)(?:::(status|versions|instances)(?:\/(.+))?)?$/.exec(path)?.slice(1) ?? []
  if (method === 'PUT' && what === '') return replace(context, id, asked)
  const entry = pods.find(({ spec }) => spec.id === id)
  if (entry === undefined) throw notFound('Pod', id)
  switch (`${method} ${what}`) {
    case 'GET ':
    case 'HEAD ':
      return json(200, shown(entry))
    case 'GET status':
      return json(200, podStatus(entry, clock.now()))
    case 'GET versions':
      return versions(entry, name)
    case 'DELETE ': {
      checkLock(fleet, id, asked.force)
      return json(202, {}, [deploymentHeader(fleet.delete(entry))])
    }
    case 'DELETE instances':
      return kill(context, entry, name)
    default:
      return undefined
  }
}

function shown({ spec }: Entry): object {
  return { ...spec.definition, version: spec.version }
}

function versions(entry: Entry, name: string): HttpResponse {
  if (name === '') return json(200, entry.versions.map(({ version }) => version).reverse())
  const spec = entry.versions.find(({ version }) => version === name)
  if (spec === undefined) throw new Refusal(404, { message: `Pod '${entry.spec.id}' has no version '${name}'` })
  return json(200, { ...spec.definition, version: spec.version })
}

function read({ clock, fleet }: WriteContext, { request }: Asked): PodSpec {
  const definition = readDefinition(Pod, parseBody(request.body))
  const id = absolute(definition.id)
  checkPod({ ...definition, id })
  const version = newVersion(clock, fleet.entries.get(id))
  return { kind: 'pod', id, version, configVersion: version, definition: { ...definition, id } }
}

function create(context: WriteContext, asked: Asked): HttpResponse {
  const { fleet } = context
  const spec = read(context, asked)
  if (storedEntry(fleet, spec.id) !== undefined)
    throw new Refusal(409, { message: `A pod with id [${spec.id}] already exists.` })
  checkLock(fleet, spec.id, asked.force)
  const deployment = fleet.put(spec)
  return json(201, { ...spec.definition, version: spec.version }, [['Location', spec.id], deploymentHeader(deployment)])
}

function replace(context: WriteContext, id: string, asked: Asked): HttpResponse {
  const { fleet } = context
  const spec = read(context, asked)
  if (spec.id !== id) throw new Refusal(400, { message: `'${id}' does not match definition's id ('${spec.id}')` })
  if (storedEntry(fleet, id)?.spec.kind === 'app')
    throw new Refusal(409, { message: `An app with id [${id}] already exists.` })
  checkLock(fleet, id, asked.force)
  const deployment = fleet.put(spec)
  return json(200, { ...deployment.entry.spec.definition, version: deployment.version }, [deploymentHeader(deployment)])
}

function kill({ fleet, clock }: WriteContext, entry: Entry, name: string): HttpResponse {
  const instance = entry.instances.find(({ id }) => id === name)
  if (instance === undefined) throw new Refusal(404, { message: `Pod '${entry.spec.id}' has no instance '${name}'` })
  fleet.killInstance(entry, instance)
  return json(200, { instanceId: { idString: name }, killedAt: new Date(clock.now()).toISOString() })
}
