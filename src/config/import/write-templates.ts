import { TemplateInput } from '../template-schema.ts'
import type { Draft } from './draft.ts'
import { inOneLine } from './report.ts'
import type { Sidecar } from './sidecars.ts'
import { flow } from './yaml-text.ts'

const HEAD = `# Templates of jenkins-mesos-sidecar, made from the configuration of the Mesos plugin. Behind each field stands what it
# was there; report.txt says what was changed. The plugin had no caps: without maxAgents a template has 10 agents at most.
templates:
`

/** In the order of the schema: the same whatever the order of the file was. */
const FIELDS = Object.keys(TemplateInput.properties) as (keyof TemplateInput)[]

/** `templates.yaml`, a file as people write it. */
export function templatesText({ templates }: Sidecar): string {
  return HEAD + [...templates].map(([name, draft]) => templateText(name, draft)).join('\n')
}

function templateText(name: string, draft: Draft): string {
  const lines = [
    `  # ${inOneLine(draft.where)}`,
    ...draft.toDos.map((words) => `  # Look at this: ${inOneLine(words)}`),
  ]
  lines.push(`  ${flow(name)}:`)
  for (const field of FIELDS) {
    const value = draft.fields[field]
    if (value === undefined) continue
    if (field === 'container') lines.push(...containerLines(value as object, draft))
    else if (field === 'uris') lines.push(...listLines(field, value as readonly unknown[], draft.remarkOf(field), 4))
    else lines.push(line(`    ${field}: ${flow(value)}`, draft.remarkOf(field)))
  }
  return `${lines.join('\n')}\n`
}

function containerLines(container: object, draft: Draft): readonly string[] {
  const lines = [line('    container:', draft.remarkOf('container'))]
  for (const [field, value] of Object.entries(container)) {
    const remark = draft.remarkOf(`container.${field}`)
    if (Array.isArray(value) && value.some((each) => typeof each === 'object')) {
      lines.push(...listLines(field, value, remark, 6))
    } else lines.push(line(`      ${field}: ${flow(value)}`, remark))
  }
  return lines
}

function listLines(field: string, values: readonly unknown[], remark: string, depth: number): readonly string[] {
  const indent = ' '.repeat(depth)
  return [line(`${indent}${field}:`, remark), ...values.map((each) => `${indent}  - ${flow(each)}`)]
}

function line(text: string, remark: string): string {
  return remark === '' ? text : `${text} # ${inOneLine(remark)}`
}
