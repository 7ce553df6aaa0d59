import { request } from 'undici'

export interface ShownFramework {
  readonly id: string
  readonly name: string
  /** Those that ended and whose end was not acknowledged yet included. */
  readonly tasks: readonly { readonly id: string; readonly state: string }[]
}

/** The frameworks that are registered, connected or not, as the leading master shows them to people. */
export async function readFrameworks(origin: string): Promise<readonly ShownFramework[]> {
  return ((await page(origin)) as { readonly frameworks: readonly ShownFramework[] }).frameworks
}

async function page(origin: string): Promise<unknown> {
  const { statusCode, headers, body } = await request(`${origin}/master/frameworks`)
  const text = await body.text()
  const { location } = headers
  // A follower points to the leader without a scheme.
  if (statusCode === 307 && typeof location === 'string') return await page(new URL(location, origin).origin)
  if (statusCode !== 200) throw new Error(`${origin}/master/frameworks answered ${statusCode}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}
