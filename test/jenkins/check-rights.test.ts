import { expect, test } from '@jest/globals'
import { offlineReason } from '../../src/core/markers.ts'
import type { Permission } from '../../src/embedded/jenkins/auth.ts'
import { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const URL_OF_JENKINS = 'http://jenkins.test/'
const TOKEN = `11${'c'.repeat(32)}`
const ADMIN = `11${'a'.repeat(32)}`
const ANCHOR =
  'Anchor of jenkins-mesos-sidecar: stays offline and runs nothing, Jenkins names its labels in the queue. template=linux labels=linux'
const RIGHTS = [
  'Overall/Read',
  'Job/Read',
  'Agent/Create',
  'Agent/Connect',
  'Agent/Disconnect',
  'Agent/Delete',
  'Job/Build',
] as const satisfies readonly Permission[]

const SUBSETS = Array.from({ length: 2 ** RIGHTS.length }, (_, bits) =>
  RIGHTS.filter((_right, index) => (bits >> index) % 2 === 1),
)

/** Disconnect includes Connect in Jenkins. */
function has(rights: readonly Permission[], right: Permission): boolean {
  return rights.includes(right) || (right === 'Agent/Connect' && rights.includes('Agent/Disconnect'))
}

async function checkWith(rights: readonly Permission[], withAnchor: boolean) {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock })
  let random = 0
  const embedded = new EmbeddedJenkins({
    clock,
    url: URL_OF_JENKINS,
    security: true,
    users: [
      { name: 'admin', apiToken: ADMIN, permissions: ['Overall/Administer'] },
      { name: 'sidecar', apiToken: TOKEN, permissions: rights },
    ],
    random: (bytes) => (++random).toString(16).padStart(bytes * 2, '0'),
    agentProgram: () => Buffer.from('export {}\n'),
  })
  network.serve(URL_OF_JENKINS, embedded.handler)
  await embedded.start()
  embedded.createJob({ name: 'app', label: 'linux' })
  const clientOf = (user: string, token: string): Jenkins =>
    new Jenkins({ url: new URL(URL_OF_JENKINS), user, token, clock, dispatcher: network.dispatcher() })
  if (withAnchor) {
    const admin = clientOf('admin', ADMIN)
    await admin.createNode({
      name: 'anchor-linux',
      description: ANCHOR,
      remoteFs: '/tmp',
      executors: 1,
      mode: 'EXCLUSIVE',
      labels: ['linux'],
      connection: 'auto',
    })
    await admin.setOffline('anchor-linux', offlineReason('anchor'))
    await admin.close()
  }
  const jenkins = clientOf('sidecar', TOKEN)
  const before = structuredClone(embedded.nodes)
  const findings = await jenkins.check('4f2a', undefined, { builds: true })
  await jenkins.close()
  return {
    missing: new Set(findings.flatMap(({ missingPermission }) => missingPermission ?? [])),
    untried: new Set(findings.flatMap(({ untriedPermission }) => untriedPermission ?? [])),
    anchors: [before, embedded.nodes].map((nodes) =>
      nodes
        .filter(({ name }) => name === 'anchor-linux')
        .map((node) => ({ ...node, temporarilyOffline: node.temporarilyOffline?.message })),
    ),
    queue: embedded.queue.length,
  }
}

test.each([
  ['and no node', false],
  ['and an anchor', true],
])('with any of the rights, %s, what is missing is named or said not to have been tried', async (_what, withAnchor) => {
  for (const rights of SUBSETS) {
    const { missing, untried, anchors, queue } = await checkWith(rights, withAnchor)
    for (const right of RIGHTS) {
      const said = missing.has(right) ? 'missing' : untried.has(right) ? 'untried' : 'ok'
      const really = has(rights, right) ? 'ok' : 'missing'
      expect({ rights, right, said }).toEqual({ rights, right, said: said === 'untried' ? 'untried' : really })
    }
    // What must be known in any case.
    const known = !has(rights, 'Overall/Read')
      ? ['Overall/Read']
      : has(rights, 'Agent/Create')
        ? ['Agent/Create', 'Agent/Connect', 'Agent/Disconnect', 'Agent/Delete']
        : withAnchor
          ? ['Agent/Create', 'Agent/Connect', 'Agent/Disconnect']
          : ['Agent/Create']
    const jobs = has(rights, 'Overall/Read') && has(rights, 'Job/Read') ? ['Job/Build'] : []
    expect([...known, ...jobs].filter((right) => untried.has(right))).toEqual([])
    expect(anchors[1]).toEqual(anchors[0])
    expect(queue).toBe(0)
  }
})
