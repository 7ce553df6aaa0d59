import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isScalar, parseDocument, visit } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { allLines } from './import/imported.ts'
import { CLOUD, element, firstXml, list, TEMPLATE } from './import/plugin-xml.ts'
import { readYaml } from './read-yaml.ts'

/** Everything that people are told of a configuration. */
function toldOf(yaml: string, files: Readonly<Record<string, string>> = {}): string {
  const reading = readYaml(yaml, {}, files)
  return [...(reading.ok ? [] : reading.mistakes), ...reading.warnings].join('\n')
}

/** A name is shown as far as it looks like one. */
function hasItInNames(yaml: string): boolean {
  let found = false
  visit(parseDocument(yaml), {
    Pair(_key, { key }) {
      found ||= isScalar(key) && /^[\w@.-]*hush/.test(String(key.value))
    },
  })
  return found
}

const HUSH = 'hush-hush'

describe('invariant 10: what YAML cannot read is not quoted', () => {
  test.each([
    ['a password that begins with *', `*${HUSH}`, 'text that begins with * must be in quotes'],
    ['with |', `|${HUSH}`, 'text that begins with | or > must be in quotes'],
    ['with >', `>${HUSH}`, 'text that begins with | or > must be in quotes'],
    ['with !', `!${HUSH}`, 'text that begins with ! must be in quotes'],
    ['with }', `}${HUSH}`, 'line 4'],
    ['with an escape', '"\\xhush-hush"', 'Invalid escape sequence'],
  ])('%s', (_what, value, words) => {
    const told = toldOf(`templates:\n  a:\n    environment:\n      PASSWORD: ${value}\n`)
    expect(told).toContain(words)
    expect(told).not.toContain('hush')
  })

  test.each([`{ PASSWORD:${HUSH} }`, `{ PASSWORD ${HUSH} }`, `{ "PASSWORD=${HUSH}": }`])(
    'what became a name',
    (map) => {
      const told = toldOf(`templates: { a: { environment: ${map} } }`)
      expect(told).toContain('environment."PASSWORD…"')
      expect(told).not.toContain('hush')
    },
  )

  test.each([
    ['at the top', `? { PASSWORD: ${HUSH} }\n: 1\ntemplates: { a: }\n`],
    ['in place of a template', `templates:\n  ? { PASSWORD: ${HUSH} }\n  : 1\n`],
    ['in a template', `templates:\n  a:\n    ? { PASSWORD: ${HUSH} }\n    : 1\n`],
  ])('a map that became a name, %s', (_where, yaml) => {
    const told = toldOf(yaml)
    expect(told).toContain('"{…"')
    expect(told).not.toContain('hush')
  })

  const WHOLE = `templates:
  base:
    abstract: true
    environment: { TOKEN: hush1 }
    uris: ["https://u:hush2@files.test/a.tgz"]
  linux:
    from: base
    labels: [linux]
    jvmArgs: [-Dhttp.proxyPassword=hush3]
    agentArgs: "-proxyCredentials u:hush4"
    secretVia: environment
    nodeProperties: { environment: { DB: "hush5" } }
    container:
      type: MESOS
      image: agent
      registryAuthFile: /login.json
`
  const signs = fc.constantFrom(...'*|>!&%@{}[]:,"\'#-? \n\t\\'.split(''), '0', 'x', '...', '---', '<<: ')

  test('wherever a file is spoilt', () => {
    fc.assert(
      fc.property(fc.nat(WHOLE.length), fc.nat(12), signs, fc.nat(40), (at, cut, sign, spoilt) => {
        const yaml = WHOLE.slice(0, at) + sign + WHOLE.slice(at + cut)
        const login = '{"auths":{"r.test":{"auth":"hush6"}}}'
        fc.pre(!hasItInNames(yaml))
        const told = toldOf(yaml, { '/login.json': login.slice(0, spoilt) + sign + login.slice(spoilt) })
        expect(told).not.toContain('hush')
      }),
      { numRuns: 300 },
    )
  })
})

describe('invariant 10: an import tells no secret', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9%+/._-]{4,20}$/).map((text) => `hush${text}`)
  const files = fc.record({ secret: word, jvm: word, args: word, env: word, address: word, node: word })

  test('neither in its report nor in the log of a start with JENKINS_CONFIG_XML', () => {
    fc.assert(
      fc.property(files, (at) => {
        const property = { envVars: { map: { entry: { key: 'A', value: at.node } } } }
        const [scalar, quoted] = [`-Djavax.net.ssl.keyStorePassword=${at.jvm}`, `-Dapi.token='${at.jvm} x'`]
        const xml = firstXml(
          [
            {
              ...TEMPLATE,
              jvmArgs: `-Xmx1g ${scalar} ${quoted} -Xmx2g -Xss1m`,
              jnlpArgs: `-secret ${at.args} -noReconnect`,
              additionalURIs: list('MesosSlaveInfo_-URI', [
                { value: `https://u:${at.address}@h/x` },
                { value: `https://h/x?access_token=${at.address}` },
              ]),
              nodeProperties: list('x.EnvironmentVariablesNodeProperty', [property]),
            },
            {
              ...TEMPLATE,
              labelString: 'other',
              jvmArgs: `${scalar} -Dx=$HOME`,
              jnlpArgs: `-proxyCredentials u:${at.args}`,
              containerInfo: {
                type: 'DOCKER',
                dockerImage: 'a',
                parameters: list('MesosSlaveInfo_-Parameter', [{ key: 'env', value: `A=${at.env}` }]),
              },
            },
          ],
          { ...CLOUD, principal: 'p', secret: at.secret },
        )
        const login = { JENKINS_CONFIG_XML: 'config.xml', JENKINS_USER: 'u', JENKINS_TOKEN: 'token-1' }
        const reading = readConfig(login, () => xml)
        expect(reading.warnings.length).toBeGreaterThan(3)
        const told = [allLines(xml), reading.warnings, reading.ok ? reading.config.mesos : reading.mistakes]
        expect(JSON.stringify(told)).not.toContain('hush')
      }),
      { numRuns: 100 },
    )
  })

  test('and a spoilt file is not quoted', () => {
    const cloud = element('jenkins', { principal: 'p', secret: HUSH })
    for (const text of [`${cloud}<${HUSH}`, `jenkins: { a: *${HUSH} }`, `jenkins:\n  a: |${HUSH}\n`]) {
      const reading = readConfig({ JENKINS_CONFIG_XML: 'config.xml' }, () => text)
      expect(JSON.stringify(reading)).not.toContain(HUSH)
    }
  })
})
