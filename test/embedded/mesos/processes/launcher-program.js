/**
 * An embedded Mesos to be killed: `node launcher-program.js BUILT_FOLDER WORK_DIR`, tasks as JSON lines on standard
 * input. Says every event as a JSON line.
 */
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [builtFolder, workDir] = process.argv.slice(2)
const built = (file) => import(pathToFileURL(`${builtFolder}/${file}`).href)
const { ProcessRunner } = await built('process-runner.js')
const { systemClock } = await built('../../../system-clock.js')
const runner = new ProcessRunner({ clock: systemClock, workDir, hostIp: '127.0.0.1' })

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line)
  runner.launch(task, (event) => {
    console.log(JSON.stringify({ taskId: task.info.task_id.value, event }))
  })
}
