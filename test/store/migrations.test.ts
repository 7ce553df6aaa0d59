import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { FORMAT, isKnown, migrate } from '../../src/store/migrations.ts'
import { unseal } from '../../src/store/sealed.ts'
import { put } from '../support/records.ts'

/** A line as a version of that format has written it. */
function lineOf(format: number, changes: readonly object[]): string {
  const body = JSON.stringify({ format, seq: 1, changes }).slice(1)
  return `{"sum":"${createHash('sha256').update(body).digest('hex').slice(0, 16)}",${body}`
}

test('there is a step from every format since the first', () => {
  for (let format = 1; format <= FORMAT; format++) expect(isKnown(format)).toBe(true)
  expect([0, FORMAT + 1].map(isKnown)).toEqual([false, false])
})

describe('from format 1 to 2', () => {
  test('a record of format 1 stays as it is: 2 has only more fields, none of which must be there', () => {
    const change = JSON.parse(JSON.stringify(put('a', { buildsSeen: 3 }))) as ReturnType<typeof put>
    expect(migrate({ key: change.key, value: change.value }, 1)).toEqual({ key: change.key, value: change.value })
    const { changes } = unseal(lineOf(1, [change]), { file: 'log.jsonl', line: 1 })
    expect(changes).toStrictEqual([put('a', { buildsSeen: 3 })])
  })

  test('a delete stays a delete', () => {
    const { changes } = unseal(lineOf(1, [{ key: 'agent/a', value: null }]), { file: 'log.jsonl', line: 1 })
    expect(changes).toEqual([{ key: 'agent/a', value: undefined }])
  })
})

test('a newer format is refused, and so is content of an old one that is not whole', () => {
  const place = { znode: '/sidecar/records/agent/a' }
  expect(() => unseal(lineOf(FORMAT + 1, []), place)).toThrow(
    `znode /sidecar/records/agent/a: format ${FORMAT + 1}, this version knows ${FORMAT}. ` +
      'Start the version of the sidecar that wrote it, or a newer one.',
  )
  expect(() => unseal(lineOf(1, [{ key: 'agent/a', value: { agentId: 'a' } }]), place)).toThrow(/agent\/a: /)
})
