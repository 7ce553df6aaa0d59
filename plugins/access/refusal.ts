/** A caller is sent away, with words for a person. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly statusCode: 401 | 403 | 429

  constructor(statusCode: 401 | 403 | 429, words: string) {
    super(words)
    this.statusCode = statusCode
  }
}
