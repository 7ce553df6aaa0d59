import { readFileSync, writeFileSync } from 'node:fs'
import { API_MANUAL, apiManual, type Document } from './api-manual.ts'
import { documentedServer } from './documented-server.ts'
import { fillInMetrics, METRICS_MANUAL } from './metrics-manual.ts'
import { CONFIGURATION, fillInSettings } from './settings-manual.ts'
import { fillIn, MANUAL } from './template-manual.ts'

/**
 * `npm run docs`: the tables of fields and settings, made anew from their schemas, those of metrics from their definitions, and the
 * manual of the API from its description.
 */
writeFileSync(MANUAL, fillIn(readFileSync(MANUAL, 'utf8')))
writeFileSync(CONFIGURATION, fillInSettings(readFileSync(CONFIGURATION, 'utf8')))
writeFileSync(METRICS_MANUAL, fillInMetrics(readFileSync(METRICS_MANUAL, 'utf8')))

const app = await documentedServer()
const { body } = await app.inject('/api/v1/openapi.json')
writeFileSync(API_MANUAL, apiManual(JSON.parse(body) as Document))
await app.close()
