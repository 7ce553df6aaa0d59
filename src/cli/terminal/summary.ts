import { agentsSection } from './agents-section.ts'
import { headLines, healthLines } from './head-lines.ts'
import { showLine } from './line.ts'
import { logLine } from './log-line.ts'
import type { Paint } from './paper.ts'
import { queueSection } from './queue-section.ts'
import type { Scene } from './scene.ts'
import type { Size } from './screen.ts'
import { type Section, stack } from './sections.ts'
import { templatesSection } from './templates-section.ts'

/** Below these rows every line is needed for words. */
const ROOMY = 24

/** What the program does, for a terminal of this size: never wider, never more lines. */
export function summaryLines(scene: Scene, { columns, rows }: Size, paint: Paint): readonly string[] {
  const isRoomy = rows >= ROOMY
  const head = [...headLines(scene, rows), ...healthLines(scene, { columns, rows }), ...(isRoomy ? [[]] : [])]
  const sections = [
    queueSection(scene.view, columns),
    templatesSection(scene.view, columns),
    agentsSection(scene.view, columns),
    logSection(scene, rows),
  ]
  const body = stack(sections, Math.max(0, rows - head.length), isRoomy)
  return [...head, ...body].slice(0, rows).map((line) => showLine(line, columns, paint))
}

/** However little room there is, the last warning is seen. */
function logSection({ log }: Scene, rows: number): Section {
  return {
    title: undefined,
    rows: log.size,
    least: rows < ROOMY ? 2 : 4,
    rank: 0,
    lines: (most) => log.lines(most).map(logLine),
  }
}
