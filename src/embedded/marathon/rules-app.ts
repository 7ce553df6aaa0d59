import type { AppDefinition, AppHealthCheck } from './app-schema.ts'
import { Mistakes } from './refusal.ts'
import { checkConstraint, checkId, checkUnreachable } from './rules-shared.ts'

/**
 * Marathon's rules beyond types, and what the embedded one cannot do.
 * @throws {Refusal} 422, with all mistakes
 */
export function checkApp(app: AppDefinition): void {
  const mistakes = new Mistakes()
  checkId(mistakes, app.id)
  const { cmd, args, container, portDefinitions, env, labels, upgradeStrategy } = app
  if (cmd !== undefined && args !== undefined)
    mistakes.add('/', 'AppDefinition must either contain one of cmd or args, not both')
  if (cmd === undefined && args === undefined) {
    const words =
      container?.docker === undefined
        ? "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."
        : 'the embedded Marathon pulls no images: give the app a cmd, which then runs on this machine'
    mistakes.add('/', words)
  }
  if (container?.type === 'DOCKER')
    mistakes.add('/container/type', 'the embedded Mesos has no Docker: leave the container out')
  if ((container?.volumes ?? []).length > 0) {
    mistakes.add('/container/volumes', 'the embedded Mesos has no volumes of apps: leave them out, or use a pod')
  }
  const names = portDefinitions.flatMap(({ name }) => name ?? [])
  if (new Set(names).size < names.length) mistakes.add('/portDefinitions', 'Port names must be unique.')
  const ports = portDefinitions.map(({ port }) => port).filter((port) => port !== 0)
  if (new Set(ports).size < ports.length) mistakes.add('/portDefinitions', 'Ports must be unique.')
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string')
      mistakes.add(`/env/${name}`, 'Feature secrets is not enabled. Enable with --enable_features secrets')
  }
  for (const [index, check] of app.healthChecks.entries()) {
    checkHealth(mistakes, `/healthChecks(${index})`, check, portDefinitions.length)
  }
  if (app.healthChecks.length > 1) mistakes.add('/healthChecks', 'the embedded Marathon does one health check an app')
  for (const [index, [field = '', operator = '', value]] of app.constraints.entries()) {
    checkConstraint(mistakes, `/constraints(${index})`, { field, operator, value })
  }
  checkUnreachable(mistakes, '/unreachableStrategy', app.unreachableStrategy)
  if (labels['MARATHON_SINGLE_INSTANCE_APP'] === 'true') {
    if (app.instances > 1) mistakes.add('/instances', 'must be at most 1 with the label MARATHON_SINGLE_INSTANCE_APP')
    if (upgradeStrategy.minimumHealthCapacity !== 0 || upgradeStrategy.maximumOverCapacity !== 0) {
      mistakes.add('/upgradeStrategy', 'must be 0 and 0 with the label MARATHON_SINGLE_INSTANCE_APP')
    }
  }
  mistakes.check()
}

function checkHealth(mistakes: Mistakes, at: string, check: AppHealthCheck, ports: number): void {
  const { protocol, command, port, portIndex } = check
  if (protocol === 'HTTPS') mistakes.add(`${at}/protocol`, 'the embedded Marathon asks by HTTP: use MESOS_HTTPS')
  if ((protocol === 'COMMAND') !== (command !== undefined)) {
    mistakes.add(at, 'Health check commands must use COMMAND as protocol, and others have none')
  }
  if (protocol === 'COMMAND') return
  if (port !== undefined && portIndex !== undefined) mistakes.add(at, 'must have one of port and portIndex, not both')
  if (port === undefined && (portIndex ?? 0) >= ports) {
    mistakes.add(at, 'Health check port indices must address an element of the ports array or container port mappings.')
  }
}
