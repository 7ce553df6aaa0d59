import type { Entry } from './entry.ts'

/** A change that is under way; it locks what it changes. */
export interface Deployment {
  readonly id: string
  readonly version: string
  readonly entry: Entry
  readonly action: 'Start' | 'Restart' | 'Scale' | 'Stop'
  /** Nothing was to be done: it ends at once. */
  readonly isEmpty: boolean
}

export function isDone({ entry, action, isEmpty }: Deployment): boolean {
  return isEmpty || (action === 'Stop' ? entry.instances.length === 0 : entry.isSettled)
}

/** As /v2/deployments has it. */
export function shownDeployment({ id, version, entry, action }: Deployment): object {
  const { kind, id: specId } = entry.spec
  const isPod = kind === 'pod'
  const name = `${action}${isPod ? 'Pod' : 'Application'}`
  const step = { action: name, ...(isPod ? { pod: specId } : { app: specId }) }
  return {
    id,
    version,
    affectedApps: isPod ? [] : [specId],
    affectedPods: isPod ? [specId] : [],
    steps: [{ actions: [step] }],
    currentActions: [{ ...step, readinessCheckResults: [] }],
    currentStep: 1,
    totalSteps: 1,
  }
}
