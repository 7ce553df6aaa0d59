/**
 * A value in one line of YAML, `{ agent: 0.1, perExecutor: 0.9 }`. Text that could be read as something else stands
 * in quotes, as JSON, which is YAML too.
 */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, each]) => each !== undefined)
    return pairs.length === 0 ? '{}' : `{ ${pairs.map(([key, each]) => `${scalar(key)}: ${flow(each)}`).join(', ')} }`
  }
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value)
}

const PLAIN = /^(?:-?[A-Za-z_/])[\w./+@=-]*(?::[\w./+@=-]+)*$/
/** Read as something else by one reader of YAML or another. */
const WORDS = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i

function scalar(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text
  // Line ends of Unicode, which JSON leaves as they are.
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
