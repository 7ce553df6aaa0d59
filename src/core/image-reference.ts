/**
 * Docker's grammar of references: `[host[:port]/]path[:tag][@digest]`. Hosts in brackets (IPv6) are left out.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
const HOST =
  /^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*(?::[0-9]{1,5})?$/
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/
/** Docker takes such a name for the id of an image. */
const ID = /^[0-9a-f]{64}$/

const LONGEST_NAME = 255
/** Name, tag and digest together are never longer. */
const LONGEST = 600

/** Whether the text names an image and nothing else: nothing in it means anything to a shell, a URL or a list. */
export function isImageReference(text: string): boolean {
  if (text.length > LONGEST) return false
  const at = text.indexOf('@')
  if (at !== -1 && !DIGEST.test(text.slice(at + 1))) return false
  const tagged = at === -1 ? text : text.slice(0, at)
  // A colon before the last slash is that of a port.
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1)
  if (colon !== -1 && !TAG.test(tagged.slice(colon + 1))) return false
  return isName(colon === -1 ? tagged : tagged.slice(0, colon))
}

function isName(name: string): boolean {
  if (name.length > LONGEST_NAME || ID.test(name)) return false
  const parts = name.split('/')
  const [first = ''] = parts
  const rest = parts.slice(1)
  if (rest.length === 0) return PATH_PART.test(first)
  return (PATH_PART.test(first) || HOST.test(first)) && rest.every((part) => PATH_PART.test(part))
}
