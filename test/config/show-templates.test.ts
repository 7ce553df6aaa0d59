import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { showTemplates } from '../../src/config/show-templates.ts'
import type { Template } from '../../src/core/template.ts'

const ENV = { AGENT_LABELS: '', MESOS_ROLES: 'ci,*' }

function templatesOf(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  const reading = readConfig({ ...ENV, ...env }, (path) => files[path] ?? readFileSync(path, 'utf8'))
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config.templates
}

const fromJson = (templates: object): readonly Template[] => templatesOf({ TEMPLATES: JSON.stringify({ templates }) })

test('what is shown of a template is a file that says the same', () => {
  const before = fromJson({
    linux: {},
    big: {
      labels: ['big', 'linux'],
      mode: 'EXCLUSIVE',
      role: 'ci',
      cpus: { agent: 0.5, perExecutor: 1.25 },
      scalars: { licences: 2 },
      gpus: 1,
      maxCpus: 12.5,
      maxMemMib: 4096,
      keepIdle: true,
      constraints: [
        ['rack', 'UNIQUE'],
        ['os', 'LIKE', 'lin.*'],
      ],
      schedules: [{ cron: '0 8 * * 1-5', timezone: 'Europe/Berlin', minIdle: 3, durationMinutes: 60 }],
      headroom: { factor: 0.5 },
      maxAgeSeconds: 3600,
      environment: { LANG: 'C.UTF-8' },
      uris: ['http://files.test/a.tgz', { value: 'http://files.test/b', executable: true }],
      container: {
        image: 'ci/agent:1',
        network: 'BRIDGE',
        volumes: [{ containerPath: '/cache', hostPath: '/srv/cache', readOnly: true }],
        portMappings: [{ containerPort: 80 }],
        parameters: [{ key: 'hostname', value: 'agent' }],
      },
    },
  })
  const after = fromJson((parse(showTemplates(before)) as { templates: object }).templates)
  expect(after.map(({ revision: _, ...rest }) => rest)).toEqual(before.map(({ revision: _, ...rest }) => rest))
})

test('invariant 10: what may be a secret is hidden in it, wherever it stands', () => {
  const shown = showTemplates(
    templatesOf(
      {
        TEMPLATES: JSON.stringify({
          templates: {
            linux: {
              environment: { DB_PASSWORD: 'hush-1', NPM_TOKEN: 'hush-2', EDITOR: 'vi', URL: 'http://u:hush-3@db/' },
              nodeProperties: { environment: { AWS_SECRET_ACCESS_KEY: 'hush-4', TZ: 'UTC' } },
              jvmArgs: ['-Dhttp.proxyPassword=hush-5', '-Xmx64m'],
              agentArgs: ['-proxyCredentials', 'u:hush-6'],
              agentCommand: 'java {jvmArgs} -jar {jar} {connection} --token hush-7',
              uris: ['http://files.test/a.tgz?X-Signature=hush-8'],
            },
            boxed: {
              secretVia: 'environment',
              container: {
                type: 'MESOS',
                image: 'ci/agent',
                registryAuthFile: '/registry.json',
                volumes: [
                  { containerPath: '/v', driver: 'rexray', name: 'v', options: { secretKey: 'hush-9', size: '1' } },
                ],
              },
            },
            docked: {
              container: { image: 'ci/agent', parameters: [{ key: 'env', value: 'API_KEY=hush-10' }] },
            },
          },
        }),
      },
      { '/registry.json': '{"auths":{"r":{"auth":"aHVzaC0xMTpodXNoLTEx"}}}' },
    ),
  )
  expect(shown).not.toMatch(/hush|aHVzaC/)
  for (const kept of [
    'DB_PASSWORD',
    'NPM_TOKEN',
    'EDITOR: vi',
    'TZ: UTC',
    '-Xmx64m',
    'files.test/a.tgz',
    'size: "1"',
  ]) {
    expect(shown).toContain(kept)
  }
})
