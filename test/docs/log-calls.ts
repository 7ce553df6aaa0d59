import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface LogCall {
  readonly file: string
  readonly line: number
  readonly level: string
  /** `undefined`: it is no text that stands as it is. */
  readonly message: string | undefined
  /** As they stand in the source; what is spread in has none. */
  readonly keys: readonly string[]
}

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error', 'fatal'])
/** Who hands on what it is told, and the simulators, which are no part of the program. */
const NOT_OURS = [join('src', 'embedded'), join('src', 'loop', 'event-log.ts')]

/** Every call of a log in the program, as its syntax has it. */
export function logCalls(): readonly LogCall[] {
  return ['src', 'plugins'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.ts') && !NOT_OURS.some((other) => path.startsWith(other)))
      .flatMap(callsIn),
  )
}

function callsIn(path: string): readonly LogCall[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const calls: LogCall[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(...logCall(node, source, path))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return calls
}

function logCall(node: ts.CallExpression, source: ts.SourceFile, path: string): readonly LogCall[] {
  const { expression } = node
  if (!ts.isPropertyAccessExpression(expression) || !LEVELS.has(expression.name.text)) return []
  if (!/(?:^|[.#?])(?:log|logger)\??$/.test(expression.expression.getText(source))) return []
  const [fields, message] = node.arguments
  return [
    {
      file: path,
      line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
      level: expression.name.text,
      message: message !== undefined && ts.isStringLiteralLike(message) ? message.text : undefined,
      keys: fields === undefined ? [] : keysOf(fields),
    },
  ]
}

function keysOf(fields: ts.Expression): readonly string[] {
  if (!ts.isObjectLiteralExpression(fields)) return []
  return fields.properties.flatMap((property) =>
    property.name !== undefined && (ts.isIdentifier(property.name) || ts.isStringLiteralLike(property.name))
      ? [property.name.text]
      : [],
  )
}
