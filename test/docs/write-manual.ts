import { readFileSync, writeFileSync } from 'node:fs'
import { fillInMetrics, METRICS_MANUAL } from './metrics-manual.ts'
import { DOCUMENTS, fillIn } from './template-manual.ts'

/** `npm run docs`: the tables of fields, made anew from the schema, and those of metrics from their definitions. */
for (const document of DOCUMENTS) writeFileSync(document, fillIn(readFileSync(document, 'utf8')))
writeFileSync(METRICS_MANUAL, fillInMetrics(readFileSync(METRICS_MANUAL, 'utf8')))
