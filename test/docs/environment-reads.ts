import ts from 'typescript'

/** A place where a source looks into the environment. */
export interface EnvironmentRead {
  /** `named`: one variable, by its name. `computed`: one that is only known when it runs. `whole`: all of them. */
  readonly kind: 'named' | 'computed' | 'whole'
  /** Of the variable; else the text of the source. */
  readonly name: string
  readonly line: number
}

/** Of our own; others (`npm_…`) are not read by name anywhere. */
const NAME = /^[A-Z][A-Z0-9_]+$/
/** Names that stand for an environment wherever they are used, and types that make a name stand for one. */
const ENVIRONMENT = /^#?(env|variables)$/
const TYPE = /\b(Variables|ProcessEnv)\b/

/**
 * Where a source in TypeScript or JavaScript reads variables: by member, by destructuring, by a helper that is handed
 * the environment and a name, and in shell text. Whatever is not certain is `computed` or `whole`.
 */
export function environmentReads(path: string, text: string): readonly EnvironmentRead[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const reads: EnvironmentRead[] = []
  const names = namesOfType(source)
  const add = (node: ts.Node, kind: EnvironmentRead['kind'], name: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    reads.push({ kind, name: name.replaceAll(/\s+/g, ' '), line: line + 1 })
  }
  const isEnvironment = (node: ts.Expression): boolean => {
    const last = lastName(node)
    return last !== undefined && (ENVIRONMENT.test(last) || names.has(last))
  }
  const look = (node: ts.Node): void => {
    if (ts.isElementAccessExpression(node) && isEnvironment(node.expression)) {
      const key = node.argumentExpression
      if (ts.isStringLiteralLike(key)) add(node, 'named', key.text)
      else if (!ts.isNumericLiteral(key)) add(node, 'computed', node.getText(source))
    } else if (ts.isPropertyAccessExpression(node) && isEnvironment(node.expression) && NAME.test(node.name.text)) {
      add(node, 'named', node.name.text)
    } else if (ts.isCallExpression(node)) {
      const handedOn = namesHandedOn(node, isEnvironment)
      for (const name of handedOn) add(node, 'named', name)
      if (handedOn.length === 0 && isLookUp(node, isEnvironment)) add(node, 'computed', node.getText(source))
    } else if (ts.isObjectBindingPattern(node)) {
      for (const element of node.elements) {
        const name = (element.propertyName ?? element.name).getText(source)
        if (NAME.test(name)) add(element, 'named', name)
      }
    } else if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) {
      for (const name of shellNames(node.text)) add(node, 'named', name)
      // `$${NAME}` in shell text: the name is put in.
      if ((ts.isTemplateHead(node) || ts.isTemplateMiddle(node)) && /(^|\W)\$$/.test(node.text))
        add(node, 'computed', node.getText(source))
    }
    if (isWholeEnvironment(node)) add(node, 'whole', node.getText(source))
    ts.forEachChild(node, look)
  }
  look(source)
  return reads
}

/** Parameters, variables and properties that this source says to be an environment. */
function namesOfType(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>()
  const look = (node: ts.Node): void => {
    const isDeclared = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)
    if (isDeclared && node.type !== undefined && TYPE.test(node.type.getText(source))) {
      names.add(node.name.getText(source))
    }
    // Another name for the same.
    if (ts.isVariableDeclaration(node) && node.initializer?.getText(source) === 'process.env') {
      names.add(node.name.getText(source))
    }
    ts.forEachChild(node, look)
  }
  look(source)
  return names
}

function lastName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  return ts.isNonNullExpression(node) || ts.isParenthesizedExpression(node) ? lastName(node.expression) : undefined
}

/** `given(variables, 'NAME')` and its like. */
function namesHandedOn(call: ts.CallExpression, isEnvironment: (node: ts.Expression) => boolean): readonly string[] {
  if (!call.arguments.some(isEnvironment)) return []
  return call.arguments
    .filter(ts.isStringLiteralLike)
    .map(({ text }) => text)
    .filter((text) => NAME.test(text))
}

/** `given(variables, name)`: which, is known only when it runs. */
function isLookUp(call: ts.CallExpression, isEnvironment: (node: ts.Expression) => boolean): boolean {
  return lastName(call.expression) === 'given' && call.arguments.some(isEnvironment)
}

/** `process.env`, and `env` taken out of `process`, when they are not just looked into. */
function isWholeEnvironment(node: ts.Node): boolean {
  if (ts.isBindingElement(node)) {
    const declaration = node.parent.parent
    const from = ts.isVariableDeclaration(declaration) ? declaration.initializer?.getText() : undefined
    return from === 'process' && (node.propertyName ?? node.name).getText() === 'env'
  }
  if (ts.isImportSpecifier(node)) {
    return (node.propertyName ?? node.name).text === 'env' && /process/.test(node.parent.parent.parent.getText())
  }
  if (!ts.isPropertyAccessExpression(node) || node.getText() !== 'process.env') return false
  const { parent } = node
  return !(
    (ts.isElementAccessExpression(parent) || ts.isPropertyAccessExpression(parent)) &&
    parent.expression === node
  )
}

/** `$NAME`, `${NAME…}` and `%NAME%` in shell text. */
function shellNames(text: string): readonly string[] {
  const names = [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]+)\b|%([A-Z][A-Z0-9_]+)%/g)]
  return names.map(([, posix, windows]) => posix ?? windows ?? '')
}

/** Set by bash itself. */
const OF_BASH = /^(BASH_\w+|SECONDS|EUID|PWD|OLDPWD|RANDOM|LINENO|IFS|OPTARG|OPTIND|PIPESTATUS|FUNCNAME|UID)$/

/** What a script, a Dockerfile, a compose file or a pod takes from around it: `$NAME` that it does not set itself. */
export function scriptReads(path: string, text: string): readonly string[] {
  if (path.endsWith('.groovy')) return [...text.matchAll(/getenv\(['"]([A-Z][A-Z0-9_]+)/g)].map(([, name = '']) => name)
  const set =
    /(?:^|[\s;(&|])(?:export |local |readonly |declare |ARG |ENV |--mount=\S+ )*([A-Z][A-Z0-9_]+)=|\b(?:for|read(?: -\w+)*) ([A-Z][A-Z0-9_]+)\b|"([A-Z][A-Z0-9_]+)": /gm
  const own = new Set([...text.matchAll(set)].map(([, assigned, looped, key]) => assigned ?? looped ?? key))
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line))
  return shellNames(lines.join('\n')).filter((name) => !own.has(name) && !OF_BASH.test(name))
}
