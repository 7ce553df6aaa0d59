/**
 * The forms in which a secret may stand in a text: as it is, as JSON or an address writes it, in base64, and the parts
 * that are secret by themselves: a password behind its user, the lines of a key. Longest first.
 */
export function formsOf(value: string): readonly string[] {
  const parts = [value, ...passwordOf(value), ...linesOf(value)]
  const forms = parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encodeUri(part), ...base64(part)])
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

function passwordOf(value: string): readonly string[] {
  const colon = value.indexOf(':')
  return colon === -1 || value.includes('\n') ? [] : [value.slice(colon + 1)]
}

/** Of a PEM text, also where it is a value within JSON. */
function linesOf(value: string): readonly string[] {
  return value.split(/\\n|[\s"]+/).filter((line) => /^[a-zA-Z0-9+/=]{20,}$/.test(line))
}

function encodeUri(text: string): string {
  // A lone surrogate has no such form.
  return /[\ud800-\udfff]/.test(text) ? text : encodeURIComponent(text)
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** With and without its padding; only for short texts, as headers hold them. */
function base64(text: string): readonly string[] {
  if (text.length > 512 || /[^\x20-\x7e]/.test(text)) return []
  let digits = ''
  for (let at = 0; at < text.length; at += 3) {
    const bytes = [0, 1, 2].map((offset) => text.charCodeAt(at + offset) || 0)
    const [a = 0, b = 0, c = 0] = bytes
    const all = (a << 16) | (b << 8) | c
    for (const shift of [18, 12, 6, 0]) digits += DIGITS[(all >> shift) & 63] ?? ''
  }
  const bare = digits.slice(0, Math.ceil((text.length * 4) / 3))
  return [bare.padEnd(Math.ceil(bare.length / 4) * 4, '='), bare]
}
