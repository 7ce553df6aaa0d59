import { MarathonError } from './errors.ts'
import type { Scene } from './scene.ts'
import type { Failure, Status } from './status.ts'

/** Small deployments end soon, and Jenkins takes minutes. */
const FIRST_POLL_MS = 200
const LONGEST_POLL_MS = 2_000

/**
 * Waits until the deployment is gone from Marathon's list, and tells each change of it.
 * @param before failures that are older than the deployment
 * @returns why it was not waited for any longer, or `undefined`: it has ended
 */
export async function follow(scene: Scene, id: string, before: readonly Failure[]): Promise<string | undefined> {
  const { marathon, clock, signal } = scene
  const told = new Set(before.map(({ key }) => key))
  let lastLine = ''
  let latest: Failure | undefined
  let isSilent = false
  const say = (line: string): void => {
    if (line !== lastLine) scene.say(line)
    lastLine = line
  }
  const news = ({ failures }: Status): void => {
    for (const failure of failures.filter(({ key }) => !told.has(key))) {
      told.add(failure.key)
      latest = failure
      scene.say(`  an instance ended: ${failure.words}`)
    }
  }
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(LONGEST_POLL_MS, pause * 1.5)) {
    try {
      const deployment = (await marathon.deployments(signal)).find((each) => each.id === id)
      const status = await marathon.status(signal)
      news(status)
      if (deployment === undefined) return undefined
      say(`  ${deployment.step}: ${status.instances}`)
      isSilent = false
    } catch (error) {
      // It goes on without us: a Marathon that restarts is waited for.
      if (!(error instanceof MarathonError) || error.code === 'MARATHON_REFUSED') throw error
      if (!isSilent) scene.say(`  ${error.message} It is asked again.`)
      isSilent = true
    }
    if (clock.monotonic() >= scene.deadline) return lateWords(id, latest)
    await clock.sleep(pause, signal)
  }
}

function lateWords(id: string, latest: Failure | undefined): string {
  const why = latest === undefined ? '' : ` An instance ended lately: ${latest.words}.`
  return `The time is over, and the deployment ${id} is not.${why} It goes on in Marathon: the same command follows it again, with --timeout for longer. To take it back deploy the file of before with --force.`
}
