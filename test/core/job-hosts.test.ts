import { expect, test } from '@jest/globals'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import { type JobHosts, jobOfItem, rememberJobs } from '../../src/core/job-hosts.ts'
import type { AgentId } from '../../src/core/model.ts'
import { anItem, aRecord, nodeOf } from '../support/builders.ts'

test.each([
  ['http://jenkins.test/job/app/', 'job/app/'],
  ['https://jenkins.test:8443/ci/job/team/job/app', 'job/team/job/app/'],
  ['http://jenkins.test/view/all/job/team/job/app/', 'job/team/job/app/'],
  ['http://jenkins.test/job/app/17/', 'job/app/'],
  ['http://jenkins.test/job/matrix/OS=linux/', 'job/matrix/'],
  ['', undefined],
  ['http://jenkins.test/queue/', undefined],
])('the job of an item at %s is %s', (jobUrl, job) => {
  expect(jobOfItem(anItem({ jobUrl }))).toBe(job)
})

/** Builds that run on hosts now, by path. */
function remember(before: JobHosts, running: Readonly<Record<string, readonly string[]>>): JobHosts {
  const agents = Object.entries(running).map(([host, urls], n) => {
    const record = aRecord({ agentId: `a-${n}` as AgentId, hostname: host })
    return { record, node: nodeOf(record, { running: urls.map((url) => ({ url, name: url })) }) }
  })
  const nodes = new Map<string, JenkinsNode>(agents.map(({ node }) => [node.name, node]))
  return rememberJobs(
    before,
    agents.map(({ record }) => record),
    nodes,
  )
}

test('the last three hosts of a job are remembered, the latest first', () => {
  let hosts: JobHosts = {}
  for (const host of ['h1', 'h2', 'h3', 'h4', 'h2']) hosts = remember(hosts, { [host]: ['job/a/1/', 'a step'] })
  expect(hosts).toEqual({ 'job/a/': ['h2', 'h4', 'h3'] })
})

test('builds of one job on several hosts change nothing as long as they run', () => {
  const running = Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5'].map((host) => [host, [`job/a/${host}/`]]))
  const first = remember({}, running)
  expect(remember(first, running)).toBe(first)
})

test('of 2,000 jobs and more those go that were added first', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => `job/j${n}/1/`)
  const full = remember({}, { h1: many })
  const after = remember(full, { h2: ['job/new/1/'] })
  expect(Object.keys(after)).toHaveLength(2_000)
  expect([after['job/j0/'], after['job/j1/'], after['job/new/']]).toEqual([undefined, ['h1'], ['h2']])
})
