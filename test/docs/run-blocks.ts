import { readFileSync } from 'node:fs'
import { type Block, blocksOf, plainOf, shows } from './blocks.ts'
import { ShellSession } from './shell-session.ts'

export interface RunOptions {
  /** Where its commands run: mostly a fresh clone. */
  readonly folder: string
  /** All that the shell is given beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>
  /** Put into commands and expected output in place of what the page says, such as its ports: `[8090, 40123]`. */
  readonly replace?: readonly (readonly [said: string, meant: string])[]
  /** How long a block may take [120_000] */
  readonly blockMs?: number
  /** Called once a block has ended, or stays and has said what it was to say; for what no page shows. */
  readonly after?: (ran: Ran) => Promise<void> | void
  /** Blocks that are left out although the page says that they are run; for a run of a part of it. */
  readonly skip?: (block: Block) => boolean
}

export interface Ran {
  readonly block: Block
  /** Standard output and standard error, as they came; of one that stays, up to now. */
  readonly output: () => string
  readonly seconds: number
}

/**
 * Runs the `sh` blocks of a page in order, in one shell: what one exports and where it goes holds for the next. Blocks
 * marked `not run` are left out; see `Mark` for the others. What stays is ended as by Ctrl-C, at `<!-- Ctrl-C -->`
 * or at the end.
 * @throws where a block fails, takes too long, or does not show what the page says: with the page, the line and the output
 */
export async function runBlocks(page: string, options: RunOptions): Promise<readonly Ran[]> {
  const { folder, env = {}, replace = [], blockMs = 120_000, after, skip } = options
  const meant = (text: string): string => replace.reduce((now, [from, to]) => now.replaceAll(from, to), text)
  const session = await ShellSession.start({ folder, env })
  const done: Ran[] = []
  try {
    for (const block of blocksOf(readFileSync(page, 'utf8'))) {
      if (block.afterCtrlC) await session.endStaying()
      if (block.language !== 'sh' || block.mark?.kind === 'not run' || skip?.(block)) continue
      const ran = await runOne(session, block, `${page}:${block.line}`, meant, blockMs)
      done.push(ran)
      await after?.(ran)
    }
    await session.endStaying()
    return done.map((ran) => {
      const whole = ran.output()
      return { ...ran, output: () => whole } // what the session noted goes with it
    })
  } finally {
    await session.close()
  }
}

async function runOne(
  session: ShellSession,
  block: Block,
  where: string,
  meant: (text: string) => string,
  withinMs: number,
): Promise<Ran> {
  const began = performance.now()
  const seconds = (): number => (performance.now() - began) / 1_000
  const { mark } = block
  const fail = (what: string, output: string): Error =>
    new Error(
      `${where}: ${what}\n--- the block\n${meant(block.text)}\n--- its output\n${plainOf(output).slice(-8_000)}`,
    )
  if (mark?.kind === 'stays until') {
    const wanted = meant(mark.words)
    const { output, isThere } = await session.stay(
      meant(block.text),
      (text) => plainOf(text).includes(wanted),
      withinMs,
    )
    if (!isThere) throw fail(`it did not say "${wanted}" within ${withinMs / 1_000} s, or ended`, output())
    return { block, output, seconds: seconds() }
  }
  const expected = mark?.kind === 'fails with' ? Number(mark.words) : 0
  const { status, output } = await session.run(meant(block.text), withinMs, expected !== 0)
  if (status === undefined) throw fail(`it took longer than ${withinMs / 1_000} s, or ended its shell`, output)
  if (status !== expected) throw fail(`it ended with status ${status}, and ${expected} was expected`, output)
  if (block.output !== undefined && !shows(output, meant(block.output))) {
    throw fail(`its output is not what the page shows:\n${meant(block.output)}`, output)
  }
  return { block, output: () => output, seconds: seconds() }
}
