import type { Cloud, Login } from './cloud.ts'
import type { Draft } from './draft.ts'
import { Names } from './names.ts'
import type { Report } from './report.ts'

/** What one sidecar serves: the Mesos clouds that have one master. */
export interface Sidecar {
  /** From 1, in the order of the file. */
  readonly number: number
  readonly master: string | undefined
  /** At least one. */
  readonly roles: readonly string[]
  readonly user: string | undefined
  readonly frameworkName: string | undefined
  readonly jenkinsUrl: string | undefined
  readonly login: Login
  readonly templates: ReadonlyMap<string, Draft>
}

/**
 * A sidecar is one framework at one master, so each master needs one of its own. Clouds of one master are put
 * together: role and user may differ from template to template, all else is the first cloud's.
 */
export function toSidecars(clouds: readonly Cloud[], report: Report): readonly Sidecar[] {
  const byMaster = new Map<string, Cloud[]>()
  for (const cloud of clouds) {
    const key = sameMaster(cloud.master ?? '')
    byMaster.set(key, [...(byMaster.get(key) ?? []), cloud])
  }
  const names = new Names()
  const frameworks = new Set<string>()
  const sidecars: Sidecar[] = []
  let defaultTemplate: Draft | undefined
  for (const group of byMaster.values()) {
    const [first] = group
    const drafts = group.flatMap(({ drafts: each }) => each).filter(({ isLeftOut }) => !isLeftOut)
    if (first === undefined || drafts.length === 0) continue
    tellDifferences(first, group, report)
    const roles = [...new Set(group.map(({ role }) => role))]
    for (const cloud of group) setOwn(cloud, roles[0], first.user)
    setPriorities(drafts, report)
    for (const draft of drafts) {
      if (draft.fields.defaultTemplate !== true) continue
      if (defaultTemplate === undefined) defaultTemplate = draft
      else dropDefault(draft, report)
    }
    const number = sidecars.length + 1
    const templates = new Map(drafts.map((draft) => [names.nameFor(draft.labels), draft]))
    for (const [name, { where }] of templates) {
      report.add({ where, field: '', was: '', outcome: 'taken', words: `the template is called ${name} here` })
    }
    sidecars.push({
      number,
      master: first.master,
      roles,
      user: first.user,
      frameworkName: ownFramework(first, number, frameworks),
      jenkinsUrl: group.map(({ jenkinsUrl }) => jenkinsUrl).find((url) => url !== undefined),
      login: group.map(({ login }) => login).find(({ kind }) => kind !== 'none') ?? { kind: 'none' },
      templates,
    })
  }
  return sidecars
}

/** One master, however it is written: the key to tell clouds apart. */
export function sameMaster(master: string): string {
  return master
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '')
    .toLowerCase()
}

function setOwn(cloud: Cloud, role: string | undefined, user: string | undefined): void {
  for (const draft of cloud.drafts) {
    if (cloud.role !== role) draft.set('role', cloud.role, `role of ${cloud.where}`)
    if (cloud.user !== undefined && cloud.user !== user) draft.set('user', cloud.user, `user of ${cloud.where}`)
  }
}

function tellDifferences(first: Cloud, group: readonly Cloud[], report: Report): void {
  const tell = (cloud: Cloud, field: string, words: string): void => {
    report.add({ where: cloud.where, field, was: '', outcome: 'no equal', words, isNote: true })
  }
  for (const cloud of group.slice(1)) {
    const add = (words: string): void => {
      report.add({ where: cloud.where, field: '', was: '', outcome: 'changed', words })
    }
    add(`its templates go into the same sidecar as those of ${first.where}: it is the same master`)
    if (cloud.role !== first.role) add(`its role ${cloud.role} stands in each of its templates`)
    if (cloud.user !== first.user) {
      add(
        cloud.user === undefined
          ? 'it has no user: its agents run as MESOS_USER'
          : `its user stands in each of its templates`,
      )
    }
    if (cloud.frameworkName !== first.frameworkName) {
      tell(cloud, 'frameworkName', `a sidecar is one framework: the name of ${first.where} is taken`)
    }
    if (cloud.jenkinsUrl !== undefined && cloud.jenkinsUrl !== first.jenkinsUrl && first.jenkinsUrl !== undefined) {
      tell(cloud, 'jenkinsURL', `it is another one than that of ${first.where}, which is taken`)
    }
    if (JSON.stringify(cloud.login) !== JSON.stringify(first.login)) {
      tell(cloud, 'credentialsId', 'a sidecar has one login: give it one that may use all these roles')
    }
  }
}

const LEAST_PRIORITY = -1000

/** Of templates with a label in common the plugin took the first in the list. */
function setPriorities(drafts: readonly Draft[], report: Report): void {
  const lowest = new Map<string, number>()
  for (const draft of drafts) {
    const before = draft.labels.flatMap((label) => lowest.get(label) ?? [])
    const priority = before.length === 0 ? 0 : Math.max(LEAST_PRIORITY, Math.min(...before) - 1)
    for (const label of draft.labels) lowest.set(label, priority)
    if (priority === 0) continue
    const shared = draft.labels.filter((label) => drafts.some((each) => each !== draft && each.labels.includes(label)))
    draft.set('priority', priority, `the plugin took the first of templates with ${shared[0] ?? 'a label'}`)
    report.add({
      where: draft.where,
      field: '',
      was: '',
      outcome: 'changed',
      words: `priority: ${priority}, as templates before it have labels of it, too, and the plugin took the first; without priority the best fit is taken`,
      isNote: false,
    })
  }
}

function dropDefault(draft: Draft, report: Report): void {
  delete draft.fields.defaultTemplate
  const words = 'only one template can be the default, and one before it is'
  report.add({ where: draft.where, field: 'defaultSlave', was: 'true', outcome: 'no equal', words, isNote: true })
}

/** Two sidecars on one Jenkins tell their nodes apart by it. */
function ownFramework(cloud: Cloud, number: number, used: Set<string>): string | undefined {
  const name = cloud.frameworkName ?? (number === 1 ? undefined : 'jenkins')
  const own = name !== undefined && used.has(name) ? `${name}-${number}` : name
  used.add(own ?? 'jenkins')
  return own
}
