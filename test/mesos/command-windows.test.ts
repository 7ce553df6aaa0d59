import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { commandText } from '../../src/mesos/command.ts'
import { toTaskInfo } from '../../src/mesos/task-info.ts'
import { launchOf, type Over, SECRET } from './launches.ts'

const windows = (over: Over = {}): Over => ({ ...over, launch: { commandStyle: 'windows', ...over.launch } })
const textOf = (over: Over = {}): string => commandText(launchOf(windows({ viaEnvironment: true, ...over })))
const stepsOf = (over: Over = {}): readonly string[] => stepsOfLine(textOf(over))

const CLEAN_UP =
  '(for /f "delims==" %V in (\'set LIBPROCESS_ 2^>nul ^& set MESOS_ 2^>nul\') do @(if /i not "%V"=="MESOS_SANDBOX" set "%V="))'
const AGENT =
  'java -Xmx256m -jar "%MESOS_SANDBOX%\\agent.jar" -url http://jenkins.test/ci/ -name linux-1 -secret @.secret -webSocket -workDir "%MESOS_SANDBOX%"\\jenkins'

test('one line for cmd: the sandbox, the variables, the secret, the agent', () => {
  expect(textOf().split(' & ')).toEqual([
    '(if defined MESOS_SANDBOX cd /d "%MESOS_SANDBOX%")',
    ...CLEAN_UP.split(' & '),
    '(if not defined HOME set "HOME=%MESOS_SANDBOX%")',
    '(>.secret echo %JENKINS_SECRET%)',
    'set "JENKINS_SECRET="',
    AGENT,
  ])
})

test('the secret is a file, never an argument, and in no variable that builds would get', () => {
  expect(textOf()).not.toContain(SECRET)
  expect(textOf({ viaEnvironment: false })).not.toContain('JENKINS_SECRET')
  expect(textOf({ viaEnvironment: false })).toContain('-secret @.secret')
  expect(textOf({ agent: { secret: '' } })).not.toContain('secret')
})

test.each([
  ['jenkins', '"%MESOS_SANDBOX%"\\jenkins'],
  ['.', '"%MESOS_SANDBOX%"'],
  ['my work', '"%MESOS_SANDBOX%"\\^"my^ work^"'],
  ['C:\\jenkins', 'C:\\jenkins'],
  ['D:/ci', 'D:/ci'],
  ['\\\\server\\share', '\\\\server\\share'],
])('remoteFs %s is %s', (remoteFs, expected) => {
  expect(textOf({ launch: { commandStyle: 'windows', remoteFs } }).endsWith(`-workDir ${expected}`)).toBe(true)
})

test('the environment of the template comes by Mesos, and has the last word', () => {
  const environment = { 'build.type': 'a & %b% "c"', PORT: '1', MESOS_WANTED: 'yes', HOME: 'C:\\ci' }
  const launch = launchOf(windows({ launch: { environment }, viaEnvironment: true }))
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 31_000 }] } } as const
  const { command } = toTaskInfo(launch, 'S0', [ports], 'ci')
  expect(Object.fromEntries((command?.environment?.variables ?? []).map(({ name, value }) => [name, value]))).toEqual({
    PORTS: '31000',
    PORT0: '31000',
    ...environment,
    JENKINS_SECRET: SECRET,
  })
  expect(new Set(command?.environment?.variables.map(({ name }) => name)).size).toBe(7)
  expect(command?.value).toContain('if /i not "%V"=="MESOS_SANDBOX" if /i not "%V"=="MESOS_WANTED" set "%V="')
})

describe('preflight', () => {
  const preflight = (command: string) => {
    const steps = stepsOf({ launch: { commandStyle: 'windows', preflight: true, command, jvmArgs: ['-Dx=y'] } })
    return steps.slice(3, -3)
  }

  test('of Java: whether it is there, and whether it starts', () => {
    expect(preflight('java {jvmArgs} -jar {jar} {connection}')).toEqual([
      '(where java >nul 2>nul || (echo jenkins-mesos-sidecar: no java on this host: install a JRE or set agentCommand 1>&2 & path 1>&2 & exit 61))',
      '(java -Xmx256m ^"-Dx^=y^" -version <nul || (echo jenkins-mesos-sidecar: java does not start on this host: see above, and correct jvmArgs, heapMib or memMib 1>&2 & exit 62))',
    ])
  })

  test('of a path', () => {
    const [found, starts] = preflight('"C:\\Program Files (x86)\\jre\\bin\\java.exe" {jvmArgs} {connection}')
    expect(found).toContain('(if not exist "C:\\Program Files (x86)\\jre\\bin\\java.exe" (echo')
    expect(found).toContain('no C:\\Program Files ^(x86^)\\jre\\bin\\java.exe on this host')
    expect(starts).toMatch(/^\("C:\\Program Files \(x86\)\\jre\\bin\\java\.exe" -Xmx256m /)
  })

  test('of another program; none of what is more than a name', () => {
    expect(preflight('agent {connection}')).toEqual([
      '(where agent >nul 2>nul || (echo jenkins-mesos-sidecar: no agent on this host: install it or set agentCommand 1>&2 & path 1>&2 & exit 61))',
    ])
    expect(preflight('"%JAVA_HOME%\\bin\\java" {connection}')).toEqual([])
  })
})

describe('read as cmd and the C runtime of Windows read it', () => {
  test('the agent gets its arguments', () => {
    const variables = { MESOS_SANDBOX: 'C:\\sand box & (1)' }
    expect(wordsOf(stepsOf({}).at(-1) ?? '', variables)).toEqual([
      'java',
      '-Xmx256m',
      '-jar',
      'C:\\sand box & (1)\\agent.jar',
      '-url',
      'http://jenkins.test/ci/',
      '-name',
      'linux-1',
      '-secret',
      '@.secret',
      '-webSocket',
      '-workDir',
      'C:\\sand box & (1)\\jenkins',
    ])
  })

  test('whatever is in an argument, it stays one and as it was', () => {
    const odd = fc.string({
      unit: fc.constantFrom(...Array.from('abPATH %^&|<>()!"\\\'=,;*?`~ä☃@-'), '%PATH%', '\\"', '^^', '\t'),
      maxLength: 30,
    })
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1, maxLength: 4 }), (jvmArgs) => {
        const steps = stepsOf({ launch: { commandStyle: 'windows', command: 'java {jvmArgs}', jvmArgs } })
        expect(wordsOf(steps.at(-1) ?? '', { PATH: 'C:\\win', B: 'b' })).toEqual(['java', '-Xmx256m', ...jvmArgs])
      }),
      { numRuns: 2_000 },
    )
  })

  test('a line has no second line', () => {
    const [word] = wordsOf(
      stepsOf({ launch: { commandStyle: 'windows', command: '{jvmArgs}', jvmArgs: ['a\r\nb'] } }).at(-1) ?? '',
      {},
    ).slice(-1)
    expect(word).toBe('a b')
  })
})

/** The commands of a line, as cmd cuts it at `&`: not within quotes, within parentheses, or behind `^`. */
function stepsOfLine(line: string): readonly string[] {
  const steps: string[] = ['']
  let depth = 0
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? ''
    const step = steps.length - 1
    if (sign === '^' && !quoted) {
      steps[step] = `${steps[step] ?? ''}${sign}${line[++at] ?? ''}`
      continue
    }
    if (sign === '"') quoted = !quoted
    if (!quoted && sign === '(') depth += 1
    if (!quoted && sign === ')') depth -= 1
    if (sign === '&' && !quoted && depth === 0) steps.push('')
    else steps[step] = `${steps[step] ?? ''}${sign}`
  }
  return steps.map((step) => step.trim())
}

/** The words that a program is started with: variables first, then carets, then the rules of the C runtime. */
function wordsOf(command: string, variables: Readonly<Record<string, string>>): readonly string[] {
  return runtimeWords(withoutCarets(withVariables(command, variables)))
}

/** On a command line what has no value stays as it stands. */
function withVariables(text: string, variables: Readonly<Record<string, string>>): string {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const end = text[at] === '%' ? text.indexOf('%', at + 1) : -1
    const value = end < 0 ? undefined : variables[text.slice(at + 1, end).toUpperCase()]
    out += value ?? text[at] ?? ''
    if (value !== undefined) at = end
  }
  return out
}

/** @throws on a sign that cmd would act on */
function withoutCarets(text: string): string {
  let out = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === '^' && !quoted) {
      out += text[++at] ?? ''
      continue
    }
    if (sign === '"') quoted = !quoted
    if (!quoted && /[&|<>()]/.test(sign)) throw new Error(`cmd reads ${sign} at ${at} of ${text}`)
    out += sign
  }
  return out
}

function runtimeWords(line: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const backslashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0
    const next = line[at + backslashes]
    if (backslashes > 0) {
      const before = next === '"' ? '\\'.repeat(Math.floor(backslashes / 2)) : '\\'.repeat(backslashes)
      word = (word ?? '') + before
      at += backslashes - 1
      if (next === '"' && backslashes % 2 === 1) {
        word += '"'
        at += 1
      }
    } else if (next === '"') {
      word ??= ''
      quoted = !quoted
    } else if (!quoted && (next === ' ' || next === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + (next ?? '')
  }
  return word === undefined ? words : [...words, word]
}
