import type { Config, ToldAddress } from '../config/config.ts'
import type { Result } from './result.ts'

/** Where agents and hosts are sent, which variables say so, and what becomes of it when the pod moves. */
export function addressResults({ told: { agents, hosts, isPlace } }: Pick<Config, 'told'>): readonly Result[] {
  const results: Result[] = []
  if (agents !== undefined) {
    const stable = isPlace
      ? ': when the pod is placed elsewhere, agents that run cannot follow; ' +
        'a name that stays keeps them, JENKINS_AGENT_URL=https://ci.example.com/'
      : ''
    results.push({ ok: true, what: 'address for agents', detail: `${wordsOf(agents)}${stable}` })
  }
  if (hosts !== undefined) results.push({ ok: true, what: 'address for secrets', detail: wordsOf(hosts) })
  return results
}

function wordsOf({ url, from }: ToldAddress): string {
  return `${url} (from ${from.join(', ')})`
}
