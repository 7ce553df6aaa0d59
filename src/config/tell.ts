import type { Findings } from './findings.ts'
import type { Path } from './shape.ts'

/**
 * Where checks of one template say what they found. Paths begin at its fields; sentences have neither the place nor a
 * full stop, and never a value that could be a secret.
 */
export interface Tell {
  mistake(path: Path, sentence: string): void
  warn(path: Path, sentence: string): void
}

/** A place in a source: what is inherited is written in one place and read in many. */
export interface Place {
  /** Such as `agents.yaml, line 3, column 5: templates.linux.minIdle`. */
  readonly words: string
  /** Equal for equal places, whoever reads there. */
  readonly key: string
}

/** @param told what was said of which place: the same is not said again for each template that inherits it */
export function tellOf(findings: Findings, placeOf: (path: Path) => Place, told: Set<string>): Tell {
  const say = (path: Path, sentence: string, to: (whole: string) => void): void => {
    const { words, key } = placeOf(path)
    const said = `${key}: ${sentence}`
    if (told.has(said)) return
    told.add(said)
    to(`${words}: ${sentence}.`)
  }
  return {
    mistake: (path, sentence) => {
      say(path, sentence, (whole) => {
        findings.mistake(whole)
      })
    },
    warn: (path, sentence) => {
      say(path, sentence, (whole) => {
        findings.warn(whole)
      })
    },
  }
}
