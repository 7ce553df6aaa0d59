import { beforeEach, expect, test } from '@jest/globals'
import type { LeaderPort } from '../src/loop/ports.ts'
import { Program, type ProgramParts } from '../src/program.ts'
import type { Term } from '../src/term.ts'
import { aLog } from './support/log.ts'
import { settle, VirtualClock } from './support/virtual-clock.ts'

let clock: VirtualClock
let lead: (leading: boolean, why?: string) => void
/** What terms did, in order. */
let done: string[]
/** Why the next terms do not begin. */
let failure: string | undefined
/** Lets terms that are ending come to their end. */
let ends: (() => void)[]
let logged: () => string

beforeEach(() => {
  clock = new VirtualClock()
  done = []
  failure = undefined
  ends = []
})

function aTerm(number: number): Term {
  let isOver = false
  const term: Pick<Term, 'isOver' | 'start' | 'abort' | 'end' | 'drain'> = {
    get isOver() {
      return isOver
    },
    start: async () => {
      done.push(`${number} begins`)
      if (failure !== undefined) throw new Error(failure)
    },
    abort: () => {
      isOver = true
      done.push(`${number} is over`)
    },
    end: async () => {
      if (failure === undefined) {
        await new Promise<void>((resolve) => {
          ends.push(resolve)
        })
      }
      done.push(`${number} has ended`)
    },
    drain: async () => undefined,
  }
  return term as Term
}

function aProgram(start?: LeaderPort['start']): Program {
  const { log, text } = aLog()
  logged = text
  let terms = 0
  const closable = { close: async () => undefined }
  return new Program({
    newTerm: () => aTerm((terms += 1)),
    leader: {
      mayAct: () => true,
      standsBy: () => false,
      start:
        start ??
        ((onChange: Parameters<LeaderPort['start']>[0]) => {
          lead = (leading, why = 'because') => {
            onChange(leading, why)
          }
        }),
      stop: async () => undefined,
    },
    clock,
    log,
    store: closable,
    makeApp: async () => closable,
    history: { start: () => undefined, stop: () => undefined },
    secretApp: closable,
  } as unknown as ProgramParts)
}

test('a term for each leadership, the next one only when nothing of the last runs any more', async () => {
  const program = aProgram()
  await program.start()
  expect(program.term).toBeUndefined()
  lead(true)
  await settle()
  lead(false, 'the connection is lost')
  expect(program.term).toBeUndefined()
  lead(true)
  await settle()
  expect(done).toEqual(['1 begins', '1 is over'])
  ends[0]?.()
  await settle()
  expect(done).toEqual(['1 begins', '1 is over', '1 has ended', '2 begins'])
  expect(program.leadership.role).toBe('leader')
})

test('a leadership that is over before the last term has ended begins nothing', async () => {
  const program = aProgram()
  await program.start()
  lead(true)
  await settle()
  lead(false)
  lead(true)
  lead(false, 'another one leads')
  await settle()
  ends[0]?.()
  await settle()
  expect(done).not.toContain('2 begins')
  expect(program.leadership).toMatchObject({ role: 'standby', why: 'another one leads' })
})

test('a term that cannot begin is tried again while this instance leads, and told once', async () => {
  const program = aProgram()
  await program.start()
  failure = 'the state cannot be trusted'
  lead(true)
  await clock.advance(12_000)
  expect(done.filter((what) => what.endsWith('begins'))).toHaveLength(3)
  expect(program.failure).toBe('the state cannot be trusted')
  expect(logged().match(/nothing can be done/g)).toHaveLength(1)
  failure = undefined
  await clock.advance(5_000)
  expect(program.failure).toBeUndefined()
  expect(program.term).toBeDefined()
})

test('an instance that leads from the start and cannot begin does not start', async () => {
  failure = 'the state cannot be trusted'
  const program = aProgram((onChange) => {
    onChange(true, 'alone')
  })
  await expect(program.start()).rejects.toThrow('the state cannot be trusted')
  expect(clock.pending).toBe(0)
})
