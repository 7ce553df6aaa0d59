import { describe, expect, test } from '@jest/globals'
import type { JenkinsReading } from '../../src/core/jenkins-reading.ts'
import { Observer } from '../../src/loop/observe.ts'
import { aReading, NOW } from '../support/builders.ts'
import { aRig, argsOf, type RigOptions } from '../support/loop-rig.ts'

function anObserver(options: RigOptions = {}) {
  const answers: { error: Error | undefined; session: string; takesMs: number } = {
    error: undefined,
    session: 's1',
    takesMs: 0,
  }
  const reads: number[] = []
  const rig = aRig({
    ...options,
    jenkins: {
      read: async (): Promise<JenkinsReading> => {
        const readAt = rig.clock.now()
        reads.push(readAt - NOW)
        rig.clock.jump(answers.takesMs)
        if (answers.error !== undefined) throw answers.error
        return aReading({ readAt, session: answers.session })
      },
    },
  })
  const observer = new Observer(rig.context)
  const observe = async (forOffers = false, signal = new AbortController().signal) =>
    observer.snapshot(await observer.read(forOffers, signal))
  return { ...rig, answers, reads, observe, observer }
}

describe('which Jenkins it is', () => {
  const counted = () => {
    const rig = anObserver()
    const identity = { asked: 0, answer: 'a' as string | undefined, error: undefined as Error | undefined }
    Object.assign(rig.context.jenkins, {
      identity: async () => {
        identity.asked += 1
        if (identity.error !== undefined) throw identity.error
        return identity.answer
      },
    })
    return { ...rig, identity }
  }

  test('is asked at the begin, after each start of it, and after each time that it was away', async () => {
    const { observe, answers, identity, clock, world } = counted()
    const asked: number[] = []
    const look = async (): Promise<void> => {
      clock.jump(60_000)
      await observe()
      asked.push(identity.asked)
    }
    await look()
    await look()
    answers.session = 's2'
    await look()
    answers.error = AWAY
    await look()
    answers.error = undefined
    await look()
    expect(asked).toEqual([1, 1, 2, 2, 3])
    expect(world.jenkinsRecord).toEqual({ identity: 'a', url: 'http://jenkins.test/' })
  })

  test('invariant 6: while it cannot be told nothing is read', async () => {
    const { observe, identity, clock } = counted()
    identity.error = AWAY
    expect((await observe()).jenkins).toBeUndefined()
    clock.jump(60_000)
    identity.error = undefined
    expect((await observe()).jenkins).toBeDefined()
  })

  test('invariant 6: another one is as if it were not seen, and the right one is known again', async () => {
    const { observe, answers, identity, clock, text } = counted()
    await observe()
    for (const [session, answer] of [
      ['s2', 'b'],
      ['s2', 'b'],
      ['s3', 'a'],
    ] as const) {
      clock.jump(60_000)
      Object.assign(answers, { session })
      Object.assign(identity, { answer })
      const snapshot = await observe()
      expect([snapshot.jenkins === undefined, snapshot.otherJenkins === undefined]).toEqual([
        answer === 'b',
        answer === 'a',
      ])
    }
    expect(text().split('is another controller')).toHaveLength(2)
    expect(text()).toContain('again the one')
  })
})

const AWAY = Object.assign(new Error('Jenkins answers 503'), { code: 'JENKINS_UNAVAILABLE' })

describe('a reading of Jenkins', () => {
  test.each([
    [499, true, false],
    [500, true, true],
    [100, false, true],
  ])('that is %i ms old, for offers %s, is read anew: %s', async (age, forOffers, anew) => {
    const { observe, reads, clock } = anObserver()
    await observe()
    clock.jump(age)
    const snapshot = await observe(forOffers)
    expect([reads.length, snapshot.fresh, snapshot.jenkins?.readAt]).toEqual(
      anew ? [2, true, NOW + age] : [1, false, NOW],
    )
  })

  test('is never reused after a failure', async () => {
    const { observe, answers, reads, clock } = anObserver()
    await observe()
    answers.error = AWAY
    clock.jump(10)
    await observe()
    clock.jump(10)
    const snapshot = await observe(true)
    expect([reads, snapshot.jenkins, snapshot.fresh]).toEqual([[0, 10], undefined, false])
  })

  test('that fails is told once, by its code, until the words change', async () => {
    const { observe, answers, clock, reports, lines } = anObserver()
    answers.error = AWAY
    for (const words of ['Jenkins answers 503', 'Jenkins answers 503', 'Jenkins answers 502']) {
      answers.error = Object.assign(new Error(words), { code: 'JENKINS_UNAVAILABLE' })
      await observe()
      clock.jump(60_000)
    }
    answers.error = undefined
    await observe()
    expect(argsOf(reports, 'jenkinsError')).toEqual([
      ['JENKINS_UNAVAILABLE'],
      ['JENKINS_UNAVAILABLE'],
      ['JENKINS_UNAVAILABLE'],
    ])
    expect(lines).toMatchObject([
      { message: 'Jenkins cannot be read', fields: { why: 'Jenkins answers 503' } },
      { message: 'Jenkins cannot be read', fields: { why: 'Jenkins answers 502' } },
      { message: 'Jenkins can be read again' },
    ])
  })

  test('that fails without a code counts as unknown', async () => {
    const { observe, answers, reports } = anObserver()
    answers.error = new Error('odd')
    await observe()
    expect(argsOf(reports, 'jenkinsError')).toEqual([['UNKNOWN']])
  })

  test.each([
    [0, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]],
    [0.999999, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
  ])('that fails is tried again after twice as long, 30 s at most, with chance %d', async (fraction, pauses) => {
    const { observe, answers, reads, clock } = anObserver({ fraction })
    answers.error = AWAY
    await observe()
    for (const pause of pauses) {
      const before = reads.length
      clock.jump(pause - 10)
      await observe()
      expect(reads).toHaveLength(before)
      clock.jump(10)
      await observe()
      expect(reads).toHaveLength(before + 1)
    }
  })

  test('that works again begins with the short pause at the next failure', async () => {
    const { observe, answers, reads, clock } = anObserver()
    answers.error = AWAY
    for (const ms of [0, 500, 1_000, 2_000]) {
      clock.jump(ms)
      await observe()
    }
    answers.error = undefined
    clock.jump(4_000)
    expect((await observe()).fresh).toBe(true)
    answers.error = AWAY
    await observe()
    clock.jump(500)
    await observe()
    expect(reads).toHaveLength(7)
  })

  test('is tried although the clock was set back', async () => {
    const { observe, answers, reads, clock } = anObserver()
    answers.error = AWAY
    await observe()
    clock.jump(-3_600_000)
    answers.error = undefined
    expect((await observe()).fresh).toBe(true)
    expect(reads).toHaveLength(2)
  })

  test('tells how long it took, and that Jenkins was restarted', async () => {
    const { observe, answers, reports, world, lines } = anObserver()
    answers.takesMs = 250
    await observe()
    answers.session = 's2'
    await observe()
    await observe()
    expect(argsOf(reports, 'jenkinsRequest')).toEqual([[0.25], [0.25], [0.25]])
    expect(world.jenkins.readMs).toBe(250)
    expect(lines).toMatchObject([{ message: 'Jenkins was restarted', fields: { session: 's2' } }])
  })

  test('that a stop cuts short is no failure of Jenkins', async () => {
    const { observe, answers, reports, world } = anObserver()
    answers.error = new Error('aborted')
    await expect(observe(false, AbortSignal.abort())).rejects.toThrow('aborted')
    expect([argsOf(reports, 'jenkinsError'), world.jenkins.error]).toEqual([[], undefined])
  })
})

test('a snapshot stands still while the world goes on', async () => {
  const { observe, world } = anObserver()
  const snapshot = await observe()
  world.busy.add('a' as never)
  world.ready.add('b' as never)
  expect([snapshot.busy.size, snapshot.ready.size]).toEqual([0, 0])
})

test('one who stands back counts as not subscribed', async () => {
  const { observe, world } = anObserver()
  world.mesos = { ...world.mesos, subscribed: true, standingBack: 'another took over' }
  expect((await observe()).mesos.subscribed).toBe(false)
})
