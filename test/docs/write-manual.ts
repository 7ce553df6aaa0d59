import { readFileSync, writeFileSync } from 'node:fs'
import { API_MANUAL, apiManual, type Document } from './api-manual.ts'
import { documentedServer } from './documented-server.ts'
import { fillInMetrics, METRICS_MANUAL } from './metrics-manual.ts'
import { DOCUMENTS, fillIn } from './template-manual.ts'

/**
 * `npm run docs`: the tables of fields, made anew from the schema, those of metrics from their definitions, and the
 * manual of the API from its description.
 */
for (const document of DOCUMENTS) writeFileSync(document, fillIn(readFileSync(document, 'utf8')))
writeFileSync(METRICS_MANUAL, fillInMetrics(readFileSync(METRICS_MANUAL, 'utf8')))

const app = await documentedServer()
const { body } = await app.inject('/api/v1/openapi.json')
writeFileSync(API_MANUAL, apiManual(JSON.parse(body) as Document))
await app.close()
