import { buildOf, estimatedDuration, runningBuild } from './jobs.ts'
import type { BuildState, ItemState, JobState, Parameters } from './model.ts'
import { classed, type Scene } from './scene.ts'
import { type Exported, exported, inlined, type Property, property, type Value, visible } from './tree-query.ts'
import { isStuck, whyOf } from './why.ts'

const RESULTS = { SUCCESS: 'blue', FAILURE: 'red', ABORTED: 'aborted' } as const

export function jobBean(scene: Scene, job: JobState): Exported {
  const { jenkins } = scene
  const url = `${jenkins.url}job/${encodeURIComponent(job.name)}/`
  const builds = [...job.builds].reverse()
  const last = (...results: readonly (BuildState['result'] | 'any')[]): (() => Value) => {
    return () => {
      const build = builds.find(
        ({ result }) => results.includes(result) || (results.includes('any') && result !== null),
      )
      return build === undefined ? null : buildBean(scene, job, build)
    }
  }
  const waiting = () => jenkins.queue.items.find((item) => item.job === job.name)
  const ended = builds.find(({ result }) => result !== null)
  const color = job.disabled ? 'disabled' : ended === undefined ? 'notbuilt' : RESULTS[ended.result ?? 'SUCCESS']
  const properties: Property<JobState>[] = [
    property('actions', () => (job.parameters.length === 0 ? [] : [parameterDefinitions(scene, job)])),
    property('description', () => ''),
    property('displayName', () => job.name),
    property('displayNameOrNull', () => null),
    property('fullDisplayName', () => job.name),
    property('fullName', () => job.name),
    visible('name', () => job.name),
    visible('url', () => url),
    property('buildable', () => !job.disabled),
    property('builds', () => builds.slice(0, 100).map((build) => buildBean(scene, job, build))),
    visible('color', () => (runningBuild(job) === undefined ? color : `${color}_anime`)),
    property('firstBuild', () => (job.builds[0] === undefined ? null : buildBean(scene, job, job.builds[0]))),
    property('healthReport', () => []),
    property('inQueue', () => waiting() !== undefined),
    property('keepDependencies', () => false),
    property('lastBuild', () => (builds[0] === undefined ? null : buildBean(scene, job, builds[0]))),
    property('lastCompletedBuild', last('any')),
    property('lastFailedBuild', last('FAILURE')),
    property('lastStableBuild', last('SUCCESS')),
    property('lastSuccessfulBuild', last('SUCCESS')),
    property('lastUnstableBuild', () => null),
    property('lastUnsuccessfulBuild', last('FAILURE', 'ABORTED')),
    property('nextBuildNumber', () => job.nextBuild),
    property('property', () => (job.parameters.length === 0 ? [] : [parameterDefinitions(scene, job)])),
    property('queueItem', () => {
      const item = waiting()
      return item === undefined ? null : itemBean(scene, item)
    }),
    property('concurrentBuild', () => job.concurrent),
    property('disabled', () => job.disabled),
    property('downstreamProjects', () => []),
    property('labelExpression', () => job.labelExpression),
    property('scm', () => exported(job, classed(scene, 'hudson.scm.NullSCM'), [])),
    property('upstreamProjects', () => []),
  ]
  const unknownThen = ['fullDisplayName', 'fullName', 'disabled', 'labelExpression']
  const shown = scene.old ? properties.filter(({ name }) => !unknownThen.includes(name)) : properties
  return exported(job, classed(scene, 'hudson.model.FreeStyleProject'), shown)
}

function parameterDefinitions(scene: Scene, job: JobState): Exported {
  return exported(job, classed(scene, 'hudson.model.ParametersDefinitionProperty'), [
    visible('parameterDefinitions', () =>
      job.parameters.map(({ name, defaultValue, password }) =>
        exported(name, classed(scene, `hudson.model.${password ? 'Password' : 'String'}ParameterDefinition`), [
          visible(
            'defaultParameterValue',
            () => (password ? passwordBean(scene, name) : parameterBean(scene, name, defaultValue)),
            3,
          ),
          visible('description', () => null, 3),
          visible('name', () => name, 3),
          visible('type', () => (password ? 'PasswordParameterDefinition' : 'StringParameterDefinition'), 3),
        ]),
      ),
    ),
  ])
}

function parameterBean(scene: Scene, name: string, value: string): Exported {
  return exported(name, classed(scene, 'hudson.model.StringParameterValue'), [
    visible('name', () => name, 3),
    visible('value', () => value, 3),
  ])
}

/** As Jenkins tells a password: by its name. */
function passwordBean(scene: Scene, name: string): Exported {
  return exported(name, classed(scene, 'hudson.model.PasswordParameterValue'), [visible('name', () => name, 3)])
}

function actionsOf(scene: Scene, by: string, parameters: Parameters, job: JobState | undefined): readonly Exported[] {
  const hidden = (name: string): boolean => job?.parameters.some((one) => one.name === name && one.password) ?? false
  const user = by === 'anonymous' ? null : by
  const cause = exported(by, classed(scene, 'hudson.model.Cause$UserIdCause'), [
    visible('shortDescription', () => scene.say.startedBy(by), 3),
    ...(scene.old ? [] : [visible('userId', () => user, 3)]),
    visible('userName', () => by, 3),
  ])
  const causes = exported(by, classed(scene, 'hudson.model.CauseAction'), [visible('causes', () => [cause])])
  if (parameters.length === 0) return [causes]
  const given = exported(by, classed(scene, 'hudson.model.ParametersAction'), [
    visible('parameters', () =>
      parameters.map(([name, value]) => (hidden(name) ? passwordBean(scene, name) : parameterBean(scene, name, value))),
    ),
  ])
  return [given, causes]
}

export function buildBean(scene: Scene, job: JobState, build: BuildState): Exported {
  const { jenkins } = scene
  const running = build.result === null
  return exported(build, classed(scene, 'hudson.model.FreeStyleBuild'), [
    property('actions', () => actionsOf(scene, build.by, build.parameters, job)),
    property('artifacts', () => []),
    property('building', () => running),
    property('description', () => null),
    property('displayName', () => `#${build.number}`),
    property('duration', () => build.durationMs ?? 0),
    property('estimatedDuration', () => estimatedDuration(job)),
    property('executor', () => (running ? exported(build, undefined, []) : null)),
    property('fullDisplayName', () => `${job.name} #${build.number}`),
    property('id', () => String(build.number)),
    property('inProgress', () => running),
    property('keepLog', () => false),
    visible('number', () => build.number),
    property('queueId', () => build.queueId),
    property('result', () => build.result),
    property('timestamp', () => build.startedAt),
    visible('url', () => `${jenkins.url}job/${encodeURIComponent(job.name)}/${build.number}/`),
    property('builtOn', () => build.node),
    property('changeSet', () =>
      exported(build, classed(scene, 'hudson.scm.EmptyChangeLogSet'), [
        visible('items', () => []),
        visible('kind', () => null),
      ]),
    ),
    property('culprits', () => []),
  ])
}

export function queueBean(scene: Scene, items: readonly ItemState[]): Exported {
  return exported(scene, classed(scene, 'hudson.model.Queue'), [
    ...(scene.old ? [] : [property('discoverableItems', () => [])]),
    inlined('items', () => items.map((item) => itemBean(scene, item))),
  ])
}

export function itemBean(scene: Scene, item: ItemState): Exported {
  const { jenkins } = scene
  const job = jenkins.jobs.get(item.job)
  const world = jenkins.queue.blockage()
  const { stage } = item
  const properties: Property<ItemState>[] = [
    property('actions', () => actionsOf(scene, item.by, item.parameters, job)),
    property('blocked', () => stage === 'blocked'),
    property('buildable', () => stage === 'buildable' || stage === 'pending'),
    property('id', () => item.id),
    property('inQueueSince', () => item.since),
    property('params', () => item.parameters.map(([name, value]) => `\n${name}=${value}`).join('')),
    property('stuck', () => job !== undefined && isStuck(item, job, jenkins.farm, world.now)),
    property('task', () => (job === undefined ? null : jobBean(scene, job))),
    property('url', () => `queue/item/${item.id}/`),
    property('why', () => (job === undefined ? null : whyOf(item, job, world, scene.say))),
  ]
  if (stage === 'waiting') properties.push(property('timestamp', () => item.startAt))
  if (stage === 'blocked' || stage === 'buildable' || stage === 'pending') {
    properties.push(property('buildableStartMilliseconds', () => item.buildableSince))
  }
  if (stage === 'buildable' || stage === 'pending') properties.push(property('pending', () => stage === 'pending'))
  if (stage === 'left') {
    const build = job === undefined || item.build === null ? undefined : buildOf(job, item.build)
    properties.push(
      property('cancelled', () => item.cancelled),
      property('executable', () => (job === undefined || build === undefined ? null : buildBean(scene, job, build))),
    )
  }
  const unknownThen = ['id', 'inQueueSince', 'url', 'pending']
  const shown = scene.old ? properties.filter(({ name }) => !unknownThen.includes(name)) : properties
  return exported(item, classed(scene, `hudson.model.Queue$${KINDS[stage]}`), shown)
}

const KINDS = {
  waiting: 'WaitingItem',
  blocked: 'BlockedItem',
  buildable: 'BuildableItem',
  pending: 'BuildableItem',
  left: 'LeftItem',
} as const
