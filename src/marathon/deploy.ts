import { jittered } from '../core/backoff.ts'
import { type Change, changesBetween, frozenChanges } from './compare.ts'
import type { Deployment } from './deployments.ts'
import { type MarathonCode, MarathonError } from './errors.ts'
import { follow } from './follow.ts'
import { showPath } from './path.ts'
import type { Scene } from './scene.ts'
import type { Failure, Status } from './status.ts'

export type Outcome =
  /** It was so already. */
  | { readonly kind: 'same'; readonly status: Status }
  | { readonly kind: 'planned' }
  | { readonly kind: 'done'; readonly status: Status }
  /** In words what to do. */
  | { readonly kind: 'failed'; readonly words: string }

export interface Wish {
  readonly dryRun: boolean
  readonly force: boolean
  readonly tell: (changes: readonly Change[], isNew: boolean) => void
}

/** Without a leader Marathon is asked again for so long. */
const PATIENCE_MS = 60_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8_000

/** Makes Marathon run the definition, if it does not yet, and waits for it. */
export async function deploy(scene: Scene, wish: Wish): Promise<Outcome> {
  const { marathon, definition, signal } = scene
  const running = await patiently(scene, () => marathon.stored(signal), ['MARATHON_BUSY'])
  if (running === undefined) {
    const obstacle = await patiently(scene, () => marathon.obstacle(signal))
    if (obstacle !== undefined) return { kind: 'failed', words: obstacle }
  }
  const changes = changesBetween(definition, running)
  wish.tell(changes, running === undefined)
  const frozen = frozenChanges(definition, running, changes)
  if (frozen.length > 0) return { kind: 'failed', words: frozenWords(frozen) }
  if (wish.dryRun) return { kind: 'planned' }
  const before = running === undefined ? [] : (await patiently(scene, () => marathon.status(signal))).failures
  if (changes.length === 0 && running !== undefined) return await alreadyStored(scene)
  const begun = await begin(scene, wish.force)
  return typeof begun === 'object' ? begun : await toTheEnd(scene, begun, before)
}

/** The same is stored. A deployment that brings it may still be under way. */
async function alreadyStored(scene: Scene): Promise<Outcome> {
  const under = (await patiently(scene, () => scene.marathon.deployments(scene.signal))).find(({ affected }) =>
    affected.includes(scene.definition.id),
  )
  if (under === undefined) {
    return { kind: 'same', status: await patiently(scene, () => scene.marathon.status(scene.signal)) }
  }
  scene.say(`The deployment that brings it, ${under.id}, is under way.`)
  return await toTheEnd(scene, under.id, [])
}

/** @returns the deployment's id; `undefined`: Marathon did not say */
async function begin(scene: Scene, force: boolean): Promise<string | undefined | Outcome> {
  const { marathon, definition, signal } = scene
  let isSent = false
  return await patiently(scene, async () => {
    // An answer got lost: look whether it was done before it is done again.
    if (isSent) {
      const same = changesBetween(definition, await marathon.stored(signal)).length === 0
      const mine = (await marathon.deployments(signal)).find(({ affected }) => affected.includes(definition.id))
      if (same) return mine?.id
    }
    isSent = true
    const put = await marathon.put(force, signal)
    if (put.kind === 'begun') return put.deploymentId
    const all = await marathon.deployments(signal)
    return { kind: 'failed', words: lockedWords(scene, put.by, all) } as const
  })
}

async function toTheEnd(scene: Scene, id: string | undefined, before: readonly Failure[]): Promise<Outcome> {
  const { marathon, definition, signal } = scene
  if (id !== undefined) {
    scene.say(`Deployment ${id}`)
    const late = await follow(scene, id, before)
    if (late !== undefined) return { kind: 'failed', words: late }
  }
  const left = changesBetween(definition, await patiently(scene, () => marathon.stored(signal)))
  if (left.length > 0) {
    const paths = left.slice(0, 5).map(({ path }) => showPath(path))
    return {
      kind: 'failed',
      words: `The deployment has ended, but what Marathon holds is not what was sent (${paths.join(', ')}): somebody cancelled it, rolled it back, or deployed something else meanwhile.`,
    }
  }
  const status = await patiently(scene, () => marathon.status(signal))
  return { kind: 'done', status }
}

const PASSING: readonly MarathonCode[] = ['MARATHON_BUSY', 'MARATHON_UNREACHABLE']

/** Tries again what may work a moment later. @throws MarathonError */
async function patiently<T>(scene: Scene, work: () => Promise<T>, passing = PASSING): Promise<T> {
  const { clock } = scene
  const until = Math.min(scene.deadline, clock.monotonic() + PATIENCE_MS)
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof MarathonError) || !passing.includes(error.code) || clock.monotonic() >= until) throw error
      if (attempt === 0) scene.say(`${error.message} It is asked again.`)
      await clock.sleep(
        FIRST_PAUSE_MS + jittered(FIRST_PAUSE_MS, attempt, LONGEST_PAUSE_MS, scene.chance()),
        scene.signal,
      )
    }
  }
}

function frozenWords(changes: readonly Change[]): string {
  const paths = changes.map(({ path }) => showPath(path)).join(', ')
  return `Marathon never changes resources, host ports and volumes of a pod with a persistent volume (${paths}). Take these back; or deploy under another id, and delete the old pod: its volume goes with it.`
}

function lockedWords({ clock, definition }: Scene, by: readonly string[], all: readonly Deployment[]): string {
  const shown = by.map((id) => {
    const { version, step = 'it has just ended' } = all.find((each) => each.id === id) ?? {}
    const since = version === undefined ? Number.NaN : Date.parse(version)
    const ago = Number.isNaN(since) ? '' : `, for ${Math.max(0, Math.round((clock.now() - since) / 1000))} s`
    return `${id} (${step}${ago})`
  })
  return `${definition.id} is locked by a deployment that is under way: ${shown.join(', ')}. Wait until it has ended and call this again, or stop it and put this in its place with --force.`
}
