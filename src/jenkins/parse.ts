import { JenkinsError } from './errors.ts'

/** A compiled typebox schema. */
export interface Shape<T> {
  Check(value: unknown): value is T
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[]
}

/** @throws JenkinsError `JENKINS_MALFORMED` that names the first place where the value is of another shape */
export function parseAs<T>(shape: Shape<T>, value: unknown, what: string): T {
  if (shape.Check(value)) return value
  const [first] = shape.Errors(value)
  throw new JenkinsError(
    'JENKINS_MALFORMED',
    `${what}: the answer has an unknown shape at ${first?.instancePath || '/'} (${first?.message ?? 'no match'}). Is it really Jenkins that answers?`,
  )
}
