/** The little XML that Jenkins' forms need: elements and text. Attributes are passed over. */
export interface XmlElement {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlElement[]
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w.:$-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y

/** @throws where the text is not well-formed */
export function parseXml(source: string): XmlElement {
  const top = { name: '', text: '', children: [] as XmlElement[] }
  const open: { name: string; text: string; children: XmlElement[] }[] = [top]
  const pattern = new RegExp(TOKEN)
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(source)
    if (match === null) throw new Error(`not XML at character ${at}: ${source.slice(at, at + 20)}`)
    const [, cdata, closing, name, , selfClosing, plain] = match
    const current = open.at(-1) ?? top
    if (cdata !== undefined) current.text += cdata
    else if (plain !== undefined) current.text += unescapeXml(plain)
    else if (name === undefined) continue
    else if (closing === '/') {
      if (open.length === 1 || current.name !== name) throw new Error(`</${name}> closes nothing`)
      open.pop()
    } else {
      const element = { name, text: '', children: [] }
      current.children.push(element)
      if (selfClosing !== '/') open.push(element)
    }
  }
  const root = top.children[0]
  if (open.length !== 1 || root === undefined || top.children.length !== 1) throw new Error('not one whole XML element')
  return root
}

export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return parent?.children.find((child) => child.name === name)
}

/** The trimmed text of a child; `undefined` where there is no such child. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  return childOf(parent, name)?.text.trim()
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex: string | undefined, decimal: string | undefined, name: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
      return ENTITIES[name] ?? whole
    },
  )
}
