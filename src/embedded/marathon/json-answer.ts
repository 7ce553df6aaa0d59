import type { HttpResponse } from '../http.ts'

export function json(status: number, body: unknown, headers: HttpResponse['headers'] = []): HttpResponse {
  return {
    status,
    headers: [['Content-Type', 'application/json'], ...headers],
    body: Buffer.from(JSON.stringify(body)),
  }
}
