/** Writes what the plugin wrote: fields of an element, lists as elements with the names of their classes. */
export interface Fields {
  readonly [name: string]: string | number | boolean | Fields | undefined
}

export function element(name: string, value: Fields[string]): string {
  if (value === undefined) return ''
  if (typeof value !== 'object') return `<${name}>${escaped(String(value))}</${name}>`
  const inside = Object.entries(value).map(([field, each]) => (field === RAW ? String(each) : element(field, each)))
  return `<${name}>${inside.join('\n')}</${name}>`
}

/** The name of a field that holds XML as it is. */
export const RAW = '#xml'

export function list(kind: string, items: readonly Fields[]): Fields {
  return { [RAW]: items.map((item) => element(`org.jenkinsci.plugins.mesos.${kind}`, item)).join('\n') }
}

/** Everything that the tutorial says; the form of the plugin filled in the rest. */
export const TEMPLATE: Fields = {
  slaveCpus: 0.2,
  slaveMem: 512,
  executorCpus: 0.1,
  executorMem: 128,
  minExecutors: 1,
  maxExecutors: 2,
  idleTerminationMinutes: 3,
  mode: 'NORMAL',
  labelString: 'mesos',
}

export const CLOUD: Fields = {
  master: 'zk://zk-1:2181/mesos',
  frameworkName: 'Jenkins Scheduler',
  role: '*',
  slavesUser: 'jenkins',
  jenkinsURL: 'http://ci.example.com:8080/',
}

/** A `config.xml` of the first generation. */
export function firstXml(templates: readonly Fields[], cloud: Fields = CLOUD): string {
  return jenkinsXml([{ ...cloud, slaveInfos: list('MesosSlaveInfo', templates) }])
}

export const SECOND_TEMPLATE: Fields = {
  label: 'linux',
  mode: 'EXCLUSIVE',
  idleTerminationMinutes: 3,
  reusable: false,
  cpus: 0.5,
  mem: 512,
  disk: '0.0',
  minExecutors: 1,
  maxExecutors: 1,
}

/** A `config.xml` of the second one. */
export function secondXml(templates: readonly Fields[], cloud: Fields = {}): string {
  const { slavesUser, ...rest } = CLOUD
  const all = { ...rest, agentUser: slavesUser, ...cloud }
  return jenkinsXml([{ ...all, mesosAgentSpecTemplates: list('MesosAgentSpecTemplate', templates) }])
}

export function jenkinsXml(clouds: readonly Fields[]): string {
  return `<?xml version='1.1' encoding='UTF-8'?>\n${element('hudson', { clouds: list('MesosCloud', clouds) })}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
