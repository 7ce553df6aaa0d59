import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CONTROLLER_OPENS } from './java.ts'

const HERE = import.meta.dirname

/**
 * Puts the controller's war into the cache folder if it is not there yet.
 *
 * @returns its path
 * @throws Error with what `fetch.sh` says, where Maven is missing or cannot get it
 */
export async function fetchWar(): Promise<string> {
  const { stdout } = await promisify(execFile)(join(HERE, 'fetch.sh'))
  return stdout.trim()
}

/** Arguments of `java` that start the controller. */
export function controllerArgs(command: {
  readonly war: string
  readonly home: string
  readonly port: number
}): readonly string[] {
  return [
    ...CONTROLLER_OPENS,
    '-Xmx512m',
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${join(command.home, 'tmp')}`,
    `-Duser.home=${command.home}`,
    // Nothing of it speaks to the network: no broadcasts (0: a random port), no update centre, no statistics.
    '-Dhudson.udp=0',
    '-Dhudson.DNSMultiCast.disabled=true',
    '-Dhudson.model.UpdateCenter.never=true',
    '-Dhudson.model.UsageStatistics.disabled=true',
    '-cp',
    command.war,
    join(HERE, 'Boot.java'),
    `--httpPort=${command.port}`,
    '--httpListenAddress=127.0.0.1',
    '--ajp13Port=-1',
    '--httpsPort=-1',
    `--webroot=${join(command.home, 'war')}`,
  ]
}
