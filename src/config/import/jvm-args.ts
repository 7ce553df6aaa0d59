import type { Draft } from './draft.ts'
import type { Section } from './section.ts'
import { type ShellWord, shellWords } from './shell-words.ts'

const NAME = 'jvmArgs'

/** Java 14 and newer end at once with some of these, and Java 17 with the others. */
const GONE = /^-XX:(?:[+-]?(?:UseConcMarkSweepGC|UseParNewGC|CMS\w*|UseCMS\w*|AggressiveOpts)|(?:Max)?PermSize)(?:=|$)/

/** As the plugin's own rule did it: all from `-Xmx` to the last blank, with what stands between. */
const GREEDY = /-Xmx.+ /g

/** Without `-Xmx`: heap and memory are fields of their own. */
export function readJvmArgs(section: Section, draft: Draft): void {
  const written = section.text(NAME)
  if (written === undefined) {
    section.taken(NAME, 'jvmArgs: none')
    if (section.child(NAME) !== undefined) draft.set('jvmArgs', [], NAME)
    return
  }
  const changes: string[] = []
  const cut = written.replaceAll(GREEDY, '')
  if (cut !== written) {
    const lost = written.match(GREEDY)?.join(' ').trim() ?? ''
    changes.push(`the plugin cut "${lost}" out of it, and agents ran without; add to jvmArgs what is wanted`)
  }
  const words = shellWords(cut)
  const heaps = words.filter(({ text }) => /^-Xmx/.test(text))
  const heap = heaps.at(-1)?.text
  if (heap !== undefined) readHeap(heap, draft, changes)
  const gone = words.filter(({ text }) => GONE.test(text)).map(({ text }) => text)
  if (gone.length > 0) {
    changes.push(`${gone.join(' ')} left out: Java 14 and newer do not know it, and may refuse to start`)
  }
  const rest = words.filter((word) => !heaps.includes(word) && !gone.includes(word.text))
  // `{name}` would be taken for a placeholder there.
  const isExpanded = (word: ShellWord): boolean => word.isExpanded && !/(?<!\$)\{[a-zA-Z]+\}/.test(word.raw)
  const expanded = rest.filter(isExpanded).map(({ raw }) => raw)
  if (expanded.length > 0) {
    // Arguments are quoted here, the text of the command is not.
    draft.set('agentCommand', `java {jvmArgs} ${expanded.join(' ')} -jar {jar} {connection}`, NAME)
    draft.set('preflight', true)
    changes.push(`${expanded.join(' ')} stands in agentCommand, where the shell puts in what it stands for`)
  }
  draft.set(
    'jvmArgs',
    rest.filter((word) => !isExpanded(word)).map(({ text }) => text),
    NAME,
  )
  if (changes.length === 0) section.taken(NAME, 'jvmArgs')
  else section.changed(NAME, `jvmArgs: ${changes.join('; ')}`)
}

function readHeap(heap: string, draft: Draft, changes: string[]): void {
  const [, digits = '', unit = ''] = /^-Xmx(\d+)([kmgt]?)$/i.exec(heap) ?? []
  const mib = { '': 1 / 1024 / 1024, k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 }[unit.toLowerCase()] ?? 0
  const heapMib = Math.floor(Number(digits) * mib)
  if (digits === '' || heapMib < 1 || heapMib > 1_000_000_000) {
    changes.push(`${heap} left out: it is no size that Java knows`)
    return
  }
  draft.set('heapMib', heapMib, `${NAME}: ${heap}`)
  changes.push(
    `${heap} is heapMib ${heapMib} now: Java takes the last -Xmx, so it won over slaveMem. It must fit into memMib`,
  )
}
