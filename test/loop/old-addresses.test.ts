import { expect, test } from '@jest/globals'
import { OldAddresses } from '../../src/loop/old-addresses.ts'
import type { WhoAnswers } from '../../src/loop/ports.ts'
import { agentRecord } from '../support/records.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const OLD = 'http://host-1:31001/'
const RECORDS = [agentRecord('a', { jenkinsUrl: OLD })]

function rig(answer: () => WhoAnswers) {
  const clock = new VirtualClock()
  const asked: string[] = []
  const addresses = new OldAddresses({
    asked: {
      whoAnswers: async (url) => {
        asked.push(url)
        return answer()
      },
    },
    clock,
    inUse: 'http://host-2:31002/',
  })
  const look = (records: typeof RECORDS, identity: string | undefined, offline = true): void => {
    addresses.look(records, [{ name: 'a', offline }], identity, new AbortController().signal)
  }
  /** Rounds, one a second. */
  const rounds = async (seconds: number, identity = 'me', offline = true): Promise<string | undefined> => {
    for (let second = 0; second < seconds; second++) {
      look(RECORDS, identity, offline)
      await settle()
      await clock.advance(1_000)
    }
    return addresses.now.others.get(OLD)?.kind
  }
  return { addresses, asked, clock, look, rounds }
}

test.each<[string, WhoAnswers, string | undefined, string]>([
  ['this Jenkins', { kind: 'jenkins', identity: 'me' }, 'me', 'here'],
  ['another one', { kind: 'jenkins', identity: 'other' }, 'me', 'lost'],
  ['invariant 6: one, and ours does not tell who it is', { kind: 'jenkins', identity: 'other' }, undefined, 'unknown'],
  ['invariant 6: somebody who does not tell', { kind: 'unclear' }, 'me', 'unknown'],
  ['invariant 6: nobody, for a short while', { kind: 'silent' }, 'me', 'unknown'],
])('who answers at the old address: %s', async (_name, answer, identity, expected) => {
  const { addresses, look } = rig(() => answer)
  look(RECORDS, identity)
  await settle()
  expect(addresses.now.others.get(OLD)?.kind).toBe(expected)
})

test('silence is certain after a minute, and one answer in between begins it anew; it is asked seldom', async () => {
  let answer: WhoAnswers = { kind: 'silent' }
  const { asked, rounds } = rig(() => answer)
  expect(await rounds(40)).toBe('unknown')
  answer = { kind: 'unclear' }
  expect(await rounds(15)).toBe('unknown')
  answer = { kind: 'silent' }
  expect(await rounds(55)).toBe('unknown')
  expect(await rounds(30)).toBe('lost')
  expect(asked.length).toBeLessThan(12)
  answer = { kind: 'jenkins', identity: 'me' }
  expect(await rounds(61)).toBe('here')
})

test('of an address that no agent was told nothing is asked or kept', async () => {
  const { addresses, asked, look } = rig(() => ({ kind: 'silent' }))
  look([agentRecord('b'), agentRecord('c', { jenkinsUrl: 'http://host-2:31002/' })], 'me')
  await settle()
  expect([asked, addresses.now.others.size]).toEqual([[], 0])
})

test('invariant 6: while an agent is connected by it silence counts for nothing, and begins anew when Jenkins restarts', async () => {
  const { rounds } = rig(() => ({ kind: 'silent' }))
  expect(await rounds(300, 'me', false)).toBe('unknown')
  expect(await rounds(50)).toBe('unknown')
  expect(await rounds(30)).toBe('lost')
  expect(await rounds(1, 'me', false)).toBe('unknown')
})

test('a clock that is set back or forward changes nothing of it', async () => {
  const { clock, rounds } = rig(() => ({ kind: 'silent' }))
  await rounds(20)
  clock.jump(-3_600_000)
  expect(await rounds(30)).toBe('unknown')
  expect(await rounds(40)).toBe('lost')
})

test('invariant 6: a look that fails, or that nobody ends, is no silence', async () => {
  const { rounds } = rig(() => {
    throw new Error('a mistake of ours')
  })
  expect(await rounds(200)).toBe('unknown')
})
