/**
 * A name in a text of people's, for a message. `TOKEN:s3cret`, with the blank forgotten, is a name to YAML, and with `?`
 * before it a whole map is one: only what begins like a name is shown.
 */
export function shownName(name: string): string {
  return /^[\w@-]+$/.test(name) ? name : JSON.stringify(name.replace(/(?<!^)[^\w@.<-][\s\S]*$/, '…'))
}
