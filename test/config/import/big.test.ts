import { expect, test } from '@jest/globals'
import { importConfiguration } from '../../../src/config/import/import-configuration.ts'
import { resourcesOf } from '../../../src/core/template.ts'
import { readImported } from './imported.ts'
import { CLOUD, type Fields, firstXml, list } from './plugin-xml.ts'

/** The picture of a real one: a template for each kind of build image, all with one label in common. */
function template(index: number): Fields {
  const isPersistent = index === 38
  const containerInfo: Fields = {
    type: 'DOCKER',
    dockerImage: `ci/jenkins-dind:0.6.${index}-alpine`,
    networking: 'BRIDGE',
    useCustomDockerCommandShell: index < 23,
    customDockerCommandShell: 'wrapper.sh',
    dockerPrivilegedMode: index < 23,
    dockerForcePullImage: false,
    dockerImageCustomizable: index < 8,
  }
  return {
    slaveCpus: 0.1,
    diskNeeded: '0.0',
    slaveMem: 512,
    executorCpus: index < 35 ? 0.9 : 1.9,
    minExecutors: 1,
    maxExecutors: index < 35 ? 1 : 2,
    executorMem: index < 16 ? 2048 : index < 24 ? 1024 : 10_240,
    remoteFSRoot: 'jenkins',
    idleTerminationMinutes: isPersistent ? 0 : index < 29 ? 3 : 1,
    jvmArgs: '-Xms16m -XX:+UseConcMarkSweepGC -Djava.net.preferIPv4Stack=true',
    jnlpArgs: '-noReconnect',
    defaultSlave: false,
    ...(!isPersistent && { containerInfo }),
    additionalURIs: list('MesosSlaveInfo_-URI', [
      { value: 'file:///etc/docker/docker.tar.gz', executable: false, extract: true },
    ]),
    mode: isPersistent ? 'NORMAL' : 'EXCLUSIVE',
    nodeProperties: '',
    labelString: isPersistent ? 'persistent-workspace' : `mesos jenkins-dind-0.6.${index}-alpine`,
  }
}

test('a big one of 39 templates keeps every agent as it was', () => {
  const text = firstXml(
    Array.from({ length: 39 }, (_, index) => template(index)),
    { ...CLOUD, declineOfferDuration: 300_000, checkpoint: true, onDemandRegistration: false },
  )
  const imported = importConfiguration(text)
  const reading = readImported(imported)
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  const { templates } = reading.config
  expect(templates).toHaveLength(39)
  expect(new Set(templates.map(({ name }) => name)).size).toBe(39)
  const count = (holds: (each: (typeof templates)[number]) => boolean): number => templates.filter(holds).length
  expect({
    privileged: count(({ launch }) => launch.container?.privileged === true),
    customImages: count(({ launch }) => launch.container?.customImages === true),
    shells: count(({ launch }) => launch.container?.shell === 'wrapper.sh'),
    bridges: count(({ launch }) => launch.container?.network === 'BRIDGE'),
    exclusive: count(({ mode }) => mode === 'EXCLUSIVE'),
    never: count(({ idleTimeoutMs }) => idleTimeoutMs === Number.POSITIVE_INFINITY),
    lostFlags: count(({ launch }) => launch.jvmArgs.includes('-XX:+UseConcMarkSweepGC')),
  }).toEqual({ privileged: 23, customImages: 8, shells: 23, bridges: 38, exclusive: 38, never: 1, lostFlags: 0 })
  expect(templates.map((each) => resourcesOf(each, 1)['mem']).slice(0, 17)).toEqual([
    ...Array.from({ length: 16 }, () => 2_816_000),
    1_690_000,
  ])
  // Whoever asks for the label that all have gets the first one, as ever.
  const shared = templates.filter(({ labels }) => labels.includes('mesos'))
  expect(shared.map(({ priority }) => priority)).toEqual(shared.map((_, index) => 0 - index))
  expect(imported.lines.length).toBeGreaterThan(39 * 20)
})
