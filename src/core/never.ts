/** Makes a missing `case` a compile error, and says so should one happen at run time all the same. */
export function never(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`)
}
