import { request } from 'undici'

export interface MasterReading {
  /** Frameworks that are registered, connected or not. */
  readonly frameworkIds: readonly string[]
  /** Tasks that have not ended, of all frameworks. */
  readonly tasks: readonly { readonly id: string; readonly frameworkId: string; readonly state: string }[]
}

interface FrameworksPage {
  readonly frameworks: readonly {
    readonly id: string
    readonly tasks: readonly { readonly id: string; readonly state: string }[]
  }[]
}

/** What the leading master shows to people. */
export async function readMaster(origin: string): Promise<MasterReading> {
  const { frameworks } = (await page(origin)) as FrameworksPage
  return {
    frameworkIds: frameworks.map(({ id }) => id),
    tasks: frameworks.flatMap(({ id: frameworkId, tasks }) => tasks.map(({ id, state }) => ({ id, frameworkId, state }))),
  }
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
