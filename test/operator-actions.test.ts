import { expect, test } from '@jest/globals'
import type { ActionInput } from '../plugins/actions.ts'
import { operatorActions } from '../src/operator-actions.ts'

const BY_TERM = ['release-brake', 'take-over', 'accept-jenkins', 'pause', 'resume', 'drain', 'provision']
const INPUT: ActionInput = { template: 'linux', agentId: 'mesos-linux-1', agents: 1 }

test('invariant 9: an instance that stands by refuses each call of an operator, and says who leads', async () => {
  const actions = operatorActions(() => ({ operator: undefined, why: 'sidecar-2 leads' }))
  expect(Object.keys(actions)).toEqual(BY_TERM)
  for (const { act } of Object.values(actions)) {
    expect(await act(INPUT)).toEqual({
      ok: false,
      kind: 'standby',
      words: 'This instance does not lead: sidecar-2 leads. Ask the one that does.',
    })
  }
})

test('what concerns the process itself is answered by each instance, leading or not', async () => {
  const levels: string[] = []
  let done = 0
  const actions = operatorActions(
    () => ({ operator: undefined, why: 'sidecar-2 leads' }),
    {
      reload: async () => ({ ok: true, words: 'Nothing changed.' }),
      setLogLevel: (level) => {
        levels.push(level)
      },
    },
    () => {
      done += 1
    },
  )
  expect(Object.keys(actions)).toEqual([...BY_TERM, 'reload', 'log-level'])
  expect(await actions['reload']?.act({})).toEqual({ ok: true, words: 'Nothing changed.' })
  expect(await actions['log-level']?.act({ level: 'debug' })).toMatchObject({ ok: true })
  expect(levels).toEqual(['debug'])
  expect(done).toBe(2)
})
