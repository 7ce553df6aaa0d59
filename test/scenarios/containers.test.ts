import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const ports = [{ begin: 8080, end: 8089 }]
const host = { containers: true, resources: { cpus: 4, memMib: 8192, diskMib: 10_000, ports } }

describe('containers', () => {
  test('a fixed port of a host is for one agent, who waits for it is told, and gets it next', async () => {
    const portMappings = [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 22, hostPort: 0 },
    ]
    const web = { ...LINUX, oneShot: true, container: { image: 'ci/web', portMappings } }
    const farm = await start({ hosts: 2, host, templates: { web: { ...web, labels: ['web'] } } })
    for (const name of ['a', 'b', 'c']) farm.job(name, 20_000, 'web')
    const refused = /does not offer host port 8080 \(hostPort in portMappings/
    await farm.until(
      () => farm.running === 2 && farm.view.queue.some(({ words }) => refused.test(words)),
      60_000,
      'a build on each host, and one that waits for the port',
    )
    expect(new Set(farm.view.agents.map(({ hostname }) => hostname)).size).toBe(2)
    for (const { info } of farm.launched) {
      const [fixed, open] = info.container?.docker?.port_mappings ?? []
      expect(fixed).toEqual({ host_port: 8080, container_port: 80, protocol: 'tcp' })
      expect(open).toMatchObject({ container_port: 22 })
      expect(open?.host_port).toBeGreaterThan(8080)
    }
    await farm.allSucceed(180_000)
    expect(farm.launched).toHaveLength(3)
    await farm.empty(120_000)
  })

  test.each(['replace', 'keep'] as const)('with the entrypoint of the image: %s', async (entrypoint) => {
    const farm = await start({
      hosts: 1,
      host,
      templates: { linux: { ...LINUX, container: { image: 'ci', entrypoint } } },
    })
    farm.job('build', 10_000)
    await farm.allSucceed(60_000)
    expect(farm.launched[0]?.info.command?.shell).toBe(entrypoint === 'replace')
    await farm.empty(90_000)
  })

  test('hosts without Docker are told to the operator, and are not tried on and on', async () => {
    const farm = await start({ hosts: 1, templates: { linux: { ...LINUX, container: { image: 'ci' } } } })
    farm.job('build', 10_000)
    await farm.until(() => farm.launched.length === 1 || farm.view.problems.length > 0, 60_000, 'the first launch')
    await farm.advance(60_000)
    expect(farm.launched.length).toBeLessThan(6)
    expect(farm.view.problems.join('\n')).toMatch(/the hosts lack the containerizer of the template/)
  })

  test('a template whose launches fail takes no host from the others', async () => {
    const docker = { ...LINUX, labels: ['docker'], container: { image: 'ci' } }
    const farm = await start({ hosts: 1, templates: { linux: LINUX, docker } })
    farm.job('bad', 5_000, 'docker')
    await farm.until(() => farm.view.problems.length > 0, 30_000, 'the failed launch')
    farm.job('good', 5_000, 'linux')
    await farm.until(() => farm.running === 1, 20_000, 'the build of the other template')
  })

  test('a node has the variables and the tools of its template, its anchor has none', async () => {
    const nodeProperties = {
      environment: { SITE: 'home' },
      toolLocations: [{ type: 'hudson.model.JDK', name: 'jdk', home: '/opt/jdk' }],
    }
    const farm = await start({ hosts: 1, templates: { linux: { ...LINUX, nodeProperties } } })
    farm.job('build', 10_000)
    await farm.until(() => farm.running === 1, 60_000, 'the build')
    const of = (agent: boolean) =>
      farm.jenkins.nodes.filter(({ name }) => name.startsWith('mesos-') === agent).map(({ environment }) => environment)
    expect(of(true)).toEqual([[['SITE', 'home']]])
    expect(of(false)).toEqual([[]])
    await farm.allSucceed(60_000)
  })
})
