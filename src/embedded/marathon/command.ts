interface Command {
  readonly shell?: string | undefined
  readonly argv?: readonly string[] | undefined
}

/** CommandInfo's words for what to run. */
export function commandOf({ shell, argv }: Command = {}): object {
  if (argv === undefined) return { shell: true, value: shell ?? '' }
  return { shell: false, value: argv[0] ?? '', arguments: argv }
}
