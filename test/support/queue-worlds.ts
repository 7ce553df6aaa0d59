import type { JenkinsNode, QueueItem } from '../../src/core/jenkins-reading.ts'
import type { Action, Snapshot } from '../../src/core/snapshot.ts'
import { anchorOf, aReading, aSnapshot, aTemplate } from './builders.ts'

/** A snapshot with this queue, where every template has its anchor. */
export function aQueueOf(
  queue: readonly QueueItem[],
  over: Partial<Snapshot> & { readonly nodes?: readonly JenkinsNode[] } = {},
): Snapshot {
  const { nodes = [], ...rest } = over
  const templates = rest.templates ?? [aTemplate()]
  const anchors = templates.map((template) => anchorOf(template))
  return aSnapshot({ jenkins: aReading({ nodes: [...anchors, ...nodes], queue }), ...rest })
}

export function kindsOf(actions: readonly Action[]): readonly string[] {
  return actions.map(({ kind }) => kind)
}
