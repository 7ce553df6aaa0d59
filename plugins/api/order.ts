/** Ids and names in an order that is the same everywhere; numbers in them by their value: `host-2` before `host-10`. */
const collator = new Intl.Collator('en', { numeric: true })

export const byText = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : Number(a > b))
