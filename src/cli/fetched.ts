import { request } from 'undici'

type Headers = Readonly<Record<string, string>>

/** @throws where the answer is not 200 */
export async function getText(url: string, headers: Headers = {}): Promise<string> {
  const { statusCode, body } = await request(url, { headers })
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`GET ${url} answered ${statusCode}: ${text.slice(0, 200)}`)
  return text
}

/** @throws where the answer is not 200, or no JSON */
export async function getJson(url: string, headers: Headers = {}): Promise<unknown> {
  return JSON.parse(await getText(url, headers))
}

/** The sum of all series of a metric in the exposition text. */
export function sumOf(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
