import { attributesOf, type HostSpec } from './host-spec.ts'
import type { AttributeConstraint, OfferConstraints } from './received.ts'

/** What is wrong with constraints, in Mesos' words, its typing errors included; `undefined` for good ones. */
export function constraintsError(constraints: OfferConstraints | undefined): string | undefined {
  for (const [role, { groups = [] }] of Object.entries(constraints?.role_constraints ?? {})) {
    if (groups.length === 0) {
      return `Offer constraints are not valid: 'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role ${role}`
    }
    for (const { attribute_constraints = [] } of groups) {
      if (attribute_constraints.length === 0) {
        return `Offer constraints are not valid: 'OfferConstraints::RoleConstraints::groups' for role ${role}contains an empty RoleConstraints::Group`
      }
      for (const { predicate } of attribute_constraints) {
        const wrong = regexError((predicate.text_matches ?? predicate.text_not_matches)?.regex)
        if (wrong !== undefined) {
          return `Offer constraints are not valid: A role ${role} has an invalid 'AttributeConstraint': ${wrong}`
        }
      }
    }
  }
  return undefined
}

/** A real master has RE2, which says it in other words where more than a `)` is missing. */
function regexError(regex: string | undefined): string | undefined {
  if (regex === undefined) return undefined
  try {
    whole(regex)
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return `Failed to construct regex from pattern '${regex}': missing ): ${regex}`
  }
}

/** Whether a host may be offered to a role: groups are alternatives, what stands in one must all be so. */
export function admits(constraints: OfferConstraints | undefined, role: string, spec: HostSpec): boolean {
  const groups = constraints?.role_constraints?.[role]?.groups
  if (groups === undefined) return true
  return groups.some(({ attribute_constraints = [] }) => attribute_constraints.every((one) => holds(one, spec)))
}

function holds({ selector, predicate }: AttributeConstraint, spec: HostSpec): boolean {
  const value = valueOf(selector, spec)
  if (predicate.exists !== undefined) return value !== undefined
  if (predicate.not_exists !== undefined) return value === undefined
  // Comparing texts is true for attributes that are none.
  if (value === 'no text') return true
  const text = value?.text
  if (predicate.text_equals !== undefined) return text === predicate.text_equals.value
  if (predicate.text_not_equals !== undefined) return text !== predicate.text_not_equals.value
  if (predicate.text_matches !== undefined) return text !== undefined && whole(predicate.text_matches.regex).test(text)
  if (predicate.text_not_matches !== undefined) {
    return text === undefined || !whole(predicate.text_not_matches.regex).test(text)
  }
  return true
}

function whole(regex = ''): RegExp {
  return new RegExp(`^(?:${regex})$`)
}

function valueOf(
  { attribute_name, pseudoattribute_type }: AttributeConstraint['selector'],
  spec: HostSpec,
): { readonly text: string } | 'no text' | undefined {
  const pseudo = {
    HOSTNAME: spec.hostname,
    REGION: spec.faultDomain?.region,
    ZONE: spec.faultDomain?.zone,
  }[pseudoattribute_type ?? '']
  if (pseudoattribute_type !== undefined) return pseudo === undefined ? undefined : { text: pseudo }
  const found = attributesOf(spec).find(({ name }) => name === attribute_name)
  if (found === undefined) return undefined
  return found.text === undefined ? 'no text' : { text: found.text.value }
}
