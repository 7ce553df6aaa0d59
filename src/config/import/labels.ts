import type { Draft } from './draft.ts'
import type { Section } from './section.ts'

/**
 * Labels, mode and who serves jobs without a label.
 * @param names how the plugin's generation calls them
 */
export function readLabels(
  section: Section,
  draft: Draft,
  names: { readonly labels: string; readonly unlabelled: string },
): void {
  const written = section.text(names.labels)
  const all = [...new Set(wordsOf(written ?? ''))]
  // What label expressions use as signs; such a label would have to be quoted in every job.
  const good = all.filter((label) => /^[^\s&|!<>()"\\]+$/.test(label))
  const bad = all.filter((label) => !good.includes(label))
  draft.set('labels', good, names.labels)
  if (written === undefined) {
    section.item(names.labels, '', 'changed', names.unlabelled)
  } else if (bad.length > 0) {
    section.lost(
      names.labels,
      `${good.length === 0 ? 'the whole template is' : bad.join(', ')} left out: a label cannot hold blanks or any of & | ! < > ( ) " \\`,
    )
    draft.toDo(`labels: ${bad.join(', ')} left out`)
    draft.isLeftOut = good.length === 0
  } else section.taken(names.labels, all.length === 1 ? 'labels' : `labels: ${all.length}, each of them serves a job`)
  readMode(section, draft)
}

function readMode(section: Section, draft: Draft): void {
  const written = section.text('mode')
  const isDefault = section.flag('defaultSlave')
  if (isDefault) {
    draft.set('defaultTemplate', true, 'defaultSlave')
    section.changed(
      'defaultSlave',
      'defaultTemplate: jobs without a label come here first; labels that the plugin wrote into jobs stay there',
    )
  } else section.taken('defaultSlave', 'defaultTemplate: false, the default')
  const isExclusive = written === 'EXCLUSIVE'
  const open = isDefault || draft.labels.length === 0
  if (isExclusive && open) {
    draft.set('mode', 'NORMAL', 'mode was EXCLUSIVE')
    section.changed('mode', 'mode: NORMAL, as jobs without a label are to run here, which EXCLUSIVE nodes refuse')
  } else if (isExclusive) {
    draft.set('mode', 'EXCLUSIVE', 'mode')
    section.taken('mode', 'mode')
  } else if (written === undefined || written === 'NORMAL') {
    section.taken('mode', 'mode: jobs without a label may come here, too')
  } else section.changed('mode', 'mode: NORMAL; the only other one is EXCLUSIVE')
}

/** Jenkins parts them at blanks, outside of quotes. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\S+/g)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  )
}
