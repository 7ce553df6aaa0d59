import { describe, expect, test } from '@jest/globals'
import { importConfiguration } from '../../../src/config/import/import-configuration.ts'
import { ImportError } from '../../../src/config/import/import-error.ts'
import { configOf, templateOf } from './imported.ts'
import { CLOUD, element, firstXml, jenkinsXml, TEMPLATE } from './plugin-xml.ts'

function failureOf(text: string): ImportError {
  try {
    importConfiguration(text)
  } catch (error) {
    if (error instanceof ImportError) return error
    throw error
  }
  throw new Error('it was imported')
}

const GOOD = firstXml([TEMPLATE])
const laughs = (names: number): string =>
  Array.from({ length: names }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('')

const REFUSED: readonly [what: string, text: string, code: string, words: string | RegExp][] = [
  ['nothing', ' \n', 'IMPORT_MALFORMED', 'empty'],
  ['a text', 'Dear all, see attachment', 'IMPORT_NO_CLOUD', 'no configuration of Jenkins'],
  ['another XML', '<project><builders/></project>', 'IMPORT_NO_CLOUD', 'no clouds in the element project'],
  ['another YAML', 'services: { a: { image: b } }', 'IMPORT_NO_CLOUD', 'no configuration of Jenkins'],
  ['no cloud at all', '<hudson><clouds/></hudson>', 'IMPORT_NO_CLOUD', 'found clouds: none at all'],
  [
    'other clouds',
    '<hudson><clouds><a.b.KubernetesCloud/><a.b.c.Docker_-DockerCloud/></clouds></hudson>',
    'IMPORT_NO_CLOUD',
    'found clouds: KubernetesCloud, DockerCloud',
  ],
  [
    'other clouds in YAML',
    'jenkins: { clouds: [ { kubernetes: {} }, { docker: {} } ] }',
    'IMPORT_NO_CLOUD',
    'found clouds: kubernetes, docker',
  ],
  ['a cloud without templates', jenkinsXml([{ ...CLOUD, slaveInfos: '' }]), 'IMPORT_NO_CLOUD', 'no template'],
  [
    'entities',
    `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs(9)}]>${GOOD.replace('mesos', '&l9;')}`,
    'IMPORT_ENTITIES',
    'document type',
  ],
  [
    'an entity from elsewhere',
    `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><hudson>&x;</hudson>`,
    'IMPORT_ENTITIES',
    'document type',
  ],
  [
    'a document type behind a comment',
    `<!-- <a> --><!DOCTYPE a [<!ENTITY x "y">]><hudson>&x;</hudson>`,
    'IMPORT_MALFORMED',
    /Invalid character entity/,
  ],
  ['an unknown entity', '<hudson>&unheard;</hudson>', 'IMPORT_MALFORMED', 'line 1, column'],
  [
    'a file that is cut off',
    GOOD.slice(0, GOOD.indexOf('</slaveInfos>')),
    'IMPORT_MALFORMED',
    /cut off at line \d+, column \d+: the element hudson/,
  ],
  ['a wrong end', '<hudson>\n<clouds>\n</cloud></hudson>', 'IMPORT_MALFORMED', 'line 3, column'],
  [
    'two files in one',
    `${GOOD}\n${GOOD.replace(/^.*\n/, '').replace('<hudson>', '<jenkins>').replace('</hudson>', '</jenkins>')}`,
    'IMPORT_MALFORMED',
    'goes on after the end',
  ],
  ['UTF-16', Buffer.from(GOOD, 'utf16le').toString('utf8'), 'IMPORT_ENCODING', 'UTF-16'],
  ['another encoding', GOOD.replace('UTF-8', 'ISO-8859-1'), 'IMPORT_ENCODING', 'ISO-8859-1'],
  ['wrong YAML', 'jenkins:\n  clouds: [ {', 'IMPORT_MALFORMED', 'line 2, column'],
  ['several YAML files in one', 'jenkins: {}\n---\njenkins: {}', 'IMPORT_MALFORMED', 'line 2'],
]

test.each(REFUSED)('%s', (_what, text, code, words) => {
  const failure = failureOf(text)
  expect(failure.message).toMatch(words)
  expect(failure.code).toBe(code)
})

describe('of what is too much it says so soon, and in little memory', () => {
  const many = (text: string, count: number): string => text.repeat(count)
  const aliases = Array.from({ length: 40 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index},*a${index}]`)
  test.each<[string, () => string, string]>([
    ['50 MB', () => `<hudson>${many('x', 50_000_000)}</hudson>`, 'IMPORT_TOO_BIG'],
    ['elements', () => `<hudson>${many('<a/>', 1_000_000)}</hudson>`, 'IMPORT_TOO_BIG'],
    ['attributes', () => `<hudson ${many('a="" ', 1_000_000)}/>`, 'IMPORT_TOO_BIG'],
    ['depth', () => many('<a>', 200_000), 'IMPORT_MALFORMED'],
    ['YAML', () => `a: ${many('x', 1_000_001)}`, 'IMPORT_TOO_BIG'],
    ['depth of YAML', () => many('[', 200_000), 'IMPORT_MALFORMED'],
    ['aliases', () => `a0: &a0 [x,x]\n${aliases.join('\n')}\njenkins: { clouds: *a40 }`, 'IMPORT_MALFORMED'],
    ['comments without end', () => many('<!-- ', 1_000_000), 'IMPORT_TOO_BIG'],
  ])('%s', (_what, text, code) => {
    const failure = failureOf(text())
    expect(failure.code).toBe(code)
    expect(failure.message.length).toBeLessThan(300)
  })

  test('merged pieces of YAML do not grow without end', () => {
    const merges = Array.from(
      { length: 30 },
      (_, index) => `b${index + 1}: &b${index + 1} { <<: [*b${index}, *b${index}] }`,
    )
    const text = `b0: &b0 { label: a }\n${merges.join('\n')}\njenkins: { clouds: [ { mesos: { mesosMasterUrl: "h", mesosAgentSpecTemplates: [ *b30 ] } } ] }`
    expect(failureOf(text).code).toBe('IMPORT_MALFORMED')
  })
})

describe('odd, and well', () => {
  test('names of elements that every object has', () => {
    const odd = ['__proto__', 'constructor', 'toString', '_', 'hasOwnProperty']
      .map((name) => element(name, 'x'))
      .join('')
    const template = templateOf(GOOD.replace('<labelString>', `${odd}<labelString>`))
    expect(template.labels).toEqual(['mesos'])
    expect(Object.prototype).not.toHaveProperty('x')
  })

  test('control characters as XML 1.1 has them, a byte order mark, and no declaration at all', () => {
    const text = GOOD.replace('<hudson>', '<hudson><systemMessage>a&#x1;b&#31;</systemMessage>')
    for (const each of [text, `\uFEFF${text}`, text.replace(/^.*\n/, '')]) expect(templateOf(each).name).toBe('mesos')
  })

  test('the cloud alone, or the clouds', () => {
    const [cloud = ''] = /<org.jenkinsci.plugins.mesos.MesosCloud>[\s\S]*MesosCloud>/.exec(GOOD) ?? []
    expect(templateOf(cloud).name).toBe('mesos')
    expect(templateOf(`<clouds>${cloud}</clouds>`).name).toBe('mesos')
  })

  test('an element that only points elsewhere is not followed, and told', () => {
    const text = GOOD.replace('<labelString>', '<containerInfo reference="../../x/containerInfo"/><labelString>')
    expect(templateOf(text).launch.container).toBeUndefined()
    expect(importConfiguration(text).lines).toContainEqual(
      expect.objectContaining({ field: 'containerInfo', outcome: 'no equal' }),
    )
  })

  test('no line of the report can write to a terminal or begin another line', () => {
    const text = GOOD.replace('<labelString>mesos', '<labelString>\u009b31mred\nmesos')
    const { lines, sidecars } = importConfiguration(text)
    expect(JSON.stringify(lines)).not.toMatch(/\\n|\u009b/)
    expect(sidecars[0]?.templates).not.toContain('\u009b')
  })

  test('names of templates are their own, without regard to capitals, and short', () => {
    const labels = ['Linux', 'linux', 'a.b', 'a b', 'ü', 'x'.repeat(60), `${'x'.repeat(60)}y`]
    const names = configOf(firstXml(labels.map((labelString) => ({ ...TEMPLATE, labelString })))).templates.map(
      ({ name }) => name,
    )
    expect(names).toEqual(['Linux', 'linux-2', 'a-b', 'a-b-2', 'template', 'x'.repeat(40), `${'x'.repeat(38)}-2`])
  })
})
