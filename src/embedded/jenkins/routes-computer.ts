import type { HttpResponse } from '../http.ts'
import { computerBean, computerSet } from './beans-farm.ts'
import type { Computer } from './computer.ts'
import type { Exchange } from './exchange.ts'
import { escapeXml } from './jobs.ts'
import { badName, changeNode, nodeFromForm, nodeXml } from './node-config.ts'
import { empty, page, redirect, text } from './pages.ts'

/** `/computer/…`: the nodes. */
export function computerRoutes(exchange: Exchange): HttpResponse {
  const [, name, ...rest] = exchange.parts
  if (name === undefined) {
    return page(exchange.identity, 200, 'Nodes', '<h1>Nodes</h1>', exchange.cookie())
  }
  if (name === 'api' && rest[0] === 'json') return exchange.api(computerSet(exchange.scene))
  if (name === 'doCreateItem') return createNode(exchange)
  const computer = exchange.controller.farm.computer(name)
  if (computer === undefined) return exchange.notFound()
  return oneComputer(exchange, computer, rest.join('/'))
}

function createNode(exchange: Exchange): HttpResponse {
  if (!exchange.isPost) return exchange.notFound()
  const { controller } = exchange
  const refused = exchange.refused('Agent/Create')
  if (refused !== undefined) return refused
  const name = (exchange.field('name') ?? '').trim()
  const bad = badName(name)
  if (bad !== undefined) return exchange.formError(bad)
  if (controller.farm.nodes.has(name)) return exchange.formError(exchange.scene.say.nodeExists(name))
  try {
    const node = nodeFromForm(name, exchange.field('type'), exchange.field('json'), controller.old)
    controller.farm.add(node, controller.clock.now())
  } catch (thrown) {
    return exchange.oops(thrown)
  }
  controller.changed()
  return redirect(exchange.local('/computer/'))
}

function oneComputer(exchange: Exchange, computer: Computer, action: string): HttpResponse {
  const { controller } = exchange
  const { node, builtIn } = computer
  const back = (): HttpResponse =>
    redirect(exchange.local(`/computer/${builtIn ? '(built-in)' : encodeURIComponent(node.name)}/`))
  switch (action) {
    case '':
      return page(exchange.identity, 200, computer.displayName, '<h1>Agent</h1>', exchange.cookie())
    case 'api/json':
      return exchange.api(computerBean(exchange.scene, computer))
    case 'doDelete': {
      const refused = postWith(exchange, 'Agent/Delete')
      if (refused !== undefined) return refused
      if (builtIn) return exchange.notFound()
      controller.deleteNode(node.name)
      return redirect(exchange.local('/computer/'))
    }
    case 'toggleOffline': {
      const refused = postWith(exchange, 'Agent/Disconnect')
      if (refused !== undefined) return refused
      node.temporarilyOffline = node.temporarilyOffline === null ? offlineBy(exchange) : null
      controller.changed()
      return back()
    }
    case 'changeOfflineCause': {
      const refused = postWith(exchange, 'Agent/Disconnect')
      if (refused !== undefined) return refused
      if (node.temporarilyOffline !== null) node.temporarilyOffline = offlineBy(exchange)
      controller.changed()
      return back()
    }
    case 'doDisconnect': {
      if (!exchange.isPost) return exchange.postOnly()
      // The right is asked for only where there is something to disconnect.
      const refused = computer.connected && !builtIn ? exchange.refused('Agent/Disconnect') : undefined
      if (refused !== undefined) return refused
      controller.disconnect(node.name)
      return back()
    }
    case 'config.xml':
      return builtIn ? exchange.notFound() : nodeConfig(exchange, computer)
    case 'slave-agent.jnlp':
      return jnlp(exchange, computer)
    case 'jenkins-agent.jnlp':
      return controller.old ? exchange.notFound() : jnlp(exchange, computer)
    default:
      return exchange.notFound()
  }
}

function postWith(exchange: Exchange, permission: 'Agent/Delete' | 'Agent/Disconnect'): HttpResponse | undefined {
  return exchange.isPost ? exchange.refused(permission) : exchange.postOnly()
}

function offlineBy(exchange: Exchange): { by: string; message: string; at: number } {
  const message = exchange.field('offlineMessage') ?? ''
  return { by: exchange.caller.name, message, at: exchange.controller.clock.now() }
}

function nodeConfig(exchange: Exchange, { node }: Computer): HttpResponse {
  const refused = exchange.refused(exchange.isPost ? 'Agent/Configure' : 'Agent/ExtendedRead')
  if (refused !== undefined) return refused
  if (!exchange.isPost) return text(nodeXml(node), 'application/xml')
  try {
    changeNode(node, exchange.request.body.toString())
  } catch (thrown) {
    return exchange.oops(thrown)
  }
  exchange.controller.farm.refresh(node.name, exchange.controller.clock.now())
  exchange.controller.changed()
  return empty(200)
}

/** Names neither version nor session. Read once a node: it costs a warning in the controller's log. */
function jnlp(exchange: Exchange, { node }: Computer): HttpResponse {
  if (!node.inbound) return exchange.notFound()
  const refused = exchange.refused('Agent/Connect')
  if (refused !== undefined) return refused
  const { controller } = exchange
  const workDir = node.remoteFs === null ? [] : ['-workDir', node.remoteFs, '-internalDir', 'remoting']
  const words = [
    controller.agents.secretOf(node.name),
    node.name,
    ...(node.webSocket && !controller.old ? ['-webSocket'] : []),
    ...(controller.old || node.workDirDisabled || node.remoteFs === '' ? [] : workDir),
    '-url',
    controller.url,
  ]
  const listed = words.map((word) => `<argument>${escapeXml(word)}</argument>`).join('')
  return text(`<jnlp><application-desc>${listed}</application-desc></jnlp>`, 'application/x-java-jnlp-file')
}
