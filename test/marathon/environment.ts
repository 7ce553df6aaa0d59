import { generateKeyPairSync } from 'node:crypto'
import { type Fields, fieldsIn, objectsIn, textIn } from '../../src/marathon/read.ts'

const FIRST_PORT = 31_001

/** What Marathon and Mesos put around a container of a pod on host-1, its own environment included. */
export function podEnvironment(pod: Fields, name: string): Record<string, string> {
  const containers = objectsIn(pod, 'containers')
  const endpoints = containers.flatMap((container) => objectsIn(container, 'endpoints'))
  const ports = endpoints.flatMap((endpoint, index) => {
    const suffix = upper(textIn(endpoint, 'name') ?? '')
    const port = String(FIRST_PORT + index)
    return [
      [`ENDPOINT_${suffix}`, port],
      [`EP_HOST_${suffix}`, port],
    ]
  })
  const own = containers.find((container) => textIn(container, 'name') === name)
  return {
    ...valuesOf(fieldsIn(pod, 'environment')),
    ...valuesOf(fieldsIn(own, 'environment')),
    ...around(pod),
    MARATHON_CONTAINER_ID: name,
    ...(Object.fromEntries(ports) as Record<string, string>),
  }
}

/** The same of an app. */
export function appEnvironment(app: Fields): Record<string, string> {
  const ports = objectsIn(app, 'portDefinitions').flatMap((definition, index) => {
    const port = String(FIRST_PORT + index)
    return [
      [`PORT${index}`, port],
      [`PORT_${upper(textIn(definition, 'name') ?? '')}`, port],
    ]
  })
  return {
    ...valuesOf(fieldsIn(app, 'env')),
    ...around(app),
    PORT: String(FIRST_PORT),
    ...(Object.fromEntries(ports) as Record<string, string>),
  }
}

function around(definition: Fields): Record<string, string> {
  return {
    HOST: 'host-1.example.com',
    MARATHON_APP_ID: textIn(definition, 'id') ?? '',
    MESOS_SANDBOX: '/mnt/mesos/sandbox',
    MESOS_TASK_ID: 'instance-1',
  }
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}

/** Secrets are texts by then. */
function valuesOf(environment: Fields | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : name === 'DCOS_SERVICE_ACCOUNT_CREDENTIAL'
          ? SERVICE_ACCOUNT
          : `secret-of-${name}`,
    ]),
  )
}

const SERVICE_ACCOUNT = JSON.stringify({
  uid: 'jenkins',
  login_endpoint: 'https://leader.mesos/acs/api/v1/auth/login',
  scheme: 'RS256',
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
})
