/**
 * Makes a script of the compiled demo agent. Node takes a file named `agent.jar` for CommonJS, whatever stands in it,
 * so nothing of a module may be left; the agent imports nothing but types, hence its exports are all there is.
 * @throws where the program does import something: it could not run alone
 */
export function asScript(program: Buffer): Buffer {
  const script = program
    .toString()
    .replaceAll(/^export \{\s*\};?$/gm, '')
    .replaceAll(/^export (?=(?:async )?function|class|const|let)/gm, '')
    .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '')
  const module = /^(?:import\s.*|export\s.*)$/m.exec(script)?.[0]
  if (module !== undefined) throw new Error(`the demo agent must be one file without imports, and has: ${module}`)
  return Buffer.from(script)
}
