/** Who asks, and what they may. */
export type Permission =
  | 'Overall/Read'
  | 'Overall/Administer'
  | 'Job/Read'
  | 'Job/Create'
  | 'Job/Configure'
  | 'Job/Build'
  | 'Job/Cancel'
  | 'Job/Delete'
  | 'Agent/Create'
  | 'Agent/Configure'
  | 'Agent/Connect'
  | 'Agent/Disconnect'
  | 'Agent/Delete'
  | 'Agent/ExtendedRead'

export interface JenkinsUser {
  readonly name: string
  readonly apiToken?: string
  readonly password?: string
  readonly permissions: readonly Permission[]
}

export interface Caller {
  readonly name: string
  readonly anonymous: boolean
  /** Came with an API token: needs no crumb. */
  readonly byToken: boolean
  readonly may: (permission: Permission) => boolean
}

/** Each with its id and the rights that include it, as the headers of a 403 name them. */
const RIGHTS: Readonly<Record<Permission, { id: string; impliedBy: readonly Permission[]; said: readonly string[] }>> =
  {
    'Overall/Read': right('Hudson.Read', [], ['hudson.security.Permission.GenericRead']),
    'Overall/Administer': { id: 'hudson.model.Hudson.Administer', impliedBy: [], said: [] },
    'Job/Read': right('Item.Read', [], ['hudson.security.Permission.GenericRead']),
    'Job/Create': right('Item.Create', [], ['hudson.security.Permission.GenericWrite']),
    'Job/Configure': right('Item.Configure', [], ['hudson.security.Permission.GenericUpdate']),
    'Job/Build': right(
      'Item.Build',
      [],
      ['hudson.security.Permission.GenericUpdate', 'hudson.security.Permission.GenericWrite'],
    ),
    'Job/Cancel': right('Item.Cancel', [], ['hudson.security.Permission.GenericUpdate']),
    'Job/Delete': right('Item.Delete', [], ['hudson.security.Permission.GenericWrite']),
    'Agent/Create': right('Computer.Create', [], []),
    'Agent/Configure': right('Computer.Configure', [], []),
    'Agent/Connect': right('Computer.Connect', ['Agent/Disconnect'], ['hudson.model.Computer.Disconnect']),
    'Agent/Disconnect': right('Computer.Disconnect', [], []),
    'Agent/Delete': right('Computer.Delete', [], []),
    // Disabled unless asked for: then only Configure includes it, and is the one that is named.
    'Agent/ExtendedRead': right('Computer.Configure', ['Agent/Configure'], []),
  }

function right(id: string, impliedBy: readonly Permission[], said: readonly string[]) {
  return { id: `hudson.model.${id}`, impliedBy, said: [...said, 'hudson.model.Hudson.Administer'] }
}

/** The headers that tell a user which right is missing. */
export function missingRight(user: string, permission: Permission): (readonly [string, string])[] {
  return [
    ['X-You-Are-Authenticated-As', user],
    ['X-You-Are-In-Group-Disabled', 'groups are not reported; /whoAmI tells them'],
    ['X-Required-Permission', RIGHTS[permission].id],
    ...RIGHTS[permission].said.map((id) => ['X-Permission-Implied-By', id] as const),
  ]
}

export interface Access {
  readonly users: readonly JenkinsUser[]
  readonly anonymous: readonly Permission[]
  /** `false`: everybody may do everything, credentials are not looked at. */
  readonly security: boolean
  /** 1.395 has no API tokens. */
  readonly tokens: boolean
}

/** @returns `undefined` for wrong credentials, which is another thing than none */
export function callerOf(access: Access, authorization: string | undefined): Caller | undefined {
  if (!access.security) return { name: 'anonymous', anonymous: true, byToken: false, may: () => true }
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) {
    return { name: 'anonymous', anonymous: true, byToken: false, may: (wanted) => grants(access.anonymous, wanted) }
  }
  const credentials = Buffer.from(encoded, 'base64').toString()
  const colon = credentials.indexOf(':')
  const [name, password] = [credentials.slice(0, colon), credentials.slice(colon + 1)]
  const user = access.users.find((one) => one.name === name)
  if (user === undefined || colon < 0) return undefined
  const byToken = access.tokens && password === user.apiToken
  if (!byToken && password !== user.password) return undefined
  return { name, anonymous: false, byToken, may: (wanted) => grants(user.permissions, wanted) }
}

function grants(has: readonly Permission[], wanted: Permission): boolean {
  if (has.includes('Overall/Administer') || has.includes(wanted)) return true
  return RIGHTS[wanted].impliedBy.some((permission) => has.includes(permission))
}
