import type { HttpRequest, HttpResponse } from '../http.ts'
import { type Answers, target } from './answers.ts'
import { readBody } from './call-check.ts'
import { OPERATOR_CALL } from './call-schema.ts'
import type { Draining } from './draining.ts'
import { parseJson } from './json-text.ts'
import type { MachineId, Maintenance, Window } from './maintenance.ts'

interface OperatorCall {
  readonly type?: string
  readonly drain_agent?: { readonly agent_id: { readonly value: string }; readonly mark_gone?: boolean }
  readonly deactivate_agent?: AgentRef
  readonly reactivate_agent?: AgentRef
  readonly mark_agent_gone?: AgentRef
  readonly update_maintenance_schedule?: { readonly schedule: { readonly windows?: readonly Window[] } }
  readonly start_maintenance?: Machines
  readonly stop_maintenance?: Machines
}

interface AgentRef {
  readonly agent_id: { readonly value: string }
}

interface Machines {
  readonly machines?: readonly MachineId[]
}

export interface OperatorParts {
  readonly answers: Answers
  readonly draining: Draining
  readonly maintenance: Maintenance
}

/** `POST /api/v1` of the master, as far as hosts are drained and maintained. */
export function operatorCall(parts: OperatorParts, request: HttpRequest): HttpResponse {
  const { answers, draining, maintenance } = parts
  if (request.method !== 'POST') return answers.methodNotAllowed(request.method, 'POST')
  const read = readBody(request, OPERATOR_CALL, 'Call')
  if ('status' in read) return answers.text(read.status, read.text)
  const call = read.value as OperatorCall
  const { type } = call
  const done = (wrong: string | undefined): HttpResponse =>
    wrong === undefined ? answers.empty(200) : answers.text(400, wrong)
  const missing = (): HttpResponse =>
    answers.text(400, `Failed to validate master::Call: Expecting '${type?.toLowerCase()}' to be present`)
  const id = (ref: AgentRef): string => ref.agent_id.value
  switch (type) {
    case undefined:
      return answers.text(400, "Failed to validate master::Call: Expecting 'type' to be present")
    case 'GET_HEALTH':
      return answers.json(request, { type, get_health: { healthy: true } })
    case 'DRAIN_AGENT':
      return call.drain_agent === undefined
        ? missing()
        : done(draining.drain(id(call.drain_agent), call.drain_agent.mark_gone ?? false))
    case 'DEACTIVATE_AGENT':
      return call.deactivate_agent === undefined ? missing() : done(draining.deactivate(id(call.deactivate_agent)))
    case 'REACTIVATE_AGENT':
      return call.reactivate_agent === undefined ? missing() : done(draining.reactivate(id(call.reactivate_agent)))
    case 'MARK_AGENT_GONE':
      return call.mark_agent_gone === undefined ? missing() : done(draining.markGone(id(call.mark_agent_gone)))
    case 'GET_MAINTENANCE_SCHEDULE':
      return answers.json(request, {
        type,
        get_maintenance_schedule: { schedule: { windows: maintenance.schedule } },
      })
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      if (call.update_maintenance_schedule === undefined) return missing()
      maintenance.update(call.update_maintenance_schedule.schedule.windows ?? [])
      return answers.empty(200)
    case 'START_MAINTENANCE':
      return done(maintenance.down(call.start_maintenance?.machines ?? []))
    case 'STOP_MAINTENANCE':
      return done(maintenance.up(call.stop_maintenance?.machines ?? []))
    default:
      return answers.text(501, `The embedded Mesos master does not answer ${type}: use the pages under /master`)
  }
}

/** `/maintenance/…` and `/machine/…`; `undefined` for a path that is neither. */
export function maintenancePage(parts: OperatorParts, request: HttpRequest): HttpResponse | undefined {
  const { answers, maintenance } = parts
  const page = target(request).path.replace(/^\/master(?=\/)/, '')
  switch (page) {
    case '/maintenance/schedule': {
      if (request.method === 'GET') return answers.json(request, { windows: maintenance.schedule })
      const body = parseJson(request.body.toString('utf8'))
      if ('error' in body) return answers.text(400, body.error)
      maintenance.update((body.value as { readonly windows?: readonly Window[] }).windows ?? [])
      return answers.empty(200)
    }
    case '/maintenance/status': {
      const { draining, down } = maintenance.status
      return answers.json(request, {
        ...(draining.length === 0 ? {} : { draining_machines: draining.map((id) => ({ id })) }),
        ...(down.length === 0 ? {} : { down_machines: down }),
      })
    }
    case '/machine/down':
    case '/machine/up': {
      if (request.method !== 'POST') return answers.methodNotAllowed(request.method, 'POST')
      const body = parseJson(request.body.toString('utf8'))
      if ('error' in body) return answers.text(400, body.error)
      const ids = body.value as readonly MachineId[]
      const wrong = page === '/machine/down' ? maintenance.down(ids) : maintenance.up(ids)
      return wrong === undefined ? answers.empty(200) : answers.text(400, wrong)
    }
    default:
      return undefined
  }
}
