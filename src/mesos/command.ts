import type { TaskLaunch } from '../loop/ports.ts'
import { posixText } from './command-posix.ts'
import { windowsText } from './command-windows.ts'

/** What the shell of an agent's host runs. The secret is never an argument, and never in this text. */
export function commandText(launch: TaskLaunch): string {
  return launch.template.launch.commandStyle === 'windows' ? windowsText(launch) : posixText(launch)
}
