import type { Draft } from './draft.ts'
import type { Section } from './section.ts'
import { shellWords } from './shell-words.ts'

const NAME = 'jnlpArgs'

/** Said by the connection, which the program makes itself; they take a value. */
const OF_CONNECTION: readonly string[] = ['-jnlpUrl', '-secret', '-url', '-name', '-workDir']
/** Their value is a password. */
const OF_LOGIN: readonly string[] = ['-jnlpCredentials', '-credentials', '-auth']
/** Their value must not be shown. */
const WITH_SECRET: readonly string[] = ['-secret', '-proxyCredentials']

/** The arguments of slave.jar that agent.jar is given, too. */
export function readAgentArgs(section: Section, draft: Draft): void {
  const written = section.text(NAME)
  if (written === undefined) {
    section.taken(NAME, 'agentArgs: none')
    return
  }
  const words = shellWords(written)
  const kept: string[] = []
  const changes: string[] = []
  let isSecret = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at]?.text ?? ''
    isSecret ||= WITH_SECRET.includes(word)
    if (OF_CONNECTION.includes(word)) {
      at++
      changes.push(`${word} left out: the program says how to connect`)
    } else if (OF_LOGIN.includes(word)) {
      at++
      isSecret = true
      changes.push(`${word} left out: an agent connects with a secret of its own`)
    } else if (/^-webSocket$/i.test(word)) {
      draft.set('connection', 'websocket', NAME)
      changes.push('-webSocket is connection: websocket now')
    } else {
      if (words[at]?.isExpanded === true) changes.push(`${word} is not put in by the shell any more: write it out`)
      kept.push(word)
    }
  }
  if (kept.includes('-noReconnect')) {
    changes.push('-noReconnect kept: builds end when Jenkins restarts; without it agents would connect again')
  }
  if (kept.length > 0) draft.set('agentArgs', kept, NAME)
  const outcome = changes.length === 0 ? 'taken' : 'changed'
  const sentence = ['agentArgs', ...changes].join('; ').replace('agentArgs; ', 'agentArgs: ')
  if (isSecret) section.hidden(NAME, outcome, sentence)
  else if (outcome === 'taken') section.taken(NAME, sentence)
  else section.changed(NAME, sentence)
}
