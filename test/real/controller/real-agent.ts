import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_OPENS } from './java.ts'
import { Child } from './process.ts'
import type { RealController } from './real-controller.ts'

/** Starts the controller's own `slave.jar` for a node that exists. Its log is `agent.log` in its home. */
export async function startRealAgent(controller: RealController, name: string, home: string): Promise<Child> {
  mkdirSync(home, { recursive: true })
  const jar = join(home, 'slave.jar')
  writeFileSync(jar, await controller.agentJar())
  return Child.start({
    command: 'java',
    args: [
      ...AGENT_OPENS,
      '-Xmx128m',
      '-jar',
      jar,
      '-jnlpUrl',
      `${controller.url}/computer/${encodeURIComponent(name)}/slave-agent.jnlp`,
    ],
    cwd: home,
    env: { ...process.env, HOME: home, LANG: 'C.UTF-8' },
    logFile: join(home, 'agent.log'),
    pidFile: join(home, 'agent.pid'),
  })
}
