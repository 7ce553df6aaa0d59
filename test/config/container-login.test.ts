import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'

const VARIABLES = { JENKINS_URL: 'http://ci.test', JENKINS_USER: 'u', JENKINS_TOKEN: 't', TEMPLATES_FILE: 't.yaml' }
const LOGIN = '{"auths":{"registry.test":{"auth":"aHVudGVyMi1odW50ZXIy"}}}'

function reading(fields: string) {
  const yaml = `templates:\n  linux:\n    ${fields}\n`
  return readConfig(VARIABLES, (path) => (path === 'login.json' ? LOGIN : yaml))
}

const container = (more: string) => `container: { type: MESOS, image: i${more} }`
const FILE = container(', registryAuthFile: login.json')

describe('the login of a registry', () => {
  test('invariant 10: is not sent where the state of the master would show it', () => {
    const found = reading(FILE)
    const mistakes = found.ok ? [] : found.mistakes
    expect(mistakes).toEqual([expect.stringMatching(/container\.registryAuthFile: .*registryAuthSecret/)])
    expect(mistakes.join()).not.toContain('aHVudGVy')
  })

  test('is sent where secrets may be seen, which is said', () => {
    const found = reading(`secretVia: environment\n    ${FILE}`)
    expect(found.ok && found.config.templates[0]?.launch.container?.registryAuth?.kind).toBe('value')
    expect(found.warnings.join('\n')).toMatch(/registryAuthFile: the state of the Mesos master shows this login/)
  })

  test('by its name in the secret store may stand anywhere', () => {
    expect(reading(container(', registryAuthSecret: ci/registry')).ok).toBe(true)
  })
})

test.each([['NONE', /container\.network: NONE is for type DOCKER only/]])(
  'Mesos has no network %s of its own',
  (network, message) => {
    const found = reading(container(`, network: ${network}`))
    expect(found.ok ? [] : found.mistakes).toEqual([expect.stringMatching(message)])
    expect(reading(container(', network: BRIDGE, networkNames: [mesos-bridge]')).ok).toBe(true)
  },
)
