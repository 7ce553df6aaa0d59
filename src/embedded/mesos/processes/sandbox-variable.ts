/**
 * The variable that every process of a task carries, as `NAME=value`. The container id in the path makes it one of
 * a kind, so processes are known by it even when their parent and session are gone.
 */
export function sandboxVariable(sandbox: string): string {
  return `MESOS_SANDBOX=${sandbox}`
}
