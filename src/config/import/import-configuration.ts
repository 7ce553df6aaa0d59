import { readCloud } from './cloud.ts'
import { ImportError } from './import-error.ts'
import { readClouds } from './read-clouds.ts'
import { Report, type ReportLine } from './report.ts'
import { type Sidecar, toSidecars } from './sidecars.ts'
import { type Variable, variablesOf } from './variables.ts'
import { templatesText } from './write-templates.ts'

export interface Imported {
  /** One for each master, in the order of the file; at least one. */
  readonly sidecars: readonly ImportedSidecar[]
  /** One for every field of the plugin's configuration. */
  readonly lines: readonly ReportLine[]
}

export interface ImportedSidecar {
  readonly number: number
  readonly variables: readonly Variable[]
  readonly templateNames: readonly string[]
  /** `templates.yaml` */
  readonly templates: string
}

/**
 * The Mesos plugin's configuration in the words of this program. The same text gives the same result, to the byte.
 * @param text Jenkins' config.xml, or a YAML file of Configuration as Code
 * @throws ImportError in words for people
 */
export function importConfiguration(text: string): Imported {
  const report = new Report()
  const clouds = readClouds(text).map((raw, index) => readCloud(raw, index + 1, report))
  const sidecars = toSidecars(clouds, report)
  if (sidecars.length === 0) {
    throw new ImportError('IMPORT_NO_CLOUD', 'The Mesos cloud in this file has no template that could be taken.')
  }
  return { sidecars: sidecars.map(finished), lines: report.lines }
}

function finished(sidecar: Sidecar): ImportedSidecar {
  return {
    number: sidecar.number,
    variables: variablesOf(sidecar),
    templateNames: [...sidecar.templates.keys()],
    templates: templatesText(sidecar),
  }
}
