/** `${NAME}` and `${NAME:-default}` of Configuration as Code; `^${` is a dollar sign that is meant as one. */
const PLACEHOLDER = /(?<!\^)\$\{([^{}:]{1,200})(?::-([^{}]*))?\}/g

/** Only Jenkins knows the value: it may come from its environment or from a secret store. */
export function isPlaceholder(text: string): boolean {
  return new RegExp(PLACEHOLDER).test(text)
}

/** Those with a default have it, the others stay. */
export function resolved(text: string): string {
  return text
    .replaceAll(PLACEHOLDER, (whole: string, _name: string, value?: string) => value ?? whole)
    .replaceAll('^${', '${')
}
