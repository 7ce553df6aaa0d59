import { test } from '@jest/globals'
import {
  AgentExplanation as AgentExplanationSchema,
  AgentView as AgentSchema,
} from '../../../plugins/api/schemas/agents.ts'
import { DryRun } from '../../../plugins/api/schemas/dry-run.ts'
import { HostDetails as HostDetailsSchema, HostView as HostSchema } from '../../../plugins/api/schemas/hosts.ts'
import {
  ItemDetails as ItemDetailsSchema,
  ItemReport as ItemReportSchema,
  ItemExplanation as ItemSchema,
} from '../../../plugins/api/schemas/items.ts'
import { Configuration, Metric, PlanAnswer, Timeline } from '../../../plugins/api/schemas/set-up.ts'
import {
  TemplateReport as TemplateReportSchema,
  TemplateView as TemplateSchema,
} from '../../../plugins/api/schemas/templates.ts'
import { SummaryView as SummarySchema, View as ViewSchema } from '../../../plugins/api/schemas/view.ts'
import type { AgentExplanation, ItemDetails, ItemReport, TemplateReport } from '../../../src/core/explain-types.ts'
import type { ItemExplanation } from '../../../src/core/snapshot.ts'
import type { DryRunReport } from '../../../src/loop/dry-run-ledger.ts'
import type {
  AgentView,
  ConfigurationView,
  HostDetails,
  HostView,
  MetricView,
  PlanView,
  SummaryView,
  TemplateView,
  TimelineView,
  View,
} from '../../../src/loop/view-types.ts'
import { describes } from './schema-types.ts'

type Now = { readonly now: number }

test('schemas have the fields of what is answered: a field more or less does not compile', () => {
  describes<ItemExplanation, typeof ItemSchema>(ItemSchema)
  describes<ItemReport, typeof ItemReportSchema>(ItemReportSchema)
  describes<ItemDetails, typeof ItemDetailsSchema>(ItemDetailsSchema)
  describes<AgentView, typeof AgentSchema>(AgentSchema)
  describes<AgentExplanation, typeof AgentExplanationSchema>(AgentExplanationSchema)
  describes<HostView, typeof HostSchema>(HostSchema)
  describes<HostDetails, typeof HostDetailsSchema>(HostDetailsSchema)
  describes<TemplateView, typeof TemplateSchema>(TemplateSchema)
  describes<TemplateReport, typeof TemplateReportSchema>(TemplateReportSchema)
  describes<SummaryView, typeof SummarySchema>(SummarySchema)
  describes<View, typeof ViewSchema>(ViewSchema)
  describes<TimelineView & Now, typeof Timeline>(Timeline)
  describes<PlanView & Now, typeof PlanAnswer>(PlanAnswer)
  describes<ConfigurationView & Now, typeof Configuration>(Configuration)
  describes<MetricView, typeof Metric>(Metric)
  describes<DryRunReport & Now, typeof DryRun>(DryRun)
})
