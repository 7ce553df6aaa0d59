/** What the store keeps of the controller that the agents belong to. */
export interface KnownJenkins {
  /** Differs between controllers and stays over restarts and backups; `undefined` where the controller does not tell. */
  readonly identity: string | undefined
  /** With its context path. */
  readonly url: string
}

export type JenkinsVerdict =
  | { readonly kind: 'same'; readonly known: KnownJenkins }
  /** The same controller at another URL. */
  | { readonly kind: 'moved'; readonly known: KnownJenkins; readonly words: string }
  /** Another controller, or one that cannot be told from another: a person is asked. */
  | { readonly kind: 'other'; readonly words: string }

const ASK = 'If that is right, POST /api/v1/actions/accept-jenkins; until then nothing is added or taken away.'

/**
 * Whether this is the Jenkins that the state speaks of: on another one every agent of ours would look deleted.
 * @param agents that the state has
 */
export function judgeJenkins(stored: KnownJenkins | undefined, found: KnownJenkins, agents: number): JenkinsVerdict {
  if (stored === undefined) return { kind: 'same', known: found }
  const sameUrl = stored.url === found.url
  if (stored.identity !== undefined && found.identity !== undefined) {
    if (stored.identity !== found.identity) {
      const words = `Jenkins at ${found.url} is another controller than the one that the state speaks of (${stored.url}). ${ASK}`
      return { kind: 'other', words }
    }
    if (sameUrl) return { kind: 'same', known: found }
    return { kind: 'moved', known: found, words: moved(stored, found) }
  }
  const known = { url: found.url, identity: found.identity ?? (sameUrl ? stored.identity : undefined) }
  if (sameUrl || agents === 0) return { kind: 'same', known }
  const words = `JENKINS_URL was ${stored.url} and is ${found.url}, and this Jenkins does not tell whether it is the same controller (it lacks the plugin instance-identity). ${ASK}`
  return { kind: 'other', words }
}

/** What becomes of agents is another matter: they have an address of their own. */
function moved(stored: KnownJenkins, found: KnownJenkins): string {
  return `JENKINS_URL was ${stored.url} and is ${found.url}, the same controller`
}
