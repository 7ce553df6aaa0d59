/** Opens the store in the folder given and commits one agent after the other, saying which ones were acknowledged. */
import { FileStore } from '../../src/store/file-store.ts'
import { put } from '../support/records.ts'

const [folder = '', prefix = ''] = process.argv.slice(2)
const store = await FileStore.open({ folder, maxLogBytes: 20_000 })
for (let index = 0; ; index++) {
  await store.commit([put(`${prefix}${index}`)])
  process.stdout.write(`${prefix}${index}\n`)
}
