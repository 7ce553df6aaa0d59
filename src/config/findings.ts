/** What a reading of the configuration found. Everything is collected: a person mends all of it in one go. */
export class Findings {
  readonly #mistakes = new Set<string>()
  readonly #warnings = new Set<string>()
  readonly #files = new Set<string>()

  /** A sentence that says which variable or field, and what to do; never a secret's value. */
  mistake(sentence: string): void {
    this.#mistakes.add(sentence)
  }

  warn(sentence: string): void {
    this.#warnings.add(sentence)
  }

  /** This file was read, or would have been: when it changes, the configuration may be another. */
  file(path: string): void {
    this.#files.add(path)
  }

  get mistakes(): readonly string[] {
    return [...this.#mistakes]
  }

  get warnings(): readonly string[] {
    return [...this.#warnings]
  }

  get files(): readonly string[] {
    return [...this.#files]
  }
}
