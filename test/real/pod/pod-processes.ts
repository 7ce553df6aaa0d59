import { readdirSync, readFileSync } from 'node:fs'

/** The process of a container of the pod whose command line has this word; `undefined`: there is none. */
export function pidIn(folder: string, container: string, word: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const environment = read(pid, 'environ')
      if (!environment.includes(`MESOS_SANDBOX=${folder}`)) return false
      const words = read(pid, 'cmdline').split('\0')
      return environment.includes(`MARATHON_CONTAINER_ID=${container}\0`) && words.slice(1).includes(word)
    })
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it ended meanwhile, or is none of ours
  }
}
