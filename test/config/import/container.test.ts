import { expect, test } from '@jest/globals'
import { allLines, linesOf, type Row, templateOf } from './imported.ts'
import { type Fields, firstXml, list, SECOND_TEMPLATE, secondXml, TEMPLATE } from './plugin-xml.ts'

const container = (fields: Fields): Fields => ({ containerInfo: { type: 'DOCKER', dockerImage: 'a:1', ...fields } })
const volume = (fields: Fields): Fields => container({ volumes: list('MesosSlaveInfo_-Volume', [fields]) })
const port = (fields: Fields): Fields => container({ portMappings: list('MesosSlaveInfo_-PortMapping', [fields]) })
const inContainer = (expected: object): object => ({ launch: { container: expected } })

const ROWS: readonly Row[] = [
  [
    'an image',
    container({}),
    inContainer({ type: 'DOCKER', image: 'a:1', network: 'BRIDGE', privileged: false, shell: undefined }),
    'containerInfo.dockerImage',
    'taken',
    'container.image',
  ],
  [
    'the other kind of container',
    container({ type: 'MESOS' }),
    inContainer({ type: 'MESOS', network: 'HOST' }),
    'containerInfo.type',
    'taken',
    'container.type',
  ],
  [
    'a bridge without Docker',
    container({ type: 'MESOS', networking: 'BRIDGE' }),
    inContainer({ network: 'HOST' }),
    'containerInfo.networking',
    'changed',
    'no bridge',
  ],
  [
    'no image',
    { containerInfo: { type: 'DOCKER', dockerImage: '' } },
    { launch: { container: undefined } },
    'containerInfo.dockerImage',
    'no equal',
    'no container',
  ],
  [
    'a network of its own',
    container({ networking: 'USER', networkInfos: list('MesosSlaveInfo_-NetworkInfo', [{ networkName: 'n' }]) }),
    inContainer({ network: 'USER', networkNames: ['n'] }),
    'containerInfo.networkInfos[0]',
    'taken',
    'networkNames',
  ],
  [
    'a network of its own without a name',
    container({ networking: 'USER' }),
    inContainer({ network: 'BRIDGE' }),
    'containerInfo.networking',
    'changed',
    'no network',
  ],
  [
    'another shell',
    container({ useCustomDockerCommandShell: true, customDockerCommandShell: 'wrapper.sh' }),
    inContainer({ shell: 'wrapper.sh' }),
    'containerInfo.customDockerCommandShell',
    'taken',
    'container.shell',
  ],
  [
    'another shell that is off',
    container({ useCustomDockerCommandShell: false, customDockerCommandShell: 'wrapper.sh' }),
    inContainer({ shell: undefined }),
    'containerInfo.customDockerCommandShell',
    'no equal',
    'is false',
  ],
  [
    'flags of a container',
    container({ dockerPrivilegedMode: true, dockerForcePullImage: true, dockerImageCustomizable: true }),
    inContainer({ privileged: true, forcePull: true, customImages: true }),
    'containerInfo.dockerImageCustomizable',
    'taken',
    'customImages',
  ],
  [
    'Docker in Docker',
    container({ type: 'MESOS', isDind: true }),
    inContainer({ dockerInDocker: true }),
    'containerInfo.isDind',
    'taken',
    'dockerInDocker',
  ],
  [
    'Docker in Docker with Docker',
    container({ isDind: true }),
    inContainer({ dockerInDocker: false }),
    'containerInfo.isDind',
    'no equal',
    'did nothing',
  ],
  [
    'privileged without Docker',
    container({ type: 'MESOS', dockerPrivilegedMode: true }),
    inContainer({ privileged: false }),
    'containerInfo.dockerPrivilegedMode',
    'no equal',
    'only the Docker daemon',
  ],
  [
    'a parameter',
    container({ parameters: list('MesosSlaveInfo_-Parameter', [{ key: 'env', value: 'A=b' }]) }),
    inContainer({ parameters: [{ key: 'env', value: 'A=b' }] }),
    'containerInfo.parameters[0]',
    'taken',
    'parameters',
  ],
  [
    'a volume',
    volume({ containerPath: '/c', hostPath: '/h', readOnly: true }),
    inContainer({ volumes: [{ kind: 'host', containerPath: '/c', hostPath: '/h', readOnly: true }] }),
    'containerInfo.volumes[0]',
    'taken',
    'volumes',
  ],
  [
    'a volume of the sandbox',
    volume({ containerPath: '/c', hostPath: '' }),
    inContainer({ volumes: [{ kind: 'sandbox', containerPath: '/c', readOnly: false }] }),
    'containerInfo.volumes[0]',
    'taken',
    'sandbox',
  ],
  [
    'a port of the offer',
    port({ containerPort: 80, hostPort: 0, protocol: 'udp' }),
    inContainer({ portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'udp' }] }),
    'containerInfo.portMappings[0]',
    'taken',
    'from the offer',
  ],
  [
    'a port that is none',
    port({ containerPort: 'x', hostPort: 1 }),
    inContainer({ portMappings: [] }),
    'containerInfo.portMappings[0]',
    'no equal',
    'no pair',
  ],
  [
    'an image that is none',
    container({ dockerImage: 'a b' }),
    { launch: { container: undefined } },
    'containerInfo.dockerImage',
    'no equal',
    'no image',
  ],
  [
    'a parameter with hyphens',
    container({ parameters: list('MesosSlaveInfo_-Parameter', [{ key: '--add-host', value: 'a:1.2.3.4' }]) }),
    inContainer({ parameters: [{ key: 'add-host', value: 'a:1.2.3.4' }] }),
    'containerInfo.parameters[0]',
    'changed',
    'without hyphens',
  ],
  [
    'a parameter that Mesos gives',
    container({ parameters: list('MesosSlaveInfo_-Parameter', [{ key: 'net', value: 'host' }]) }),
    inContainer({ parameters: [] }),
    'containerInfo.parameters[0]',
    'no equal',
    'container.network',
  ],
  [
    'a volume with a path in the sandbox',
    volume({ containerPath: 'c', hostPath: 'h' }),
    inContainer({ volumes: [{ kind: 'sandbox', containerPath: '/mnt/mesos/sandbox/c', path: 'h' }] }),
    'containerInfo.volumes[0]',
    'changed',
    'begins at /mnt/mesos/sandbox',
  ],
  [
    'a volume out of the sandbox',
    volume({ containerPath: '/c', hostPath: '../h' }),
    inContainer({ volumes: [] }),
    'containerInfo.volumes[0]',
    'no equal',
    'none',
  ],
  [
    'ports on the host itself',
    container({ networking: 'HOST', portMappings: list('MesosSlaveInfo_-PortMapping', [{ containerPort: 80 }]) }),
    inContainer({ portMappings: [] }),
    'containerInfo.portMappings[0]',
    'no equal',
    'open already',
  ],
]

test.each(ROWS)('%s', (_what, fields, expected, field, outcome, words) => {
  const text = firstXml([{ ...TEMPLATE, ...fields }])
  expect(templateOf(text)).toMatchObject(expected)
  expect(linesOf(text, field)).toMatchObject([{ outcome, words: expect.stringContaining(words) }])
})

test('on Windows only what is there', () => {
  const fields = container({ type: 'MESOS', networking: 'HOST', dockerPrivilegedMode: true })
  const text = secondXml([{ ...SECOND_TEMPLATE, ...fields, agentCommandStyle: 'Windows' }])
  expect(templateOf(text)).toMatchObject({
    launch: {
      commandStyle: 'windows',
      secretVia: 'environment',
      container: { type: 'DOCKER', network: 'BRIDGE', privileged: false },
    },
  })
})

test('values that may be secret are in no line of the report', () => {
  const text = firstXml([
    {
      ...TEMPLATE,
      ...container({ parameters: list('MesosSlaveInfo_-Parameter', [{ key: 'env', value: 'A=hush-1' }]) }),
      additionalURIs: list('MesosSlaveInfo_-URI', [{ value: 'https://u:hush-2@h/x' }]),
      jnlpArgs: '-jnlpCredentials u:hush-3',
      nodeProperties: list('x.EnvironmentVariablesNodeProperty', [
        { envVars: { map: { entry: { key: 'A', value: 'hush-4' } } } },
      ]),
    },
  ])
  expect(JSON.stringify(linesOf(text, 'additionalURIs[0]'))).toContain('https://…@h/x')
  expect(JSON.stringify(allLines(text))).not.toContain('hush')
})
