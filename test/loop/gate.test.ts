import { describe, expect, test } from '@jest/globals'
import { MockAgent } from 'undici'
import { codeOf } from '../../src/core/code-of.ts'
import { GatedDispatcher } from '../../src/gated-dispatcher.ts'
import { type Gate, gatedJenkins, gatedMesos, gatedStore, NotLeadingError } from '../../src/loop/gate.ts'
import type { JenkinsPort, MesosEvent, MesosPort } from '../../src/loop/ports.ts'
import { aRig } from '../support/loop-rig.ts'
import { put } from '../support/records.ts'

function aGate(isOpen = true) {
  const closing = new AbortController()
  const state = { isOpen }
  const gate: Gate = { isOpen: () => state.isOpen && !closing.signal.aborted, closed: closing.signal }
  const close = (): void => {
    closing.abort(new NotLeadingError('it'))
  }
  return { gate, state, close }
}

/** Names of the methods, each called with arguments of its kind. */
const JENKINS: readonly [string, (jenkins: JenkinsPort) => Promise<unknown>][] = [
  ['createNode', (jenkins) => jenkins.createNode({ name: 'n' } as Parameters<JenkinsPort['createNode']>[0])],
  ['agentSecret', (jenkins) => jenkins.agentSecret('n', 'auto')],
  ['setOffline', (jenkins) => jenkins.setOffline('n', 'why')],
  ['setOnline', (jenkins) => jenkins.setOnline('n', 'marker')],
  ['deleteNode', (jenkins) => jenkins.deleteNode('n')],
]
const MESOS: readonly [string, (mesos: MesosPort) => Promise<unknown>][] = [
  ['accept', (mesos) => mesos.accept([], [], 1)],
  ['decline', (mesos) => mesos.decline([], 1)],
  ['kill', (mesos) => mesos.kill('a' as Parameters<MesosPort['kill']>[0], undefined)],
  ['acknowledge', (mesos) => mesos.acknowledge({} as Parameters<MesosPort['acknowledge']>[0])],
  ['reconcile', (mesos) => mesos.reconcile([])],
  ['teardown', (mesos) => mesos.teardown()],
]

describe('invariant 9: what changes something is not called while this instance may not act', () => {
  test.each(JENKINS)('Jenkins: %s', async (name, call) => {
    const { context, calls } = aRig()
    const { gate, state } = aGate(false)
    const jenkins = gatedJenkins(context.jenkins, gate)
    await expect(call(jenkins)).rejects.toMatchObject({ code: 'NOT_LEADING' })
    expect(calls).toEqual([])
    state.isOpen = true
    await call(jenkins)
    expect(calls.map((each) => each.name)).toEqual([name])
  })

  test.each(MESOS)('Mesos: %s', async (name, call) => {
    const { context, calls } = aRig()
    const { gate, state } = aGate(false)
    const mesos = gatedMesos(context.mesos, gate)
    await expect(call(mesos)).rejects.toMatchObject({ code: 'NOT_LEADING' })
    mesos.want(new Set(['*']))
    expect(calls).toEqual([])
    state.isOpen = true
    await call(mesos)
    expect(calls.map((each) => each.name)).toEqual([name])
  })

  test('the store: a commit', async () => {
    const { store } = aRig()
    const { gate } = aGate(false)
    await expect(gatedStore(store, gate).commit([put('a')])).rejects.toMatchObject({ code: 'NOT_LEADING' })
    expect(store.commits).toEqual([])
  })

  test('a request that was allowed when it was begun, and is sent later', async () => {
    const agent = new MockAgent()
    agent.disableNetConnect()
    agent.get('http://a.test').intercept({ path: '/look', method: 'GET' }).reply(200, 'seen')
    const { gate } = aGate(false)
    const dispatcher = new GatedDispatcher(agent, gate)
    const thrown: unknown = await dispatcher
      .request({ origin: 'http://a.test', path: '/do', method: 'POST' })
      .catch((error: unknown) => error)
    expect(codeOf(thrown)).toBe('NOT_LEADING')
    const { body } = await dispatcher.request({ origin: 'http://a.test', path: '/look', method: 'GET' })
    expect(await body.text()).toBe('seen')
    await dispatcher.close()
  })
})

test('looking is allowed to everybody, and ends with the leadership', async () => {
  let seen: AbortSignal | undefined
  const { context } = aRig({
    jenkins: {
      readNode: async (_name, signal) => {
        seen = signal
        return undefined
      },
    },
  })
  const { gate, close } = aGate(false)
  await gatedJenkins(context.jenkins, gate).readNode('n')
  expect(seen?.aborted).toBe(false)
  close()
  expect(seen?.aborted).toBe(true)
})

test('events are heard while the gate is closed for a moment, and not after the leadership', () => {
  let tell: (event: MesosEvent) => void = () => undefined
  const { context } = aRig({
    mesos: {
      start: (_frameworkId, onEvent) => {
        tell = onEvent
      },
    },
  })
  const { gate, close } = aGate(false)
  const heard: string[] = []
  gatedMesos(context.mesos, gate).start(undefined, ({ kind }) => heard.push(kind))
  tell({ kind: 'disconnected', why: 'x' })
  close()
  tell({ kind: 'failedOver', retryAt: undefined })
  expect(heard).toEqual(['disconnected'])
})
