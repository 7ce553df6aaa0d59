import { expect, test } from '@jest/globals'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Plan } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { anImageTemplate, anItem, anOffer, aTemplate, NOW } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'

const BIG = { cpus: 8_000, mem: 16_384_000 }
const hosts = (count: number) => Array.from({ length: count }, (_, index) => anOffer({ host: index + 1, free: BIG }))

const itemOf = (job: string, id: number, label: string): QueueItem =>
  anItem({
    id: String(id),
    job,
    jobUrl: `http://jenkins.test/job/${job}/`,
    why: `There are no nodes with the label ‘${label}’`,
    buildableSince: NOW - 10_000 + id,
  })

function planned(templates: readonly Template[], queue: readonly QueueItem[], home: Record<string, string>): Plan {
  const jobHosts = Object.fromEntries(Object.entries(home).map(([job, host]) => [`job/${job}/`, [host]]))
  const memory = { ...EMPTY_MEMORY, jobHosts }
  return plan(aQueueOf(queue, { templates, offers: hosts(6), memory }), NOW)
}

const whereOf = ({ explanation }: Plan) =>
  Object.fromEntries(explanation.items.map(({ job, hostname }) => [job, hostname]))

const launches = ({ actions }: Plan): readonly string[] =>
  actions.flatMap((action) => (action.kind === 'provision' ? [`${action.place.hostname}: ${action.reason}`] : []))

test('each job comes to its own workspace though labels take turns', () => {
  const template = aTemplate({ name: 'linux', labels: ['a', 'b'], affinity: true })
  const queue = [
    itemOf('a1', 1, 'a'),
    itemOf('a2', 2, 'a'),
    itemOf('a3', 3, 'a'),
    itemOf('b1', 4, 'b'),
    itemOf('b2', 5, 'b'),
  ]
  const home = { a1: 'host-1', a2: 'host-2', a3: 'host-3', b1: 'host-4', b2: 'host-5' }
  expect(whereOf(planned([template], queue, home))).toEqual(home)
})

test('agents with an image of a job follow that job, not others of their template', () => {
  const template = { ...anImageTemplate({ name: 'linux', labels: ['mesos'] }), affinity: true }
  const queue = [itemOf('plain', 1, 'mesos'), itemOf('maven', 2, 'mesos:maven:3'), itemOf('plain2', 3, 'mesos')]
  const home = { plain: 'host-3', maven: 'host-4', plain2: 'host-5' }
  const decided = planned([template], queue, home)
  const placed = decided.actions.flatMap((action) =>
    action.kind === 'provision' ? [[action.template.launch.container?.image, action.place.hostname]] : [],
  )
  expect(placed).toEqual(expect.arrayContaining([['maven:3', 'host-4']]))
  expect(whereOf(decided)).toEqual(home)
})

test('an agent of several executors looks where the oldest of its jobs was', () => {
  const template = aTemplate({ name: 'linux', labels: ['a'], affinity: true, executors: { min: 2, max: 2 } })
  const queue = [itemOf('a1', 1, 'a'), itemOf('a2', 2, 'a'), itemOf('a3', 3, 'a')]
  expect(launches(planned([template], queue, { a1: 'host-2', a2: 'host-4', a3: 'host-5' }))).toEqual([
    'host-2: a1 waits and 1 more',
    'host-5: a3 waits',
  ])
})

test('an agent of a warm pool takes no job’s place', () => {
  const template = aTemplate({ name: 'linux', labels: ['a'], affinity: true, minIdle: 2 })
  const decided = planned([template], [itemOf('a1', 1, 'a')], { a1: 'host-5' })
  expect(launches(decided)).toContain('host-5: a1 waits')
})
