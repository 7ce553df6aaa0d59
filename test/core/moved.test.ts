import { expect, test } from '@jest/globals'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import { type Addresses, addressNotes, type Standing, strandedAgents } from '../../src/core/moved.ts'
import { agentRecord } from '../support/records.ts'

const OLD = 'http://host-1:31001/'
const LOST: Standing = { kind: 'lost', why: 'nobody answers there' }

function addresses(standing: Standing): Addresses {
  return { inUse: 'http://host-2:31002/', others: new Map([[OLD, standing]]) }
}

function nodesOf(nodes: Readonly<Record<string, boolean>>): ReadonlyMap<string, JenkinsNode> {
  return new Map(Object.entries(nodes).map(([name, offline]) => [name, { name, offline } as JenkinsNode]))
}

test.each<[string, Standing, string | undefined, Readonly<Record<string, boolean>>, readonly string[]]>([
  ['Jenkins is there no more', LOST, OLD, { a: true }, ['a']],
  ['invariant 6: it is not known', { kind: 'unknown' }, OLD, { a: true }, []],
  ['Jenkins is there', { kind: 'here' }, OLD, { a: true }, []],
  ['invariant 6: a record of an older version', LOST, undefined, { a: true }, []],
  ['the address in use', LOST, 'http://host-2:31002/', { a: true }, []],
  ['invariant 6: another agent is connected by that address', LOST, OLD, { a: true, b: false }, []],
])('who is left behind: %s', (_name, standing, jenkinsUrl, nodes, expected) => {
  const records = Object.keys(nodes).map((name) => agentRecord(name, { jenkinsUrl }))
  expect([...strandedAgents(records, nodesOf(nodes), addresses(standing)).keys()]).toEqual(expected)
})

test('people are told once what becomes of agents, and nothing while it is not known or concerns nobody', () => {
  const records = [agentRecord('a', { jenkinsUrl: OLD })]
  expect(addressNotes(records, addresses({ kind: 'here' }))).toEqual([expect.stringContaining('answers at both')])
  expect(addressNotes(records, addresses(LOST))).toEqual([expect.stringContaining('JENKINS_AGENT_URL')])
  expect(addressNotes(records, addresses({ kind: 'unknown' }))).toEqual([])
  expect(addressNotes([agentRecord('b')], addresses(LOST))).toEqual([])
})
