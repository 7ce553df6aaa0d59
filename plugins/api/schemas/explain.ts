import { Type } from 'typebox'
import { AgentExplanation } from './agents.ts'
import { ItemDetails, ItemReport, WishExplanation } from './items.ts'
import { count, held, list, may, named, now, table, text, texts } from './parts.ts'
import { TemplateReport } from './templates.ts'

const WholeExplanation = named('WholeExplanation', 'Why each build waits and each agent is there', {
  now,
  held,
  total: count('Items in the queue'),
  offset: count('Items left out at the beginning'),
  items: list(ItemReport, 'A page of them'),
  wishes: table(WishExplanation, 'What these items ask for, by their `asks`'),
  templates: list(TemplateReport, 'All templates, and where they fit'),
  agents: list(AgentExplanation, 'All agents'),
  problems: texts('What a person should look at, each with what to do'),
  dryRun: may(text('What a dry run would have done, in one sentence; left out: this is none')),
})

/** What was asked for by `item`, `job`, `template` or `agent`. */
const found = { now, held }

export const Explanation = Type.Union(
  [
    WholeExplanation,
    named('ExplainedItem', 'With `?item=`', { ...found, item: ItemDetails }),
    named('ExplainedJob', 'With `?job=`', {
      ...found,
      items: list(ItemDetails, 'Its items'),
      more: count('Items beyond those'),
    }),
    named('ExplainedTemplate', 'With `?template=`', { ...found, template: TemplateReport }),
    named('ExplainedAgent', 'With `?agent=`', { ...found, agent: AgentExplanation }),
  ],
  { title: 'Explanation', description: 'The whole, or what was asked for' },
)
