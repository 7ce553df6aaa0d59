import { childOf, type Field, shortName } from './field.ts'
import { ImportError } from './import-error.ts'
import { readXml } from './read-xml.ts'
import { readYaml } from './read-yaml.ts'

/** The `config.xml` of a big controller has 2 million characters. */
const MOST_CHARACTERS = 10_000_000

/** A Mesos cloud as the plugin wrote it, of either generation. */
export interface RawCloud {
  readonly field: Field
  readonly generation: '1.x' | '2.x'
  /** Where Jenkins says how it is reached; in YAML only. */
  readonly jenkinsUrl: string | undefined
}

/**
 * Every Mesos cloud of Jenkins' config.xml or of a YAML file of Configuration as Code, in the order of the file.
 * @throws ImportError in words for people
 */
export function readClouds(text: string): readonly RawCloud[] {
  refuseOdd(text)
  const content = text.replace(/^\uFEFF/, '')
  return /^\s*</.test(content) ? cloudsOfXml(readXml(content)) : cloudsOfYaml(readYaml(content))
}

function refuseOdd(text: string): void {
  if (text.length > MOST_CHARACTERS) {
    throw new ImportError(
      'IMPORT_TOO_BIG',
      `It is bigger than ${MOST_CHARACTERS / 1e6} MB: no configuration of Jenkins is. Give its config.xml.`,
    )
  }
  if (text.trim() === '') throw new ImportError('IMPORT_MALFORMED', 'It is empty.')
  if (text.includes('\0')) {
    throw new ImportError('IMPORT_ENCODING', 'It is not text in UTF-8: maybe it is UTF-16, or no text at all.')
  }
  const encoding = /^\uFEFF?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/i.exec(text)?.[1]
  if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) {
    throw new ImportError(
      'IMPORT_ENCODING',
      `It says that it is written in ${encoding}; Jenkins writes UTF-8. Save it as UTF-8, and say so in its first line.`,
    )
  }
}

function cloudsOfXml(root: Field): readonly RawCloud[] {
  if (isMesosCloud(root.name)) return [toCloud(root, undefined)]
  const clouds = root.name === 'clouds' ? root : childOf(root, 'clouds')
  if (clouds === undefined) {
    throw new ImportError(
      'IMPORT_NO_CLOUD',
      `It is no configuration of Jenkins: there are no clouds in the element ${root.name}. Give the config.xml of JENKINS_HOME.`,
    )
  }
  return orNone(clouds.children, ({ name }) => isMesosCloud(name), undefined)
}

function cloudsOfYaml(root: Field): readonly RawCloud[] {
  const jenkins = childOf(root, 'jenkins')
  if (jenkins === undefined) {
    throw new ImportError(
      'IMPORT_NO_CLOUD',
      'It is no configuration of Jenkins: neither XML, nor YAML with the field jenkins, as Configuration as Code has it.',
    )
  }
  const listed = childOf(jenkins, 'clouds')?.children ?? []
  // Each item of the list is a map with one key, the kind of cloud.
  const clouds = listed.flatMap(({ children }) => children)
  const url = childOf(childOf(childOf(root, 'unclassified'), 'location'), 'url')?.text
  return orNone(clouds, ({ name }) => name === 'mesos', url === '' ? undefined : url)
}

function orNone(
  clouds: readonly Field[],
  isMesos: (cloud: Field) => boolean,
  jenkinsUrl: string | undefined,
): readonly RawCloud[] {
  const found = clouds.filter(isMesos)
  if (found.length > 0) return found.map((cloud) => toCloud(cloud, jenkinsUrl))
  const others = [...new Set(clouds.map(({ name }) => shortName(name)))].slice(0, 10)
  const names = others.length === 0 ? 'none at all' : others.join(', ')
  throw new ImportError('IMPORT_NO_CLOUD', `There is no Mesos cloud in this file; found clouds: ${names}.`)
}

function isMesosCloud(name: string): boolean {
  return /(^|\.)MesosCloud$/.test(name)
}

function toCloud(field: Field, jenkinsUrl: string | undefined): RawCloud {
  return { field, jenkinsUrl, generation: isSecond(field) ? '2.x' : '1.x' }
}

function isSecond(cloud: Field): boolean {
  if (childOf(cloud, 'mesosAgentSpecTemplates') !== undefined) return true
  if (childOf(cloud, 'slaveInfos') !== undefined) return false
  // Without templates: by what only one of them has.
  return ['mesosMasterUrl', 'agentUser', 'frameworkId'].some((name) => childOf(cloud, name) !== undefined)
}
