import { readAgentArgs } from './agent-args.ts'
import { MOST_CPUS, MOST_MIB, readDisk, readIdle } from './amounts.ts'
import { readAttributes2 } from './attributes.ts'
import { readContainer } from './container.ts'
import { Draft } from './draft.ts'
import type { Field } from './field.ts'
import { readLabels } from './labels.ts'
import { readNodeProperties } from './node-properties.ts'
import type { Report } from './report.ts'
import { Section } from './section.ts'
import { readUris } from './uris.ts'

/** The program's own heap; the plugin gave 32 MiB, with which agents hardly work. */
const HEAP_MIB = 256
const FACTOR = 1.1

/** `MesosAgentSpecTemplate` of the second generation, from XML or Configuration as Code. */
export function readSecondTemplate(field: Field, where: string, report: Report): Draft {
  const section = new Section(field, where, report)
  const draft = new Draft(where)
  readLabels(section, draft, {
    labels: 'label',
    unlabelled: 'labels: none; the plugin never used it, here it serves jobs without a label',
  })
  readOneBuild(section, draft)
  const cpus = section.number('cpus', { fallback: 0.1, least: 0.01, most: MOST_CPUS })
  draft.set('cpus', { agent: cpus, perExecutor: 0 }, 'cpus')
  section.taken('cpus', `cpus: ${cpus} for the whole agent, as before`)
  readMemory(section, draft)
  readDisk(section, draft, 'disk', '')
  readIdle(section, draft)
  readAgentArgs(section, draft)
  readAttributes2(section, draft)
  readStyle(section, draft)
  readRegions(section, draft)
  readNodeProperties(section, draft)
  readUris(section, draft)
  readContainer(section, draft)
  if (draft.fields.container !== undefined) {
    section.note(
      'container: the command replaces the entrypoint of the image; the plugin left it, which broke many images. ' +
        'Where the entrypoint must run, as one that starts dockerd, set container.entrypoint: keep',
    )
  }
  section.rest()
  return draft
}

function readOneBuild(section: Section, draft: Draft): void {
  draft.set('executors', 1, 'nodes of the plugin had one executor always')
  const one = 'executors: 1, as nodes of the plugin had one whatever stood here'
  for (const name of ['minExecutors', 'maxExecutors']) {
    const text = section.text(name)
    if (text === undefined || text === '1') section.taken(name, 'executors: 1')
    else section.changed(name, one)
  }
  if (section.flag('reusable')) {
    section.taken('reusable', 'oneShot: false, the default')
    return
  }
  draft.set('oneShot', true, 'agents of the plugin had one build each; without this line they have many')
  section.taken('reusable', 'oneShot: true')
  if (section.child('reusable') === undefined) {
    section.item('reusable', '', 'taken', 'oneShot: true, as agents of the plugin had one build each')
  }
}

function readMemory(section: Section, draft: Draft): void {
  const mem = Math.ceil(section.number('mem', { fallback: 512, least: 1, most: MOST_MIB }))
  const now = Math.ceil(Math.round((HEAP_MIB + mem) * FACTOR * 1e6) / 1e6)
  draft.set('memMib', { agent: HEAP_MIB, perExecutor: mem, factor: FACTOR }, 'mem is for the build; agent is the heap')
  section.changed(
    'mem',
    `memMib: ${mem} MiB for the build and ${HEAP_MIB} MiB heap (-Xmx${HEAP_MIB}m) for the agent: ` +
      `(${HEAP_MIB} + ${mem}) * ${FACTOR} = ${now} MiB; it was ${mem} + 32 = ${mem + 32} MiB with -Xmx32m, a mistake of the plugin`,
  )
}

function readStyle(section: Section, draft: Draft): void {
  const name = 'agentCommandStyle'
  const style = section.text(name)?.toLowerCase()
  if (style === 'windows') {
    draft.set('commandStyle', 'windows', name)
    draft.set(
      'secretVia',
      'environment',
      'a shell of Windows cannot read the secret from a file; see docs/migration.md',
    )
    section.changed(
      name,
      'commandStyle: windows, with secretVia: environment, which shows the secrets of agents in the API of the Mesos agents',
    )
  } else if (style === undefined || style === 'linux') section.taken(name, 'commandStyle: linux, the default')
  else section.changed(name, 'commandStyle: linux; the only other one is Windows')
}

function readRegions(section: Section, draft: Draft): void {
  const name = 'domainFilterModel'
  const model = section.text(name)
  const known = model?.toLowerCase()
  if (model === undefined || known === 'home') section.taken(name, 'regions: home, the default')
  else if (known === 'any') {
    draft.set('regions', 'any', name)
    section.taken(name, 'regions: any')
  } else {
    draft.set('regions', [model], name)
    section.changed(
      name,
      'regions: that region, and the home region of the master, too; add a constraint to leave it out',
    )
  }
}
