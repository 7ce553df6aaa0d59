import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type QueueReason, readReason } from '../../src/core/queue-reason.ts'

const NO_LABEL: QueueReason = { kind: 'noLabel', offlineNodes: [] }

function label(expression: string): QueueReason {
  return { kind: 'label', expression }
}

interface Recorded {
  readonly acceptLanguage: string
  readonly why: string
}

const file = new URL('../fixtures/jenkins/why-strings.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[]

/** Every English sentence that was recorded, with what it means. */
const ENGLISH: Readonly<Record<string, QueueReason>> = {
  'All nodes of label ‘mesos’ are offline': label('mesos'),
  'Build #1 is already in progress (ETA: N/A)': { kind: 'blocked' },
  'Build #2 is already in progress (ETA: 4.9 sec)': { kind: 'blocked' },
  'In the quiet period. Expires in 29 sec': { kind: 'quietPeriod' },
  'Jenkins is about to shut down': { kind: 'shuttingDown' },
  'There are no nodes with the label ‘agent-1’': label('agent-1'),
  'There are no nodes with the label ‘bad label expr(’': label('bad label expr('),
  'There are no nodes with the label ‘mesos&&linux’': label('mesos&&linux'),
  'There are no nodes with the label ‘mesos||gpu’': label('mesos||gpu'),
  'There are no nodes with the label ‘mesos’': label('mesos'),
  'There are no nodes with the label ‘my label’': label('my label'),
  'There are no nodes with the label ‘nowhere’': label('nowhere'),
  'Waiting for next available executor': NO_LABEL,
  'Waiting for next available executor on ‘agent-1’': { kind: 'nodeOrLabel', name: 'agent-1' },
  'Waiting for next available executor on ‘mesos’': { kind: 'nodeOrLabel', name: 'mesos' },
  'Waiting for next available executor on ‘ws-1’': { kind: 'nodeOrLabel', name: 'ws-1' },
  '‘agent-1’ is offline': { kind: 'nodeOffline', node: 'agent-1' },
  '‘agent-1’ is reserved for jobs with matching label expression': { kind: 'reservedOnly' },
  '‘a’ is offline': { kind: 'nodeOffline', node: 'a' },
  '‘m-1’ is offline': { kind: 'nodeOffline', node: 'm-1' },
  '‘ws-1’ is offline': { kind: 'nodeOffline', node: 'ws-1' },
}

describe('a recorded sentence', () => {
  test.each(recorded.map(({ acceptLanguage, why }) => [acceptLanguage || 'no language', why]))(
    '(%s) %s is understood if it is English, and said not to be otherwise',
    (_language, why) => {
      expect(readReason(why)).toEqual(ENGLISH[why] ?? { kind: 'notUnderstood', text: why })
    },
  )

  test('in English is in the table, every one', () => {
    const english = recorded.filter(({ acceptLanguage }) => acceptLanguage === '' || acceptLanguage.startsWith('en'))
    expect(new Set(english.map(({ why }) => why))).toEqual(new Set(Object.keys(ENGLISH)))
  })
})

describe('a documented sentence', () => {
  test.each<[string, QueueReason]>([
    ['anchor-docker is offline', { kind: 'nodeOffline', node: 'anchor-docker' }],
    ["All nodes of label 'solaris' are offline", label('solaris')],
    ['All nodes of label solaris are offline', label('solaris')],
    ['All nodes of label ‘linux&&(gpu||!arm)’ are offline', label('linux&&(gpu||!arm)')],
    ['There are no nodes with the label ‘"my label"&&x’', label('"my label"&&x')],
    ['Waiting for next available executor on ‘Built-In Node’', { kind: 'nodeOrLabel', name: 'Built-In Node' }],
    ['Waiting for next available executor on master', { kind: 'nodeOrLabel', name: 'master' }],
    ['Waiting for next available executor on !linux', { kind: 'nodeOrLabel', name: '!linux' }],
    ['Built-In Node is offline', { kind: 'nodeOffline', node: 'Built-In Node' }],
    ['master is reserved for jobs tied to it', { kind: 'reservedOnly' }],
    ['a is reserved to jobs with matching label expression', { kind: 'reservedOnly' }],
    ['‘Jenkins’ is reserved for jobs with matching label expression', { kind: 'reservedOnly' }],
    ['‘A’ doesn’t have label ‘X’', label('X')],
    ['A doesn’t have label X', label('X')],
    ["A doesn't have label a&&b", label('a&&b')],
    ['Hudson is about to shut down', { kind: 'shuttingDown' }],
    ['Executor slot already in use', { kind: 'slotInUse' }],
    ['agent-1 has been removed from configuration', { kind: 'slotInUse' }],
    ['A build is already in progress', { kind: 'blocked' }],
    ['Build #12 is already in progress', { kind: 'blocked' }],
    ['Upstream project app is already building.', { kind: 'blocked' }],
    ['Downstream project app is already building.', { kind: 'blocked' }],
    ['Blocked by app; next', { kind: 'blocked' }],
    ['Finished waiting', { kind: 'quietPeriod' }],
    ['???', { kind: 'quietPeriod' }],
    [
      '‘A’ is not accepting tasks',
      { kind: 'veto', reasons: ['‘A’ is not accepting tasks'], label: undefined, labelless: false },
    ],
    [
      '‘SYSTEM’ lacks permission to run on ‘A’',
      { kind: 'veto', reasons: ['‘SYSTEM’ lacks permission to run on ‘A’'], label: undefined, labelless: false },
    ],
    ['Already running 1 builds on node', { kind: 'notUnderstood', text: 'Already running 1 builds on node' }],
    ['no room; no money', { kind: 'notUnderstood', text: 'no room; no money' }],
    ['', { kind: 'notUnderstood', text: '' }],
  ])('%s', (why, reason) => {
    expect(readReason(why)).toEqual(reason)
  })

  test('is not there for an item that left the queue', () => {
    expect(readReason(undefined)).toEqual({ kind: 'gone' })
  })
})

describe('several answers joined', () => {
  test.each<[string, QueueReason]>([
    ['‘A’ doesn’t have label ‘X’; ‘B’ doesn’t have label ‘X’', label('X')],
    ['A doesn’t have label x y; B doesn’t have label x y', label('x y')],
    ['‘A’ doesn’t have label ‘X’; ‘B’ is offline; ‘C’ is offline', label('X')],
    ['Executor slot already in use; ‘A’ doesn’t have label ‘X’', label('X')],
    ['‘A’ doesn’t have label ‘a; b’; ‘B’ doesn’t have label ‘a; b’', label('a; b')],
    ['‘A’ doesn’t have label ‘it’s; ok’; ‘B’ is offline', label('it’s; ok')],
    ['‘A’ doesn’t have label ‘X’; ... and 3 more', label('X')],
    ['‘A’ is reserved for jobs with matching label expression; ‘anchor-a’ is offline', { kind: 'reservedOnly' }],
    ['A is reserved for jobs tied to it; B is reserved for jobs tied to it', { kind: 'reservedOnly' }],
    ['‘A’ is reserved for jobs with matching label expression; ... and 2 more', { kind: 'reservedOnly' }],
    ['Executor slot already in use; ‘anchor-a’ is offline', { kind: 'slotInUse' }],
    ['‘anchor-a’ is offline; ‘anchor-b’ is offline', { kind: 'noLabel', offlineNodes: ['anchor-a', 'anchor-b'] }],
    [
      '‘A’ is offline; ‘B’ is offline; ... and 1 more',
      { kind: 'veto', reasons: ['‘A’ is offline', '‘B’ is offline'], label: undefined, labelless: false },
    ],
    [
      'Held by an operator; ‘A’ doesn’t have label ‘X’',
      { kind: 'veto', reasons: ['Held by an operator', '‘A’ doesn’t have label ‘X’'], label: 'X', labelless: false },
    ],
    [
      '‘A’ doesn’t have label ‘X’; 満員 ‘R’; ‘B’ doesn’t have label ‘X’',
      {
        kind: 'veto',
        reasons: ['‘A’ doesn’t have label ‘X’', '満員 ‘R’', '‘B’ doesn’t have label ‘X’'],
        label: 'X',
        labelless: false,
      },
    ],
    [
      'Held; ‘A’ is reserved for jobs with matching label expression',
      {
        kind: 'veto',
        reasons: ['Held', '‘A’ is reserved for jobs with matching label expression'],
        label: undefined,
        labelless: true,
      },
    ],
    [
      '‘A’ is not accepting tasks; ‘B’ doesn’t have label ‘X’; ... and 12 more',
      {
        kind: 'veto',
        reasons: ['‘A’ is not accepting tasks', '‘B’ doesn’t have label ‘X’'],
        label: 'X',
        labelless: false,
      },
    ],
  ])('%s', (why, reason) => {
    expect(readReason(why)).toEqual(reason)
  })
})

describe('any label text is read back', () => {
  const pieces = fc.constantFrom(
    ...['a', 'b', '&&', '||', '!', '(', ')', '->', '-', '"', ' '],
    '; ',
    '’',
    '‘',
    "'",
    ' are offline',
    '’ are offline',
    ' is offline',
    '\n',
  )
  const texts = fc.oneof(
    fc.array(pieces).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  /** Without quotes around it in the sentence, a text that stands in quotes itself cannot be told from one that does not. */
  const bare = texts.filter((text) => !/^'.*'$|^‘.*’$/s.test(text))
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/)

  test.each(['There are no nodes with the label ', 'All nodes of label '])('from %s…', (start) => {
    const end = start.startsWith('All') ? ' are offline' : ''
    fc.assert(
      fc.property(texts, (text) => {
        expect(readReason(`${start}‘${text}’${end}`)).toEqual(label(text))
        expect(readReason(`${start}'${text}'${end}`)).toEqual(label(text))
      }),
    )
    fc.assert(
      fc.property(bare, (text) => {
        expect(readReason(`${start}${text}${end}`)).toEqual(label(text))
      }),
    )
  })

  test('from waiting on …', () => {
    fc.assert(
      fc.property(texts, (name) => {
        expect(readReason(`Waiting for next available executor on ‘${name}’`)).toEqual({ kind: 'nodeOrLabel', name })
      }),
    )
  })

  test('from doesn’t have label …, if no quote and semicolon in it could end it', () => {
    const free = texts.filter((text) => !/[’'];/.test(text))
    fc.assert(
      fc.property(name, free, (node, text) => {
        expect(readReason(`‘${node}’ doesn’t have label ‘${text}’`)).toEqual(label(text))
        expect(readReason(`‘${node}’ doesn’t have label ‘${text}’; ‘zz’ is offline`)).toEqual(label(text))
        expect(readReason(`‘${node}’ doesn’t have label ‘${text}’; ‘zz’ doesn’t have label ‘${text}’`)).toEqual(
          label(text),
        )
        expect(readReason(`No; ‘${node}’ doesn’t have label ‘${text}’; ... and 4 more`)).toMatchObject({ label: text })
      }),
    )
  })

  test('from doesn’t have label … without quotes, if it has no semicolon', () => {
    fc.assert(
      fc.property(name, bare, (node, text) => {
        fc.pre(!text.includes('; '))
        expect(readReason(`${node} doesn't have label ${text}`)).toEqual(label(text))
        expect(readReason(`${node} doesn't have label ${text}; zz is offline`)).toEqual(label(text))
      }),
    )
  })

  test.each(['a’; b', 'a’; b; c', 'it’s; x'])('from doesn’t have label ‘%s’', (text) => {
    expect(readReason(`‘A’ doesn’t have label ‘${text}’`)).toEqual(label(text))
  })
})

test('no text makes it throw or wait', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (why) => readReason(why).kind !== 'gone'))
  const long = ['‘A’ doesn’t have label ‘', ...Array.from({ length: 20_000 }, () => '’; ')].join('')
  expect(readReason(long).kind).toBe('veto')
  expect(readReason('N doesn’t have label ‘x; '.repeat(4000)).kind).toBe('veto')
  expect(readReason('‘A’ doesn’t have label ‘x’; '.repeat(5000)).kind).toBe('veto')
  expect(readReason('x lacks permission to run on '.repeat(5000)).kind).toBe('veto')
})
