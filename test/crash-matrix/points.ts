import type { CrashPoint, Step } from '../support/sidecar-life.ts'
import type { Blow } from './day.ts'

/** What a network may bring twice, or a client may send again, without anybody's fault. */
const REPEATED =
  /^(?:ACKNOWLEDGE|KILL|DECLINE|RECONCILE|REVIVE|SUPPRESS|POST \S+ \S*\/doDelete|POST \S+ \S*doCreateItem)$/

/** All that may happen to a step. */
function blowsTo(step: Step): readonly CrashPoint[] {
  const all = ['before', 'after', 'lost', 'unanswered'] as const
  return REPEATED.test(step.name) ? [...all, 'twice'] : all
}

export function blowsOf(steps: readonly Step[]): readonly Blow[] {
  return steps.flatMap((step, index) => blowsTo(step).map((point) => ({ step: index, point })))
}

/** `after:117` */
export function nameOf({ step, point }: Blow): string {
  return `${point}:${step}`
}

/** @throws with a sentence for the person who wrote it */
export function readBlow(text: string): Blow {
  const [, point, step] = /^(before|after|lost|unanswered|twice):(\d+)$/.exec(text) ?? []
  if (point === undefined) throw new Error(`"${text}" is no point such as after:117`)
  return { point: point as CrashPoint, step: Number(step) }
}
