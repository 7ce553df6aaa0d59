import { type HttpCall, header, readText, send } from '../../src/mesos/http.ts'
import type { MesosSystem } from './systems.ts'

export interface ShownFramework {
  readonly id: string
  readonly name: string
  readonly principal?: string
  readonly capabilities?: readonly string[]
  /** Those that ended and whose end was not acknowledged yet included. */
  readonly tasks: readonly { readonly id: string; readonly state: string }[]
}

/** The frameworks that are registered, connected or not, as the leading master shows them to people. */
export async function readFrameworks(mesos: MesosSystem): Promise<readonly ShownFramework[]> {
  return ((await page(mesos, mesos.origin)) as { readonly frameworks: readonly ShownFramework[] }).frameworks
}

async function page({ login }: MesosSystem, from: string): Promise<unknown> {
  const { signal } = new AbortController()
  const { authorize } = login
  let origin = from
  for (let hops = 0; hops < 3; hops++) {
    const dispatcher = login.dispatcher(origin)
    const what = `GET ${origin}/master/frameworks`
    const path = '/master/frameworks'
    const call: HttpCall = { dispatcher, origin, method: 'GET', path, headers: {}, authorize, signal, what }
    try {
      const response = await send(call)
      const text = await readText(call, response)
      const location = header(response, 'location')
      if (response.statusCode === 200) return JSON.parse(text)
      if (response.statusCode !== 307 || location === undefined) {
        throw new Error(`${what} answered ${response.statusCode}: ${text.slice(0, 200)}`)
      }
      // A follower points to the leader without a scheme.
      origin = new URL(location, origin).origin
    } finally {
      await dispatcher.destroy()
    }
  }
  throw new Error(`${from} and the masters that it points to name no leader`)
}
