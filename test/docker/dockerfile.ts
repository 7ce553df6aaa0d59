import { readFileSync } from 'node:fs'

export interface Instruction {
  readonly name: string
  readonly rest: string
}

/** The instructions of a Dockerfile in their order; continued lines are joined, comments left out. */
export function readDockerfile(file: string): readonly Instruction[] {
  const text = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
  return text.split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [{ name, rest }]
  })
}

/** What the instructions of one name say. */
export function allOf(instructions: readonly Instruction[], name: string): readonly string[] {
  return instructions.filter((instruction) => instruction.name === name).map(({ rest }) => rest)
}

/** A command in its form without a shell: a JSON list. */
export function execForm(text: string): readonly string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

/** What COPY takes from the build's context, not from another stage. */
export function copiedFiles(instructions: readonly Instruction[]): readonly string[] {
  return allOf(instructions, 'COPY')
    .filter((rest) => !rest.includes('--from='))
    .flatMap((rest) => rest.split(/\s+/).slice(0, -1))
}

/** Whether a builder is sent a path, by the patterns of .dockerignore: names and `*` alone, the last one that fits. */
export function isSent(path: string, ignoreFile: string): boolean {
  const patterns = readFileSync(ignoreFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  let sent = true
  for (const pattern of patterns) {
    const name = pattern.replace(/^!/, '')
    if (name === '*' || path === name || path.startsWith(`${name}/`)) sent = pattern.startsWith('!')
  }
  return sent
}
