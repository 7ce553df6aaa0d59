const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

/** Plain text of what Jenkins escaped for HTML once. */
function unescapeOnce(text: string): string {
  return text
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
      if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole
      const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    })
}

/** Jenkins escapes an offline reason when it is stored and again when it is told. */
export function unescapeTwice(text: string): string {
  return text.includes('&') || text.includes('<') ? unescapeOnce(unescapeOnce(text)) : text
}

/** The title of a page, for an error that says who answered. */
export function titleOf(page: string): string | undefined {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(page)?.[1]?.replaceAll(/\s+/g, ' ').trim()
  return title === undefined || title === '' ? undefined : unescapeOnce(title).slice(0, 80)
}
