import { CATALOGUE } from './definitions.ts'
import { type LabelValues, type Spec, seriesPerSet } from './spec.ts'

export interface FarmSize {
  /** Configured, or with an agent that lives. */
  readonly templates: number
  readonly agents: number
  /** Of our server, that were asked for. */
  readonly routes: number
}

/**
 * More series of ours there cannot be, whatever happens. Those of Node and of the process, some 60, come on top.
 */
export function seriesBound(size: FarmSize): number {
  return Object.values<Spec>(CATALOGUE).reduce((sum, spec) => sum + seriesPerSet(spec) * setsOf(spec, size), 0)
}

function setsOf({ labels }: Spec, { templates, agents, routes }: FarmSize): number {
  if ('agent' in labels) return agents // each has one template
  return Object.entries<LabelValues>(labels).reduce((product, [label, values]) => {
    if (typeof values !== 'string') return product * values.length
    // `none` is a template, and `other` a route.
    if (label === 'template') return product * (values.includes('`none`') ? templates + 1 : templates)
    return product * (label === 'route' ? routes : 1)
  }, 1)
}
