import type { Draft } from './draft.ts'
import type { Section } from './section.ts'

/** The most that a template may ask for. */
export const MOST_CPUS = 1e6
export const MOST_MIB = 1_000_000_000

const MOST_MINUTES = 16_000_000

/** @param words what is different now, where some is wanted */
export function readDisk(section: Section, draft: Draft, name: string, words: string): void {
  if (section.text(name) === undefined) {
    section.taken(name, 'diskMib: 0, the default')
    return
  }
  const disk = Math.ceil(section.number(name, { fallback: 0, least: 0, most: MOST_MIB }))
  if (disk > 0) {
    draft.set('diskMib', disk, name)
    section.changed(name, `diskMib: ${disk}${words === '' ? '' : `, ${words}`}`)
  } else section.taken(name, 'diskMib: 0, the default')
}

/** 0 is never. */
export function readIdle(section: Section, draft: Draft): void {
  const name = 'idleTerminationMinutes'
  const minutes = section.number(name, { fallback: 3, least: 0, most: MOST_MINUTES })
  if (minutes === 0) {
    draft.set('keepIdle', true, `${name} 0`)
    section.changed(name, 'keepIdle: true, as 0 minutes were never; such agents go only with maxAgeSeconds or by hand')
    return
  }
  const seconds = Math.ceil(minutes * 60)
  draft.set('idleTimeoutSeconds', seconds, `${name} * 60`)
  section.taken(name, `idleTimeoutSeconds: ${minutes} * 60 = ${seconds}; the plugin took up to two minutes more`)
}
