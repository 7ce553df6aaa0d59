import { type Rule, toRules } from './constraints.ts'
import type { TemplateName } from './model.ts'
import type { Resources } from './resources.ts'
import type { Need } from './stages.ts'
import { fixedPorts, type Template } from './template.ts'
import { launchKey } from './variant.ts'

/** Needs of agents of templates; the rules of each template are read once. */
export class Needs {
  readonly #rules = new Map<readonly unknown[], readonly Rule[]>()

  of(
    template: Template,
    resources: Resources,
    role: string = template.role,
  ): Need & { readonly template: TemplateName } {
    const { regions, maxBuildMs, name, priority, packing, revision } = template
    return {
      role,
      resources,
      regions,
      maxBuildMs,
      template: name,
      launch: launchKey(name, revision),
      rules: this.#rulesOf(template),
      priority,
      packing,
      hostPorts: fixedPorts(template),
    }
  }

  #rulesOf({ constraints }: Template): readonly Rule[] {
    const known = this.#rules.get(constraints)
    if (known !== undefined) return known
    const rules = toRules(constraints)
    this.#rules.set(constraints, rules)
    return rules
  }
}
