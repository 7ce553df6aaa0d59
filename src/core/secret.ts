import { formsOf } from './secret-forms.ts'

const SHOWN = '[secret]'
/** A shorter one would be found in every second word. */
const LEAST_LENGTH = 8

/** Every secret that is in use anywhere, so that none is forgotten where text leaves the program. */
const living = new Set<WeakRef<Secret>>()

/**
 * A value that must not be seen. However it is printed (text, JSON, inspection, log) it shows `[secret]`;
 * only `reveal` gives it away, and only the code that sends it where it belongs calls that.
 */
export class Secret {
  readonly #value: string
  /** As it would stand in a text; made when it is first looked for. */
  #forms: readonly string[] | undefined

  constructor(value: string) {
    this.#value = value
    if (value.length >= LEAST_LENGTH) living.add(new WeakRef(this))
  }

  reveal(): string {
    return this.#value
  }

  /** The text without this secret, in whatever form it stands there. */
  hideIn(text: string): string {
    this.#forms ??= formsOf(this.#value).filter(({ length }) => length >= LEAST_LENGTH)
    let hidden = text
    for (const form of this.#forms) if (hidden.includes(form)) hidden = hidden.replaceAll(form, SHOWN)
    return hidden
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

/**
 * A text that may leave the program: without any secret that is in use, without private keys, and without users and
 * passwords in addresses. The last line of defence, for what libraries and other servers say: our own text holds none.
 */
export function redact(text: string): string {
  let hidden = text
  for (const reference of living) {
    const secret = reference.deref()
    if (secret === undefined) living.delete(reference)
    else hidden = secret.hideIn(hidden)
  }
  return (
    hidden
      .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, SHOWN)
      // Begins with what is rare: large answers are looked through, too.
      .replace(/:\/\/[^\s/@"'<>]+@/g, `://${SHOWN}@`)
  )
}
