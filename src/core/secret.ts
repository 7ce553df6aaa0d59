const SHOWN = '[secret]'

/**
 * A value that must not be seen. However it is printed (text, JSON, inspection, log) it shows `[secret]`;
 * only `reveal` gives it away, and only the code that sends it where it belongs calls that.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  /** What `console.log` and `util.inspect` ask for. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN
  }
}
