const LONGEST = 40

/**
 * Names for templates, each made of its labels alone, so that another template in the file does not change it. They
 * differ in more than capitals: each is also the name of a node in Jenkins, which keeps nodes in folders.
 */
export class Names {
  readonly #used = new Set<string>()

  nameFor(labels: readonly string[]): string {
    const base = clean(labels.join('-')) || (labels.length === 0 ? 'no-label' : 'template')
    for (let number = 1; ; number++) {
      const ending = number === 1 ? '' : `-${number}`
      const name = `${base.slice(0, LONGEST - ending.length).replace(/-+$/, '')}${ending}`
      if (this.#used.has(name.toLowerCase())) continue
      this.#used.add(name.toLowerCase())
      return name
    }
  }
}

function clean(text: string): string {
  return text
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '')
}
