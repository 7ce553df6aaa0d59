import type { Allocator } from './allocate.ts'
import type { Template } from './model.ts'
import type { ScaleUp } from './scale-up.ts'

/** Wants as many executors as the warm pools lack, once the queue has its share of what is there and of what is wanted. */
export function fillWarmPools(templates: readonly Template[], allocator: Allocator, scaleUp: ScaleUp): void {
  for (const template of templates) {
    const { idle, starting } = allocator.left(template)
    for (let missing = template.minIdle - idle - starting; missing > 0; missing--) {
      if (scaleUp.want(template, `warm pool of ${template.minIdle}`) !== undefined) break
    }
  }
}
