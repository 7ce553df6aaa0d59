import { Backoff } from './backoff.ts'
import { type Instance, isGone, isWell } from './instance.ts'
import { type Spec, schedulingOf } from './spec.ts'

/** An instance that is over, for those who ask why. */
export interface Ended {
  readonly instance: Instance
  readonly at: number
}

const MOST_ENDED = 10

/** A pod or app with all that runs of it. */
export class Entry {
  spec: Spec
  /** Oldest first, this one included. */
  readonly versions: Spec[]
  readonly backoff = new Backoff()
  instances: Instance[] = []
  ended: Ended[] = []
  /** To be forgotten as soon as nothing of it runs. */
  isDeleted = false

  constructor(spec: Spec, versions: readonly Spec[] = [spec]) {
    this.spec = spec
    this.versions = [...versions]
  }

  get target(): number {
    return this.isDeleted ? 0 : schedulingOf(this.spec).instances
  }

  get outdated(): Instance[] {
    return this.instances.filter(({ spec }) => spec.configVersion !== this.spec.configVersion)
  }

  get current(): Instance[] {
    return this.instances.filter(
      ({ spec, isUnwanted }) => !isUnwanted && spec.configVersion === this.spec.configVersion,
    )
  }

  /** Everything is as the definition wants it. */
  get isSettled(): boolean {
    const { current } = this
    return this.instances.length === current.length && current.length === this.target && current.every(isWell)
  }

  /** Those that are to go now: of an older definition, or too many. */
  get surplus(): Instance[] {
    const { minimumHealthCapacity, youngestFirst } = schedulingOf(this.spec)
    const { current, target } = this
    const outdated = this.outdated.filter(({ isUnwanted }) => !isUnwanted)
    const keep = Math.ceil(target * minimumHealthCapacity)
    const enough = current.filter(isWell).length + outdated.length - keep
    const ordered = [...current].sort((one, other) => one.launchedAt - other.launchedAt)
    if (youngestFirst) ordered.reverse()
    return [...outdated.slice(0, Math.max(0, enough)), ...ordered.slice(0, Math.max(0, current.length - target))]
  }

  /** How many may be launched now, time apart. */
  get missing(): number {
    const { maximumOverCapacity } = schedulingOf(this.spec)
    const { target } = this
    const room = target + Math.floor(target * maximumOverCapacity) - this.instances.length
    return Math.max(0, Math.min(target - this.current.length, room))
  }

  /** Forgets the instance where nothing of it runs any more. */
  bury(instance: Instance, now: number): void {
    if (!isGone(instance) || !this.instances.includes(instance)) return
    this.instances = this.instances.filter((each) => each !== instance)
    this.ended = [...this.ended, { instance, at: now }].slice(-MOST_ENDED)
    if (!instance.isUnwanted) this.backoff.failed(now, schedulingOf(this.spec))
  }
}
