import { checkAmounts } from './amount-checks.ts'
import type { Config } from './config.ts'
import { checkContainer } from './container-checks.ts'
import type { EnvReading } from './env.ts'
import type { Findings } from './findings.ts'
import { checkFleet } from './fleet-checks.ts'
import { checkHostRules } from './host-rule-checks.ts'
import { checkLaunch } from './launch-checks.ts'
import { checkPool } from './pool-checks.ts'
import type { NamedTemplate } from './templates.ts'

type Around = Pick<Config, 'mesos' | 'agentHttp' | 'caps'>

/** What holds between fields of a template, between templates, and between them and the settings. */
export function checkTemplates(
  templates: readonly NamedTemplate[],
  around: Around,
  reading: EnvReading,
  findings: Findings,
): void {
  for (const named of templates) {
    checkLabels(named)
    checkAmounts(named, around.caps)
    checkPool(named)
    checkHostRules(named)
    checkLaunch(named)
    checkContainer(named)
    checkMesos(named, around, reading, findings)
  }
  checkFleet(templates, around.caps)
}

function checkLabels({ template: { labels, mode }, tell }: NamedTemplate): void {
  for (const label of labels) {
    // What Jenkins' label expressions use as signs; a label with one would have to be quoted everywhere.
    if (!/^[^\s&|!<>()"\\]+$/.test(label)) {
      tell.mistake(['labels'], `${JSON.stringify(label)} must be without spaces and any of & | ! < > ( ) " \\`)
    }
  }
  if (labels.length === 0 && mode === 'EXCLUSIVE') {
    tell.mistake(['labels'], 'without labels and with mode EXCLUSIVE no build can run there; add a label')
  }
}

function checkMesos({ template, tell }: NamedTemplate, around: Around, { bad }: EnvReading, findings: Findings): void {
  const { mesos, agentHttp } = around
  if (!bad.has('MESOS_ROLES') && !mesos.roles.includes(template.role)) {
    tell.mistake(['role'], `${JSON.stringify(template.role)} is not in MESOS_ROLES; add it there`)
  }
  if (template.launch.secretVia === 'environment') {
    tell.warn(
      ['secretVia'],
      'environment shows the secret of each agent to everybody who may read the API of the Mesos agents',
    )
  } else if (mesos.kind !== 'embedded' && agentHttp.sidecarUrl === undefined && !bad.has('SIDECAR_URL')) {
    findings.mistake(
      'SIDECAR_URL is missing: hosts fetch the secrets of agents there, such as http://this-host:8091. Where they ' +
        'cannot reach this machine, set secretVia: environment in the template (AGENT_SECRET_VIA), which is visible.',
    )
  }
}
