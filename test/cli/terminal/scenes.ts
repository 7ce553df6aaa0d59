import { LogTail } from '../../../src/cli/terminal/log-tail.ts'
import type { Scene } from '../../../src/cli/terminal/scene.ts'
import { aView } from '../../support/views.ts'

/** What the summary shows when nothing happens. */
export function aScene(over: Partial<Scene> = {}): Scene {
  return { version: '0.1.0', url: 'http://127.0.0.1:8090', view: aView(), notices: [], log: new LogTail(), ...over }
}

/** A log that holds these lines. */
export function logged(...lines: readonly object[]): LogTail {
  const tail = new LogTail()
  for (const line of lines) tail.write(JSON.stringify(line))
  return tail
}
