import type { AgentView, HostView, TemplateView, View } from '../../src/loop/view-types.ts'
import { Html, html } from './html.ts'

const REFRESH_SECONDS = 5
/** A page of ten thousand rows helps nobody; the API has them all. */
const MOST_ROWS = 200

/** What it holds, and why: the longest list of all, cut. */
function brakeOf({ brake }: View): Html {
  if (brake === undefined) return html``
  return list([brake.words, ...brake.held.slice(0, MOST_ROWS).map(({ agentId, reason }) => `${agentId}: ${reason}`)])
}

/** The whole page as of now. */
export function renderPage(view: View): string {
  const { now, health, queue, agents, hosts, templates, problems, round } = view
  const waiting = queue.filter(({ state }) => state !== 'not_demand')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>jenkins-mesos-sidecar: ${waiting.length} waiting, ${agents.length} agents</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header><h1>jenkins-mesos-sidecar</h1><p class="${health.status === 'ok' || health.status === 'standby' ? 'good' : 'bad'}">${health.words}</p></header>
<main>
${summary(view)}
${section('The brake is on', brakeOf(view), view.brake !== undefined)}
${section('Needs a look', list([...problems, ...(round.held === undefined ? [] : [`Nothing is taken away: ${round.held}`])]), problems.length > 0 || round.held !== undefined)}
<h2>Queue</h2>
${table(
  ['Job', 'Waits', 'State', 'Template', 'Label', 'Why'],
  queue.map((item) => [item.job, ago(item.since, now), item.state, item.template, item.label, item.words]),
  'Nothing waits in Jenkins.',
)}
<h2>Templates</h2>
${table(
  ['Template', 'Labels', 'Demand', 'Executors', 'Given', 'Says'],
  templates.map((template) => templateRow(template, now)),
  'There is no template.',
)}
<h2>Agents</h2>
${table(
  ['Agent', 'Template', 'State', 'For', 'Host', 'Builds', 'Given', 'Uses', 'Idle', 'Why'],
  agents.map((agent) => agentRow(agent, now)),
  'There are no agents.',
)}
<h2>Hosts</h2>
${table(
  ['Host', 'Agents', 'Given', 'Offered now', 'Avoided'],
  hosts.map((host) => hostRow(host, now)),
  'No host runs an agent or offers anything now.',
)}
</main>
<footer>Round ${round.number}, ${ago(round.lastAt, now)} ago. <a href="api/v1/state">state</a> <a href="api/v1/explain">explain</a> <a href="metrics">metrics</a></footer>
</body>
</html>
`.text
}

function dryRunOf(words: string | undefined): Html {
  return words === undefined ? html`` : html`<dt>Dry run</dt><dd>${words} (<a href="api/v1/dry-run">more</a>)</dd>`
}

function summary({ jenkins, mesos, leadership, now, dryRun }: View): Html {
  const jenkinsWords = jenkins.reachable
    ? `${jenkins.url} (${jenkins.version ?? 'version not told'}), ${jenkins.nodes} nodes, ${jenkins.queued} queued`
    : `${jenkins.url}: ${jenkins.error ?? 'not read yet'}`
  const roles =
    mesos.wantedRoles.length === 0 ? 'no offers wanted' : `offers wanted for ${mesos.wantedRoles.join(', ')}`
  const mesosWords = mesos.subscribed
    ? `${mesos.master ?? ''} (${mesos.version ?? 'version not told'}), framework ${mesos.frameworkId ?? ''}, ${roles}, ${mesos.offersHeld} held`
    : `not subscribed: ${mesos.why ?? 'no reason known'}`
  const { role, why } = leadership
  const roleWords = `${role} for ${ago(leadership.since, now)}: ${why}`
  return html`<dl><dt>Jenkins</dt><dd>${jenkinsWords}</dd><dt>Mesos</dt><dd>${mesosWords}</dd><dt>Role</dt><dd>${roleWords}</dd>${dryRunOf(dryRun)}</dl>`
}

type Cell = string | number | undefined

function templateRow(template: TemplateView, now: number): readonly Cell[] {
  const { idleExecutors, busyExecutors, startingExecutors, failures, backedOffUntil } = template
  const launches = failures === 1 ? 'the last launch' : `${failures} launches`
  const backoff = failures === 0 ? '' : `; ${launches} failed, next try in ${ago(now, backedOffUntil ?? now)}`
  const paused = template.paused ? '; paused by an operator' : ''
  return [
    template.template,
    template.labels.join(' '),
    template.demand,
    `${busyExecutors} busy, ${idleExecutors} idle, ${startingExecutors} starting`,
    given(template.givenCpus, template.givenMemMib),
    template.words + backoff + paused,
  ]
}

function agentRow(agent: AgentView, now: number): readonly Cell[] {
  const { usage } = agent
  const rss = usage?.memRssBytes === undefined ? undefined : `${Math.round(usage.memRssBytes / 1024 / 1024)} MiB`
  const cpu = usage?.cpuSeconds === undefined ? undefined : `${usage.cpuSeconds.toFixed(1)} CPU s`
  return [
    agent.agentId,
    agent.template,
    agent.offlineBy === undefined ? agent.state : `${agent.state}, taken offline: ${agent.offlineBy}`,
    ago(agent.since, now),
    agent.hostname,
    agent.builds.join(', '),
    given(agent.cpus, agent.memMib),
    [cpu, rss].filter((part) => part !== undefined).join(', '),
    agent.idleSince === undefined ? '' : ago(agent.idleSince, now),
    agent.reason,
  ]
}

function hostRow(host: HostView, now: number): readonly Cell[] {
  return [
    host.hostname,
    host.agents,
    given(host.givenCpus, host.givenMemMib),
    given(host.offeredCpus, host.offeredMemMib),
    host.avoidedUntil === undefined ? '' : ago(now, host.avoidedUntil),
  ]
}

function given(cpus: number, memMib: number): string {
  return cpus === 0 && memMib === 0 ? '' : `${Math.round(cpus * 1000) / 1000} CPU, ${Math.round(memMib)} MiB`
}

/** `35 s`, `12 min`, `3 h`; nothing where nothing is known. */
function ago(since: number | undefined, now: number): string {
  if (since === undefined) return ''
  const seconds = Math.max(0, Math.round((now - since) / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

function section(title: string, content: Html, shown: boolean): Html {
  return shown ? html`<h2>${title}</h2>${content}` : new Html('')
}

function list(lines: readonly string[]): Html {
  return html`<ul class="bad">${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], empty: string): Html {
  if (rows.length === 0) return html`<p>${empty}</p>`
  const more =
    rows.length > MOST_ROWS
      ? html`<p>${rows.length - MOST_ROWS} more are in <a href="api/v1/state">the state</a>.</p>`
      : undefined
  const body = rows.slice(0, MOST_ROWS).map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)
  return html`<div class="wide"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>${more}`
}

export const STYLE = `:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
body { margin: 0 auto; max-width: 90rem; padding: 0 1rem 2rem }
header { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: baseline; border-bottom: 1px solid #8886 }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem }
.good { color: light-dark(#17692e, #6fd08c) } .bad { color: light-dark(#a3200d, #ff9a86); font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { font-weight: 600 } dd { margin: 0; overflow-wrap: anywhere }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8883 }
th { font-size: .85rem; white-space: nowrap } td:last-child { min-width: 16rem }
footer { margin-top: 2rem; font-size: .85rem; opacity: .8 }
`
