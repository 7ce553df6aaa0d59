import { expect, test } from '@jest/globals'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { POD } from './pod-environment.ts'

type Variables = Readonly<Record<string, string>>

function configOf(variables: Variables, files: Variables = {}): Config & { readonly warnings: readonly string[] } {
  const reading = readConfig(variables, (path) => files[path] ?? '')
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return { ...reading.config, warnings: reading.warnings }
}

const BRIDGE = { ENDPOINT_JENKINS: '8080', EP_CONTAINER_JENKINS: '8080', ENDPOINT_SECRETS: '8091' }
const SECRETS = { EP_CONTAINER_SECRETS: '8091', EP_HOST_SECRETS: '31504' }

test.each<[string, Variables, string | undefined, string | undefined]>([
  ['on the network of the host', {}, 'http://host-1.example.com:31001/jenkins/', 'http://host-1.example.com:31004/'],
  [
    'on a network of its own, by the ports of the host',
    { ...BRIDGE, ...SECRETS, EP_HOST_JENKINS: '31501' },
    'http://host-1.example.com:31501/jenkins/',
    'http://host-1.example.com:31504/',
  ],
  [
    'on a network of its own, with ports that are written down',
    { ...BRIDGE, ...SECRETS, EP_HOST_JENKINS: '31501', JENKINS_URL: 'http://localhost:8080', AGENT_HTTP_PORT: '8091' },
    'http://host-1.example.com:31501/',
    'http://host-1.example.com:31504/',
  ],
  [
    'where the host has no port for Jenkins',
    { ...BRIDGE, ...SECRETS, EP_HOST_JENKINS: '' },
    undefined,
    'http://host-1.example.com:31504/',
  ],
  [
    'as an app, with the ports that apps have',
    { AGENT_HTTP_PORT: '8091', PORT_8091: '31704', ENDPOINT_SECRETS: '', EP_HOST_SECRETS: '' },
    'http://host-1.example.com:31001/jenkins/',
    'http://host-1.example.com:31704/',
  ],
  [
    'on a host with an address of IPv6',
    { HOST: 'fd00::7' },
    'http://[fd00::7]:31001/jenkins/',
    'http://[fd00::7]:31004/',
  ],
  ['with Jenkins elsewhere', { JENKINS_URL: 'http://ci.example.com/' }, undefined, 'http://host-1.example.com:31004/'],
  [
    'with addresses of its own',
    { JENKINS_AGENT_URL: 'https://ci.example.com', SIDECAR_URL: 'http://${HOST}:1' },
    'https://ci.example.com/',
    'http://host-1.example.com:1/',
  ],
])('addresses for others: %s', (_name, variables, agentUrl, sidecarUrl) => {
  const config = configOf({ ...POD, ...variables })
  expect([config.jenkins.agentUrl, config.agentHttp.sidecarUrl]).toEqual([agentUrl, sidecarUrl])
})

test('nothing is derived outside of Marathon, for a Mesos of this process, or for a listener of this machine only', () => {
  const { MARATHON_APP_ID: _, ...outside } = POD
  expect(configOf({ ...outside, AGENT_SECRET_VIA: 'environment' }).jenkins.agentUrl).toBeUndefined()
  const embedded = configOf({ ...POD, MESOS_MASTER: 'embedded' })
  expect([embedded.jenkins.agentUrl, embedded.agentHttp.sidecarUrl]).toEqual([undefined, undefined])
  const local = configOf({ ...POD, AGENT_HTTP_HOST: '127.0.0.1', AGENT_SECRET_VIA: 'environment' })
  expect(local.agentHttp.sidecarUrl).toBeUndefined()
})

test('it is known which variables an address comes from, and whether it is the place of the pod', () => {
  expect(configOf(POD).told).toEqual({
    agents: { url: 'http://host-1.example.com:31001/jenkins/', from: ['JENKINS_URL', 'HOST', 'EP_HOST_JENKINS'] },
    hosts: { url: 'http://host-1.example.com:31004/', from: ['HOST', 'AGENT_HTTP_PORT', 'EP_HOST_SECRETS'] },
    isPlace: true,
  })
  const named = configOf({
    ...POD,
    JENKINS_AGENT_URL: 'https://ci.example.com',
    SIDECAR_URL: 'http://s:${PORT0}',
    PORT0: '7',
  })
  expect(named.told).toEqual({
    agents: { url: 'https://ci.example.com/', from: ['JENKINS_AGENT_URL'] },
    hosts: { url: 'http://s:7/', from: ['SIDECAR_URL', 'PORT0'] },
    isPlace: false,
  })
  expect(configOf({}).told).toEqual({ agents: undefined, hosts: undefined, isPlace: false })
})

test('where Marathon enforces the role of a group, it is the one whose offers are taken', () => {
  const enforced = { ...POD, MARATHON_APP_ENFORCE_GROUP_ROLE: 'true', MESOS_ALLOCATION_ROLE: 'ci' }
  expect(configOf(enforced)).toMatchObject({ mesos: { roles: ['ci'] }, templates: [{ role: 'ci' }] })
  expect(configOf({ ...enforced, MESOS_ROLES: 'builds' }).mesos.roles).toEqual(['builds'])
  expect(configOf({ ...enforced, MARATHON_APP_ENFORCE_GROUP_ROLE: 'false' }).mesos.roles).toEqual(['*'])
  expect(configOf({ ...enforced, MESOS_ALLOCATION_ROLE: '' }).mesos.roles).toEqual(['*'])
})
