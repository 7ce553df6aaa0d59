import { labelBean, loadStatistics } from './beans-farm.ts'
import { jobBean } from './beans-jobs.ts'
import { classed, type Scene } from './scene.ts'
import { type Exported, exported, property, visible } from './tree-query.ts'

export function rootBean(scene: Scene): Exported {
  const { jenkins } = scene
  const node = jenkins.farm.builtIn.node
  const view = (): Exported =>
    exported(scene, classed(scene, 'hudson.model.AllView'), [
      visible('name', () => 'all'),
      visible('url', () => jenkins.url),
    ])
  return exported(scene, classed(scene, 'hudson.model.Hudson'), [
    property('assignedLabels', () => [labelBean(scene, 'built-in', true)]),
    property('mode', () => node.mode),
    property('nodeDescription', () => node.description),
    property('nodeName', () => ''),
    property('numExecutors', () => node.executors),
    property('description', () => null),
    property('jobs', () => jenkins.jobList.map((job) => jobBean(scene, job))),
    property('overallLoad', () => exported(scene, undefined, [])),
    property('primaryView', view),
    property('quietDownReason', () => jenkins.queue.quietDown?.reason ?? null),
    property('quietingDown', () => jenkins.queue.quietDown !== null),
    property('slaveAgentPort', () => -1),
    property('unlabeledLoad', () => loadStatistics(scene, 'jenkins.model.UnlabeledLoadStatistics')),
    property('url', () => jenkins.url),
    property('useCrumbs', () => !scene.old),
    property('useSecurity', () => jenkins.access.security),
    property('views', () => [view()]),
  ])
}
