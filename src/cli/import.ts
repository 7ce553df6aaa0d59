import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Imported, importConfiguration } from '../config/import/import-configuration.ts'
import { ImportError } from '../config/import/import-error.ts'
import { envText } from '../config/import/write-env.ts'
import { messageOf } from '../core/code-of.ts'
import { fileOf, importReport } from './import-report.ts'
import { type CommandIo, EXIT_FAILED, EXIT_OK } from './io.ts'
import { FilesInTheWay, type NewFile, writeNewFiles } from './new-files.ts'

/** No configuration of Jenkins is bigger, and not that big. */
const MOST_BYTES = 10_000_000

/** `import`: the Mesos plugin's configuration becomes templates and settings, and a report of every field. */
export function importPlugin(file: string, folder: string, force: boolean, io: CommandIo): number {
  let imported: Imported
  try {
    imported = importConfiguration(readText(file))
  } catch (error) {
    if (!(error instanceof ImportError)) io.err(`${file} cannot be read: ${messageOf(error)}.`)
    else io.err(`${file} cannot be imported. ${error.message}`)
    return EXIT_FAILED
  }
  const report = importReport(imported)
  try {
    const written = writeNewFiles(folder, filesOf(imported, report), force)
    io.out(importReport(imported, io.paper.out))
    io.out('')
    for (const path of written) io.out(`Wrote ${join(folder, path)}`)
    if (written.length === 0) io.out(`Nothing is written: ${folder} holds these very files already.`)
    return EXIT_OK
  } catch (error) {
    if (error instanceof FilesInTheWay) {
      const paths = error.paths.map((path) => join(folder, path)).join(', ')
      io.err(`Nothing is written: ${paths} has other content. Take another folder, or replace it with --force.`)
    } else io.err(`Nothing is imported into ${folder}: ${messageOf(error)}.`)
    return EXIT_FAILED
  }
}

function filesOf({ sidecars }: Imported, report: string): readonly NewFile[] {
  return [
    ...sidecars.flatMap(({ number, templates, variables }) => [
      { path: fileOf(number, 'templates.yaml'), text: templates },
      { path: fileOf(number, 'sidecar.env'), text: envText(variables) },
    ]),
    { path: 'report.txt', text: `${report}\n` },
  ]
}

/** @throws ImportError; what the file system says */
function readText(file: string): string {
  const stats = statSync(file)
  if (stats.isDirectory()) {
    throw new ImportError('IMPORT_MALFORMED', 'It is a folder: give the file, such as config.xml in JENKINS_HOME.')
  }
  // Opening a pipe would wait for whoever writes into it.
  if (!stats.isFile()) throw new ImportError('IMPORT_MALFORMED', 'It is no file.')
  if (stats.size > MOST_BYTES) {
    throw new ImportError(
      'IMPORT_TOO_BIG',
      `It has ${Math.ceil(stats.size / 1e6)} MB, and no configuration of Jenkins has more than ${MOST_BYTES / 1e6} MB. Give its config.xml.`,
    )
  }
  return decode(readFileSync(file))
}

function decode(bytes: Buffer): string {
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.subarray(0, 2).toString('latin1')) || bytes.includes(0)) {
    throw new ImportError('IMPORT_ENCODING', 'It is not text in UTF-8: maybe it is UTF-16, or no text at all.')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const good = new TextDecoder('utf-8').decode(bytes)
    const line = good.slice(0, good.indexOf('\uFFFD')).split('\n').length
    throw new ImportError(
      'IMPORT_ENCODING',
      `It is not UTF-8, in which Jenkins writes: see line ${line}. Save it as UTF-8.`,
      { cause },
    )
  }
}
