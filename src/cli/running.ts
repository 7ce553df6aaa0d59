import { userInfo } from 'node:os'
import { join } from 'node:path'
import { systemChance } from '../chance.ts'
import { compose } from '../compose.ts'
import {
  equalHosts,
  type HostSize,
  type RunningJenkins,
  type RunningMesos,
  startEmbeddedJenkins,
  startEmbeddedMesos,
  thisMachine,
} from '../compose-embedded.ts'
import type { Config } from '../config/config.ts'
import type { Access } from '../core/access.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import { Secret } from '../core/secret.ts'
import type { Template } from '../core/template.ts'
import type { Endpoints } from '../endpoints.ts'
import { Listener } from '../listener.ts'
import type { EventLog } from '../loop/event-log.ts'
import type { ConfigurationView } from '../loop/view-types.ts'
import type { ProcessActions } from '../operator-actions.ts'
import type { Program } from '../program.ts'
import { systemClock } from '../system-clock.ts'
import type { StopPolicy } from '../term.ts'
import { openState } from './state.ts'

/** What the configuration calls for besides the program itself. */
export interface Surroundings {
  readonly endpoints: Endpoints
  readonly jenkins: RunningJenkins | undefined
  readonly mesos: RunningMesos | undefined
  /** With `killTasks` no task of an embedded Mesos is left running. */
  readonly close: (killTasks: boolean) => Promise<void>
}

export interface LaunchOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
  readonly templates: () => readonly Template[]
  readonly problems: () => readonly string[]
  /** What people are shown of what is set; [nothing] */
  readonly configuration?: () => ConfigurationView
  /** Who may call; [those of the configuration, for ever] */
  readonly access?: () => Access
  /** For Jenkins; [that of the configuration, for ever] */
  readonly jenkinsToken?: () => Secret | undefined
  /** Of the page, the API and the metrics; [one whose certificate is never renewed] */
  readonly listener?: Listener
  /** Where `log` tells what happens as well, if it does so already. */
  readonly events?: EventLog
  /** What an operator may ask of the process; [nothing] */
  readonly self?: ProcessActions
  /** Hosts of an embedded Mesos; else this machine, or three small ones for a demo. */
  readonly hosts?: readonly HostSize[]
}

export interface Running {
  readonly program: Program
  readonly surroundings: Surroundings
  /** Where the page, the API and the metrics are. */
  readonly url: string
  readonly stop: (policy: StopPolicy) => Promise<void>
}

const DEMO_HOSTS = equalHosts(3, 4, 4096)

/** Starts what is embedded, and tells where everything is. */
export async function startSurroundings(
  config: Config,
  log: Log,
  { hosts, jenkinsToken }: Pick<LaunchOptions, 'hosts' | 'jenkinsToken'> = {},
): Promise<Surroundings> {
  const options = { clock: systemClock, log }
  const jenkins =
    config.jenkins.kind === 'embedded'
      ? await startEmbeddedJenkins({ ...options, folder: join(config.stateFolder, 'jenkins') })
      : undefined
  const mesos =
    config.mesos.kind === 'embedded'
      ? await startEmbeddedMesos({
          ...options,
          folder: join(config.stateFolder, 'mesos'),
          hosts: hosts ?? hostsFor(config),
        })
      : undefined
  const { user, token, agentUrl } = config.jenkins
  const embeddedToken = jenkins && new Secret(jenkins.token)
  return {
    jenkins,
    mesos,
    endpoints: {
      jenkinsUrl: new URL(jenkins?.url ?? config.jenkins.url ?? ''),
      jenkinsUser: jenkins?.user ?? user,
      jenkinsToken: embeddedToken === undefined ? (jenkinsToken ?? (() => token)) : () => embeddedToken,
      agentUrl: agentUrl === undefined ? undefined : new URL(agentUrl),
      masters: mesos === undefined ? config.mesos.masters : [mesos.url],
      mesosUser: config.mesos.user ?? userInfo().username,
    },
    close: async (killTasks) => {
      await mesos?.close({ killTasks })
      await jenkins?.close()
    },
  }
}

function hostsFor({ jenkins: { kind } }: Config): readonly HostSize[] {
  return kind === 'embedded' ? DEMO_HOSTS : [thisMachine()]
}

/**
 * The whole program, running and listening.
 * @throws where an address is taken or the state cannot be trusted; what was started until then is ended again
 */
export async function launch(options: LaunchOptions): Promise<Running> {
  const { config, log, version, templates, problems, configuration, access, events, self } = options
  const listener = options.listener ?? new Listener(config.http.tls)
  const { store, leader } = await openState(config, log)
  let surroundings: Surroundings | undefined
  let program: Program | undefined
  try {
    surroundings = await startSurroundings(config, log, options)
    let secretBaseUrl = config.agentHttp.sidecarUrl?.replace(/\/$/, '')
    program = compose({
      config,
      endpoints: surroundings.endpoints,
      store,
      leader,
      clock: systemClock,
      chance: systemChance,
      log,
      version,
      templates,
      problems,
      ...(configuration && { configuration }),
      ...(access && { access }),
      ...(events && { events }),
      ...(self && { self }),
      secretBaseUrl: () => secretBaseUrl,
      listener,
    })
    const { host, port } = config.agentHttp
    const secretUrl = await onAddress('AGENT_HTTP', { host, port }, program.secretApp.listen({ host, port }))
    secretBaseUrl ??= secretUrl
    const page = { host: config.http.host, port: config.http.port }
    const app = await program.app()
    const url = listener.addressOf(await onAddress('HTTP', page, app.listen(page)))
    await program.start()
    return running(program, surroundings, url)
  } catch (error) {
    await (program === undefined ? store.close() : program.stop('leave'))
    await surroundings?.close(false)
    throw error
  }
}

/** Codes of a host that cannot be listened on. */
const NOT_OURS: readonly (string | undefined)[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']

/**
 * @param settings what both settings begin with
 * @throws with the setting that helps, where the address cannot be had
 */
async function onAddress(
  settings: 'HTTP' | 'AGENT_HTTP',
  { host, port }: { readonly host: string; readonly port: number },
  listening: Promise<string>,
): Promise<string> {
  try {
    return await listening
  } catch (cause) {
    const code = codeOf(cause)
    if (NOT_OURS.includes(code)) {
      const help = `set ${settings}_HOST to one of its own, to 127.0.0.1 for this machine alone, or to 0.0.0.0 for all`
      throw new Error(`${host} is no address of this machine: ${help}. ${messageOf(cause)}`, { cause })
    }
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause
    const why = code === 'EACCES' ? 'may not be opened by this user' : 'is taken by another program'
    const help = `set ${settings}_PORT to another one, or to 0 for any that is free (${settings}_PORT=0 npm start)`
    throw new Error(`port ${port} ${why}: ${help}. ${messageOf(cause)}`, { cause })
  }
}

function running(program: Program, surroundings: Surroundings, url: string): Running {
  return {
    program,
    surroundings,
    url,
    stop: async (policy) => {
      await program.stop(policy)
      await surroundings.close(policy === 'kill')
    },
  }
}
