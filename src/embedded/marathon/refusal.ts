export interface Detail {
  /** `/containers(0)/name`; `/` is the whole. */
  readonly path: string
  readonly errors: readonly string[]
}

/** A request that is answered with other than what it asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly body: object

  constructor(status: number, body: { readonly message: string } & Readonly<Record<string, unknown>>) {
    super(body.message)
    this.status = status
    this.body = body
  }
}

/** 400: it cannot be read. */
export function unreadable(details: readonly Detail[]): Refusal {
  return new Refusal(400, { message: 'Invalid JSON', details })
}

/** 422: it can be read and must not be. */
function invalid(details: readonly Detail[]): Refusal {
  return new Refusal(422, { message: 'Object is not valid', details })
}

export function notFound(what: 'App' | 'Pod', id: string): Refusal {
  return new Refusal(404, { message: `${what} '${id}' does not exist` })
}

/** Gathers mistakes, several at one place together. */
export class Mistakes {
  readonly #found = new Map<string, string[]>()

  add(path: string, words: string): void {
    const there = this.#found.get(path)
    if (there === undefined) this.#found.set(path, [words])
    else there.push(words)
  }

  get details(): readonly Detail[] {
    return [...this.#found].map(([path, errors]) => ({ path, errors }))
  }

  /** @throws {Refusal} 422 where there are any */
  check(): void {
    if (this.#found.size > 0) throw invalid(this.details)
  }
}
