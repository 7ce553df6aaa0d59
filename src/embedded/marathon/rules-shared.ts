import type { PodDefinition } from './pod-schema.ts'
import type { Mistakes } from './refusal.ts'
import type { Constraint } from './spec.ts'

const PATH_ID = /^(\/([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(\.([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*)+$/

export function checkId(mistakes: Mistakes, id: string): void {
  if (PATH_ID.test(id)) return
  mistakes.add('/id', `'${id}' is no path of lower case letters, digits, dots and dashes, such as /ci/jenkins`)
}

/** An id with its slash at the start, as Marathon stores it. */
export function absolute(id: string): string {
  return id.startsWith('/') ? id : `/${id}`
}

export function checkConstraint(mistakes: Mistakes, at: string, { operator, value }: Constraint): void {
  const say = (words: string): void => {
    mistakes.add(at, `${operator} ${words}`)
  }
  switch (operator) {
    case 'UNIQUE':
      if (value !== undefined) say('takes no value')
      return
    case 'GROUP_BY':
      if (value !== undefined && !/^\d+$/.test(value)) say('takes an integer, or no value')
      return
    case 'MAX_PER':
      if (value === undefined || !/^\d+$/.test(value)) say('takes an integer')
      return
    case 'IS':
      if (value === undefined || !/^[a-zA-Z0-9_/.-]*$/.test(value)) say('takes a text of letters, digits, and _ / . -')
      return
    case 'LIKE':
    case 'UNLIKE':
      if (value === undefined || !isPattern(value)) say('takes a regular expression')
      return
    case 'CLUSTER':
      return
    default:
      say('is no operator: there are UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER and IS')
  }
}

function isPattern(value: string): boolean {
  try {
    return new RegExp(value) instanceof RegExp
  } catch {
    return false
  }
}

export function checkUnreachable(
  mistakes: Mistakes,
  at: string,
  strategy: PodDefinition['scheduling']['unreachableStrategy'],
): void {
  if (strategy === undefined || strategy === 'disabled') return
  if (strategy.expungeAfterSeconds < strategy.inactiveAfterSeconds) {
    mistakes.add(at, 'expungeAfterSeconds must not be less than inactiveAfterSeconds')
  }
}
