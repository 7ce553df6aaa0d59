import type { ConfigReading } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Template } from '../../src/core/template.ts'

type Variables = Readonly<Record<string, string>>

const JENKINS: Variables = { JENKINS_URL: 'http://127.0.0.1', JENKINS_USER: 'u', JENKINS_TOKEN: 't' }

/** Reads templates beside an ordinary Jenkins and an embedded Mesos, of which there is nothing to say. */
export function readYaml(yaml: string, variables: Variables = {}, files: Variables = {}): ConfigReading {
  return readConfig({ ...JENKINS, TEMPLATES_FILE: 'agents.yaml', ...variables }, (path) => {
    const text = path === 'agents.yaml' ? yaml : files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return text
  })
}

export function templatesIn(yaml: string, variables: Variables = {}, files: Variables = {}): readonly Template[] {
  const reading = readYaml(yaml, variables, files)
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config.templates
}

export function mistakesIn(yaml: string, variables: Variables = {}, files: Variables = {}): readonly string[] {
  const reading = readYaml(yaml, variables, files)
  return reading.ok ? [] : reading.mistakes
}
