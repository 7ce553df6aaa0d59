type Json = Readonly<Record<string, unknown>>

/** An OpenAPI document in which every schema with a title stands once, among its components, under that title. */
export function hoistNamed(document: object): object {
  const schemas: Record<string, unknown> = {}
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoist)
    if (typeof value !== 'object' || value === null) return value
    const { title, ...rest } = value as Json
    if (typeof title !== 'string' || !('type' in value || 'anyOf' in value)) return hoistAll(value as Json)
    schemas[title] ??= hoistAll(rest)
    return { $ref: `#/components/schemas/${title}` }
  }
  // Examples are data: what has a title in them is no schema.
  const hoistAll = (value: Json): Json =>
    Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === 'example' ? each : hoist(each)]))

  const { components, info, ...rest } = document as Json
  const hoisted = hoistAll(rest)
  return { ...hoisted, info, components: { ...(components as Json), schemas } }
}
