/** The cookies of one server, by name: Jenkins binds a crumb to its session cookie, proxies pin sessions with theirs. */
export class Cookies {
  readonly #values = new Map<string, string>()

  /** Takes in what `Set-Cookie` says; an empty or expired cookie is dropped. */
  accept(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';')
      const equals = pair.indexOf('=')
      if (equals < 1) continue
      const name = pair.slice(0, equals).trim()
      const value = pair.slice(equals + 1).trim()
      const gone =
        value === '' || attributes.some((text) => /^\s*(?:max-age=(?:0|-)|expires=[^;]*\b1970\b)/i.test(text))
      if (gone) this.#values.delete(name)
      else this.#values.set(name, value)
    }
  }

  /** The `Cookie` header; `undefined` without cookies. */
  header(): string | undefined {
    if (this.#values.size === 0) return undefined
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}
