import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The compiled program. */
export const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url))
/** The top folder of the repository. */
export const FILES = fileURLToPath(new URL('../../../..', import.meta.url))

/** A port of loopback that is free now. @throws where none of them is */
export async function freePort(from = 0, to = from): Promise<number> {
  for (let port = from; port <= to; port++) {
    const got = await open(port)
    if (got !== undefined) return got
  }
  throw new Error(`no port from ${from} to ${to} is free on 127.0.0.1`)
}

async function open(port: number): Promise<number | undefined> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => {
      resolve(undefined)
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        resolve(address === null || typeof address === 'string' ? undefined : address.port)
      })
    })
  })
}

/** One word of a shell command. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
