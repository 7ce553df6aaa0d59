import type { Farm } from '../support/farm.ts'
import { askOperator, pauseTemplates, resumeTemplates } from '../support/farm-operator.ts'
import type { TemplateOptions } from '../support/farm-options.ts'
import { anyOf, OVER, type Trouble } from './trouble.ts'

/** Until it is answered that nothing is paused. */
export async function resumeAll(farm: Farm): Promise<void> {
  const answered = new AbortController()
  for (let tries = 0; tries < 60 && !answered.signal.aborted; tries++) {
    resumeTemplates(farm, undefined, () => {
      answered.abort()
    })
    await farm.advance(20_000)
  }
  if (!answered.signal.aborted) throw new Error('an operator cannot resume templates')
}

function edit(
  name: string,
  change: (template: TemplateOptions) => TemplateOptions | undefined,
  names: readonly string[],
): Trouble {
  return {
    name,
    longestMs: 900_000,
    begin: (farm, chance) => {
      const chosen = anyOf(names, chance) ?? ''
      const { [chosen]: template, ...others } = farm.templates
      if (template === undefined) return undefined
      const changed = change(template)
      farm.templates = changed === undefined ? others : { ...farm.templates, [chosen]: changed }
      return () => {
        farm.templates = { ...farm.templates, [chosen]: template }
      }
    },
  }
}

export const POLICY_TROUBLES: readonly Trouble[] = [
  {
    name: 'an operator pauses templates',
    longestMs: 600_000,
    begin: (farm, chance) => {
      const template = anyOf([undefined, ...Object.keys(farm.templates)], chance)
      if (!pauseTemplates(farm, template)) return undefined
      return () => {
        resumeTemplates(farm, template)
      }
    },
  },
  {
    name: 'an operator drains an agent',
    begin: (farm, chance) => {
      const agentId = anyOf(farm.records, chance)?.agentId
      if (agentId === undefined || !askOperator(farm, (operator) => operator.drain(agentId))) return undefined
      return OVER
    },
  },
  {
    name: 'an operator asks for agents',
    begin: (farm, chance) => {
      const template = anyOf(Object.keys(farm.templates), chance)
      const agents = anyOf([1, 2, 5], chance) ?? 1
      if (template === undefined || !askOperator(farm, (operator) => operator.provision(template, agents)))
        return undefined
      return OVER
    },
  },
  {
    name: 'Jenkins is to shut down, and that is cancelled',
    longestMs: 400_000,
    begin: ({ jenkins }) => {
      if (jenkins.phase !== 'ready') return undefined
      jenkins.quietDown('an update')
      return () => {
        jenkins.quietDown(undefined)
      }
    },
  },
  edit(
    'a template gets another label',
    (template) => ({ ...template, labels: [...(template['labels'] as string[]), 'more'] }),
    ['big', 'apart', 'elastic'],
  ),
  edit('a template is taken out', () => undefined, ['spare', 'once', 'warm', 'docker']),
  edit('a template gets a longer idle timeout', (template) => ({ ...template, idleTimeoutSeconds: 300 }), [
    'linux',
    'warm',
    'docker',
  ]),
]
