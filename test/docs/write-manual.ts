import { readFileSync, writeFileSync } from 'node:fs'
import { fillIn, MANUAL } from './template-manual.ts'

/** `npm run docs`: the tables of the manual, made anew from the schema. */
writeFileSync(MANUAL, fillIn(readFileSync(MANUAL, 'utf8')))
