import { codeOf } from '../core/code-of.ts'

/**
 * Opens a port of ours.
 * @param setting what moves it
 * @throws where another program has it: in words, with what to do
 */
export async function onPort<T>(
  setting: 'HTTP_PORT' | 'AGENT_HTTP_PORT',
  { host, port }: { readonly host: string; readonly port: number },
  listen: (address: { readonly host: string; readonly port: number }) => Promise<T>,
): Promise<T> {
  try {
    return await listen({ host, port })
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    const words = `${host}:${port} is in use by another program: end that one, or set ${setting} to a free port`
    throw new Error(`${words} (EADDRINUSE)`, { cause: error })
  }
}
