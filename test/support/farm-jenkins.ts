import type { Clock } from '../../src/core/clock.ts'
import type { JenkinsUser, Permission } from '../../src/embedded/jenkins/auth.ts'
import { EmbeddedJenkins, type EmbeddedJenkinsOptions } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { JENKINS } from './farm-options.ts'

export const SIDECAR_TOKEN = `11${'c'.repeat(32)}`
const ADMIN_TOKEN = `11${'a'.repeat(32)}`

/** A Jenkins with a user for the sidecar, who may do what the sidecar needs, and one who may do everything. */
export function farmJenkins(
  clock: Clock,
  nextId: () => string,
  options: Partial<EmbeddedJenkinsOptions> = {},
): EmbeddedJenkins {
  return new EmbeddedJenkins({
    clock,
    url: `${JENKINS}/`,
    security: true,
    users: usersOf([]),
    secretKey: 'key',
    quietPeriodMs: 0,
    random: (bytes) =>
      nextId()
        .padStart(bytes * 2, '0')
        .slice(-bytes * 2),
    agentProgram: () => Buffer.from('export {}\n'),
    ...options,
  })
}

/** The sidecar, who may do these things more than it must, and somebody who may do everything. */
export function usersOf(more: readonly Permission[]): readonly JenkinsUser[] {
  return [
    {
      name: 'sidecar',
      apiToken: SIDECAR_TOKEN,
      permissions: [
        'Overall/Read',
        'Job/Read',
        'Agent/Create',
        'Agent/Connect',
        'Agent/Delete',
        'Agent/Disconnect',
        ...more,
      ],
    },
    { name: 'admin', apiToken: ADMIN_TOKEN, permissions: ['Overall/Administer'] },
  ]
}

/** What a person does in Jenkins. @returns the status */
export async function asAdmin(
  jenkins: EmbeddedJenkins,
  method: string,
  path: string,
  form: Readonly<Record<string, string>> = {},
): Promise<number> {
  const authorization = `Basic ${Buffer.from(`admin:${ADMIN_TOKEN}`).toString('base64')}`
  const body = Buffer.from(new URLSearchParams(form).toString())
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method, path, headers, body, remote: '127.0.0.1' }
  const { status } = await jenkins.handler({ ...request, signal: new AbortController().signal })
  return status
}
