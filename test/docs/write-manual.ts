import { readFileSync, writeFileSync } from 'node:fs'
import { DOCUMENTS, fillIn } from './template-manual.ts'

/** `npm run docs`: the tables of fields, made anew from the schema. */
for (const document of DOCUMENTS) writeFileSync(document, fillIn(readFileSync(document, 'utf8')))
