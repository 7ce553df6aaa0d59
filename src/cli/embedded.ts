import { join } from 'node:path'
import {
  equalHosts,
  startEmbeddedJenkins,
  startEmbeddedMarathon,
  startEmbeddedMesos,
  thisMachine,
} from '../compose-embedded.ts'
import { systemClock } from '../system-clock.ts'
import { aborted } from './aborted.ts'
import { type CommandIo, EXIT_OK } from './io.ts'
import { makeLogger } from './logger.ts'
import { logDestination } from './terminal/face.ts'

export interface EmbeddedArguments {
  readonly port: number
  readonly state: string
}

/** `embedded-mesos`: a Mesos of its own for this machine. Its tasks outlive it unless it ends by Ctrl-C or SIGTERM. */
export async function embeddedMesos(
  args: EmbeddedArguments & { readonly hosts: number | undefined },
  io: CommandIo,
): Promise<number> {
  const hosts = args.hosts === undefined ? [thisMachine()] : equalHosts(args.hosts, 4, 4096)
  const log = makeLogger('info', logDestination(io))
  const mesos = await startEmbeddedMesos({
    clock: systemClock,
    log,
    folder: join(args.state, 'mesos'),
    port: args.port,
    hosts,
  })
  io.err(`Embedded Mesos: MESOS_MASTER=${mesos.url} (${hosts.length === 1 ? '1 host' : `${hosts.length} hosts`})`)
  io.err('Ctrl-C ends it with all of its tasks.')
  await aborted(io.stopped)
  await mesos.close({ killTasks: true })
  return EXIT_OK
}

/** `embedded-marathon`: what it runs outlives it, as with a real one. */
export async function embeddedMarathon(
  args: EmbeddedArguments & { readonly mesos: string },
  io: CommandIo,
): Promise<number> {
  const marathon = await startEmbeddedMarathon({
    clock: systemClock,
    log: makeLogger('info', logDestination(io)),
    folder: join(args.state, 'marathon'),
    port: args.port,
    mesosUrl: args.mesos,
  })
  io.err(`Embedded Marathon: MARATHON_URL=${marathon.url}`)
  io.err('Ctrl-C ends it; what it runs goes on.')
  await aborted(io.stopped)
  await marathon.close()
  return EXIT_OK
}

/** `embedded-jenkins`: a Jenkins for trying things out, with an admin who may make jobs. */
export async function embeddedJenkins(args: EmbeddedArguments, io: CommandIo): Promise<number> {
  const jenkins = await startEmbeddedJenkins({
    clock: systemClock,
    log: makeLogger('info', logDestination(io)),
    folder: join(args.state, 'jenkins'),
    port: args.port,
  })
  io.err(`Embedded Jenkins: JENKINS_URL=${jenkins.url} JENKINS_USER=${jenkins.user} JENKINS_TOKEN=${jenkins.token}`)
  io.err(`An administrator: ${jenkins.adminUser}, token ${jenkins.adminToken}`)
  io.err('Ctrl-C ends it.')
  await aborted(io.stopped)
  await jenkins.close()
  return EXIT_OK
}
