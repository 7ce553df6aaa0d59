import { expect, test } from '@jest/globals'
import { operatorActions } from '../src/operator-actions.ts'

test('invariant 9: an instance that stands by refuses each call of an operator, and says who leads', async () => {
  const actions = operatorActions(() => ({ operator: undefined, why: 'sidecar-2 leads' }))
  expect(Object.keys(actions)).toEqual(['release-brake', 'take-over', 'accept-jenkins', 'pause', 'resume', 'drain'])
  for (const { act } of Object.values(actions)) {
    expect(await act({})).toEqual({
      ok: false,
      kind: 'standby',
      words: 'This instance does not lead: sidecar-2 leads. Ask the one that does.',
    })
  }
})
