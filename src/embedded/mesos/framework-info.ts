import { constraintsError } from './offer-constraints.ts'
import type { ReceivedFrameworkInfo, Subscription } from './received.ts'

/** Durations are nanoseconds in 64 bits. */
const MOST_SECONDS = 9_223_372_036

export function capabilitiesOf(info: ReceivedFrameworkInfo): ReadonlySet<string> {
  return new Set((info.capabilities ?? []).map(({ type }) => type))
}

/** The roles it is subscribed to: `roles` with MULTI_ROLE, else the one `role`. */
export function rolesOf(info: ReceivedFrameworkInfo): readonly string[] {
  return capabilitiesOf(info).has('MULTI_ROLE') ? (info.roles ?? []) : [info.role ?? '*']
}

/** What an ERROR record says of a SUBSCRIBE that cannot be, in Mesos' words. */
export function subscriptionError(subscription: Subscription): string | undefined {
  return infoError(subscription.framework_info) ?? rolesError(subscription)
}

/** What the 400 of an UPDATE_FRAMEWORK says. `present` is how the framework subscribed or was last updated. */
export function updateError(update: Subscription, present: ReceivedFrameworkInfo): string | undefined {
  const info = update.framework_info
  const wrong = infoError(info)
  if (wrong !== undefined) return `Supplied FrameworkInfo is not valid: ${wrong}`
  if (info.principal !== present.principal) {
    return "FrameworkInfo update is not valid: Changing framework's principal is not allowed."
  }
  for (const field of ['user', 'checkpoint'] as const) {
    const [from, to] = [present[field] ?? false, info[field] ?? false]
    if (from === to) continue
    return `FrameworkInfo update is not valid: Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`
  }
  const roles = rolesError(update)
  return roles === undefined ? undefined : `'UpdateFramework' call is not valid: ${roles}`
}

function infoError(framework_info: ReceivedFrameworkInfo): string | undefined {
  const multi = capabilitiesOf(framework_info).has('MULTI_ROLE')
  if (multi && framework_info.role !== undefined) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable"
  }
  if (!multi && (framework_info.roles ?? []).length > 0) {
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable"
  }
  const roles = rolesOf(framework_info)
  const twice = roles.filter((role, index) => roles.indexOf(role) !== index)
  if (twice.length > 0) return `'FrameworkInfo.roles' contains duplicate items: { ${twice.join(', ')} }`
  for (const role of roles) {
    const wrong = roleError(role)
    if (wrong !== undefined) return `'FrameworkInfo.${multi ? 'roles' : 'role'}' contains invalid role: ${wrong}`
  }
  const id = framework_info.id?.value ?? ''
  const idWrong = id === '' ? undefined : idError(id)
  if (idWrong !== undefined) return idWrong
  const timeout = framework_info.failover_timeout ?? 0
  if (Math.abs(timeout) > MOST_SECONDS) return `The framework failover_timeout (${general(timeout)}) is invalid`
  return undefined
}

function rolesError({ framework_info, suppressed_roles, offer_constraints }: Subscription): string | undefined {
  const roles = rolesOf(framework_info)
  const foreign = (suppressed_roles ?? []).filter((role) => !roles.includes(role))
  if (foreign.length > 0) return `Suppressed roles { ${foreign.join(', ')} } are not contained in the set of roles`
  const constrained = Object.keys(offer_constraints?.role_constraints ?? {}).find((role) => !roles.includes(role))
  if (constrained !== undefined) {
    return `Offer constraints specify \`role_constraints\` for a role '${constrained}'not contained in the set of roles`
  }
  return constraintsError(offer_constraints)
}

export function roleError(role: string): string | undefined {
  if (role === '') return 'Role names cannot be the empty string'
  if (role === '*') return undefined
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`
  if (role.includes('//')) return `Role '${role}' cannot contain two adjacent slashes`
  for (const component of role.split('/')) {
    if (component === '.' || component === '..' || component === '*') {
      return `Role '${role}' cannot include '${component}' as a component`
    }
    if (component.startsWith('-')) return `Role component '${component}' is invalid because it starts with a dash`
    if (/\s/.test(component) || component.includes('\b')) {
      return `Role component '${component}' is invalid because it contains backspace or whitespace`
    }
  }
  return undefined
}

/** The rule for every id: framework, task, executor. */
export function idError(id: string): string | undefined {
  if (id === '') return 'ID must not be empty'
  if (Buffer.byteLength(id) > 255) return 'ID must not be greater than 255 characters'
  if (id === '.' || id === '..') return `'${id}' is disallowed`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f/\\]/.test(id)) return `'${id}' contains invalid characters`
  return undefined
}

/** A number as C++ streams print it: six digits, `1e+12`. */
function general(value: number): string {
  const exponent = Math.floor(Math.log10(Math.abs(value)))
  if (exponent < 6) return String(Number(value.toPrecision(6)))
  const mantissa = Number((value / 10 ** exponent).toPrecision(6))
  return `${mantissa}e+${String(exponent).padStart(2, '0')}`
}
