import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import Fastify from 'fastify'
import { html } from '../../plugins/dashboard/html.ts'
import { renderPage } from '../../plugins/dashboard/page.ts'
import dashboard from '../../plugins/dashboard.ts'
import type { TemplateName } from '../../src/core/model.ts'
import type { View } from '../../src/loop/view-types.ts'
import { NOW } from '../support/builders.ts'
import { aHostView, anAgentView, anItemView, aTemplateView, aView } from '../support/views.ts'

const full = aView({
  queue: [
    anItemView(),
    anItemView({ itemId: '8', job: 'old', state: 'unserved', template: undefined, since: NOW - 7_200_000 }),
    anItemView({ itemId: '9', job: 'calm', state: 'not_demand', template: undefined, since: undefined }),
  ],
  templates: [
    aTemplateView({ failures: 2, paused: true, backedOffUntil: NOW + 20_000, givenCpus: 0.3, givenMemMib: 704 }),
  ],
  agents: [
    anAgentView({
      builds: ['app #1', 'lib #2'],
      usage: { cpuSeconds: 12.34, cpusLimit: 0.3, memRssBytes: 300 * 1024 * 1024, memLimitBytes: undefined },
    }),
    anAgentView({ agentId: 'mesos-linux-2', offlineBy: 'maintenance', idleSince: NOW - 600_000, reason: 'warm pool' }),
  ],
  hosts: [
    aHostView({ offeredCpus: 7.7, offeredMemMib: 8_000.4 }),
    aHostView({ hostname: 'host-2', avoidedUntil: NOW + 30_000 }),
  ],
  problems: ['job old waits: no template has labels that match it'],
  round: { number: 12, lastAt: NOW - 1_000, held: 'the brake holds 8 of 9 agents' },
})

/** The text that a person sees, without tags. */
function seen(page: string): string {
  return page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, ' ')
}

describe('the page', () => {
  test.each([
    'jenkins-mesos-sidecar',
    'http://jenkins.test/ (2.541.3), 1 nodes, 0 queued',
    'http://mesos.test:5050 (1.11.0), framework F1, no offers wanted, 0 held',
    'job old waits: no template has labels that match it',
    'Nothing is taken away: the brake holds 8 of 9 agents',
    'template linux serves it; no host has offered resources to role * yet',
    '35 s',
    '2 h',
    '2 launches failed, next try in 20 s; paused by an operator',
    'app #1, lib #2',
    '12.3 CPU s, 300 MiB',
    'online, taken offline: maintenance',
    '10 min',
    'warm pool',
    '7.7 CPU, 8000 MiB',
    '30 s',
    'Round 12, 1 s ago.',
  ])('says %j', (words) => {
    expect(seen(renderPage(full))).toContain(words)
  })

  test('counts what waits, not what does not', () => {
    expect(renderPage(full)).toContain('<title>jenkins-mesos-sidecar: 2 waiting, 2 agents</title>')
  })

  test.each([
    'Nothing waits in Jenkins.',
    'There is no template.',
    'There are no agents.',
    'No host runs an agent or offers anything now.',
  ])('with nothing to show says %j', (words) => {
    expect(seen(renderPage(aView()))).toContain(words)
  })

  test('has no list of problems where there are none', () => {
    expect(renderPage(aView())).not.toContain('Needs a look')
    expect(renderPage(full)).toContain('Needs a look')
  })

  test.each<[string, Partial<View>, string]>([
    [
      'Jenkins away',
      { jenkins: { ...aView().jenkins, reachable: false, error: 'Jenkins answers 503' } },
      'http://jenkins.test/: Jenkins answers 503',
    ],
    [
      'Jenkins not yet read',
      { jenkins: { ...aView().jenkins, reachable: false } },
      'http://jenkins.test/: not read yet',
    ],
    ['Mesos away', { mesos: { ...aView().mesos, subscribed: false, why: 'no master' } }, 'not subscribed: no master'],
    ['Mesos silent', { mesos: { ...aView().mesos, subscribed: false } }, 'not subscribed: no reason known'],
    ['offers wanted', { mesos: { ...aView().mesos, wantedRoles: ['*', 'ci'] } }, 'offers wanted for *, ci'],
    [
      'a store that is full',
      { health: { status: 'store', words: 'the state cannot be stored: ENOSPC', lastRoundAgeMs: 1 } },
      'the state cannot be stored: ENOSPC',
    ],
  ])('with %s says so', (_what, over, words) => {
    expect(seen(renderPage(aView(over)))).toContain(words)
  })

  test('shows 200 rows at most and says where the others are', () => {
    const queue = Array.from({ length: 250 }, (_, n) => anItemView({ itemId: String(n), job: `job-${n}` }))
    const page = renderPage(aView({ queue }))
    expect(page.match(/<td>job-\d+<\/td>/g)).toHaveLength(200)
    expect(seen(page)).toContain('50 more are in the state')
  })
})

describe('what others may write', () => {
  const HOSTILE = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`

  test('is text wherever it stands', () => {
    const page = renderPage(
      aView({
        health: { status: 'ok', words: HOSTILE, lastRoundAgeMs: 1 },
        jenkins: { ...aView().jenkins, url: HOSTILE, version: HOSTILE },
        mesos: { ...aView().mesos, master: HOSTILE, version: HOSTILE, frameworkId: HOSTILE, wantedRoles: [HOSTILE] },
        queue: [anItemView({ job: HOSTILE, label: HOSTILE, words: HOSTILE, template: HOSTILE as TemplateName })],
        templates: [aTemplateView({ template: HOSTILE, labels: [HOSTILE], words: HOSTILE })],
        agents: [
          anAgentView({ agentId: HOSTILE, hostname: HOSTILE, builds: [HOSTILE], reason: HOSTILE, offlineBy: HOSTILE }),
        ],
        hosts: [aHostView({ hostname: HOSTILE })],
        problems: [HOSTILE],
        round: { number: 1, lastAt: NOW, held: HOSTILE },
      }),
    )
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>/)
    expect(seen(page).split(HOSTILE).length).toBeGreaterThan(15)
  })

  test('never opens a tag or ends an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inside = html`${text}`.text
        expect(inside).not.toMatch(/[<>"']/)
        expect(inside.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))).toBe(text)
      }),
    )
  })

  test('is put in as it is only where it was made by html itself', () => {
    expect(html`<ul>${['a', '<b>'].map((one) => html`<li>${one}</li>`)}</ul>${undefined}${7}`.text).toBe(
      '<ul><li>a</li><li>&#60;b&#62;</li></ul>7',
    )
  })
})

test('is served with its style, and not for caches', async () => {
  const app = Fastify()
  await app.register(dashboard, { view: () => full })
  const page = await app.inject('/')
  expect([page.statusCode, page.headers['content-type'], page.headers['cache-control']]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-store',
  ])
  expect(page.body).toContain('href="style.css"')
  const style = await app.inject('/style.css')
  expect([style.statusCode, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
})
