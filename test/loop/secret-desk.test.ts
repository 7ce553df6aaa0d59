import { describe, expect, test } from '@jest/globals'
import type { AgentId, AgentRecord } from '../../src/core/model.ts'
import { hashToken } from '../../src/loop/secret-desk.ts'
import { aRecord, NOW } from '../support/builders.ts'
import { aRig, argsOf, type RigOptions } from '../support/loop-rig.ts'

const TOKEN = 'tok-7f3a'
const id = 'mesos-linux-1' as AgentId
const GONE = { kind: 'gone' }

function rigWith(over: Partial<Omit<AgentRecord, 'agentId'>> = {}, options: RigOptions = {}) {
  const rig = aRig(options)
  const record = aRecord({
    state: 'starting',
    tokenHash: hashToken(TOKEN),
    tokenUsedAt: undefined,
    onlineAt: undefined,
    idleSince: undefined,
    ...over,
  })
  rig.world.put(record)
  rig.secrets.keep(id, 'the-secret')
  return rig
}

describe('a secret', () => {
  test('is given for its token, and only after the use of it is stored', async () => {
    const { secrets, store } = rigWith()
    expect(await secrets.redeem(id, TOKEN)).toEqual({ kind: 'secret', secret: 'the-secret' })
    expect(store.commits.flat()).toMatchObject([{ key: `agent/${id}`, value: { tokenUsedAt: NOW } }])
  })

  test('is given once, even to two that ask at the same time', async () => {
    const { secrets } = rigWith()
    const both = await Promise.all([secrets.redeem(id, TOKEN), secrets.redeem(id, TOKEN)])
    expect(both).toMatchObject([{ kind: 'secret' }, GONE])
    expect(await secrets.redeem(id, TOKEN)).toEqual({ kind: 'gone', why: 'the token was used before' })
    expect(secrets.wasRefused(id)).toBe(true)
  })

  test.each([
    ['a wrong token', id, 'wrong'],
    ['the hash of the token', id, hashToken(TOKEN)],
    ['an empty token', id, ''],
    ['an unknown agent', 'mesos-linux-9' as AgentId, TOKEN],
  ])('is not given for %s, and nobody’s launch fails of it', async (_what, agentId, token) => {
    const { secrets, store } = rigWith()
    expect(await secrets.redeem(agentId, token)).toEqual({ kind: 'gone', why: 'no such token' })
    expect([secrets.wasRefused(id), store.commits]).toEqual([false, []])
    expect(await secrets.redeem(id, TOKEN)).toMatchObject({ kind: 'secret' })
  })

  test('is given until the connect deadline, not later', async () => {
    const inTime = rigWith()
    inTime.clock.jump(300_000)
    expect(await inTime.secrets.redeem(id, TOKEN)).toMatchObject({ kind: 'secret' })
    const late = rigWith()
    late.clock.jump(300_001)
    expect(await late.secrets.redeem(id, TOKEN)).toEqual({ kind: 'gone', why: 'the token is too old' })
    expect(late.secrets.wasRefused(id)).toBe(true)
  })

  test.each([
    ['planned', true],
    ['starting', true],
    ['online', false],
    ['draining', false],
    ['stopping', false],
  ] as const)('of an agent that is %s: given %s', async (state, given) => {
    const { secrets } = rigWith({ state, launchedAt: state === 'planned' ? undefined : NOW })
    expect((await secrets.redeem(id, TOKEN)).kind).toBe(given ? 'secret' : 'gone')
  })

  test('is asked of Jenkins after a restart', async () => {
    const { secrets, calls } = rigWith()
    secrets.forget(id)
    expect(await secrets.redeem(id, TOKEN)).toEqual({ kind: 'secret', secret: 'the-agent-secret' })
    expect(argsOf(calls, 'agentSecret')).toEqual([[id, 'auto']])
  })

  test('is not given while its use cannot be stored', async () => {
    const { secrets, store } = rigWith()
    store.failure = new Error('disk full')
    await expect(secrets.redeem(id, TOKEN)).rejects.toThrow('disk full')
    store.failure = undefined
    expect(await secrets.redeem(id, TOKEN)).toMatchObject(GONE)
  })

  test.each([
    ['before, and its secret was never given: neither template nor host is to blame', -1, undefined, true],
    ['before, which may have died on its way to give the secret', -1, NOW - 1, true],
    ['before, and its secret was given by this process', -1, NOW, false],
    ['by this process', 0, undefined, false],
  ] as const)('whose agent was launched %s', (_what, createdMs, tokenUsedAt, blameless) => {
    const { secrets } = rigWith({ createdAt: NOW + createdMs, tokenUsedAt })
    expect(secrets.wasRefused(id)).toBe(blameless)
  })

  test('and its refusal are forgotten with the agent', async () => {
    const { secrets } = rigWith()
    await secrets.redeem(id, TOKEN)
    await secrets.redeem(id, TOKEN)
    secrets.forget(id)
    expect(secrets.wasRefused(id)).toBe(false)
  })
})

test('invariant 10: neither secret nor token is stored, logged or part of an error', async () => {
  const { secrets, store, text } = rigWith()
  await secrets.redeem(id, TOKEN)
  await secrets.redeem(id, TOKEN)
  store.failure = new Error('disk full')
  const broken = rigWith()
  broken.store.failure = store.failure
  const error: unknown = await broken.secrets.redeem(id, TOKEN).catch((thrown: unknown) => thrown)
  const told = [JSON.stringify(store.commits), text(), broken.text(), String(error), JSON.stringify(error)].join('\n')
  expect(told).not.toContain(TOKEN)
  expect(told).not.toContain('the-secret')
  expect(told).toContain(hashToken(TOKEN))
})
