import { Agent, request } from 'undici'
import type { JenkinsSystem } from './systems.ts'

export interface Build {
  readonly number: number
  /** `null` while it runs. */
  readonly result: string | null
  /** Name of the node. */
  readonly builtOn: string
}

/** What the tests, and not the sidecar, do with Jenkins: jobs, builds, and what must go at the end. */
export class JenkinsAdmin {
  readonly #url: URL
  readonly #authorization: string
  readonly #connections = new Agent()

  constructor({ url, admin }: JenkinsSystem) {
    if (admin === undefined) throw new Error('TEST_JENKINS_ADMIN_USER and TEST_JENKINS_ADMIN_TOKEN are not set')
    this.#url = url
    this.#authorization = `Basic ${Buffer.from(`${admin.user}:${admin.token}`).toString('base64')}`
  }

  /** A freestyle job of one shell step. */
  async createJob(name: string, label: string, shell: string): Promise<void> {
    await this.#post(`createItem?name=${encodeURIComponent(name)}`, jobXml(label, shell), 'application/xml')
  }

  /** Without a quiet period. */
  async build(job: string): Promise<void> {
    await this.#post(`job/${encodeURIComponent(job)}/build?delay=0sec`)
  }

  async lastBuild(job: string): Promise<Build | undefined> {
    const tree = 'lastBuild[number,result,builtOn]'
    const { lastBuild } = (await this.#get(`job/${encodeURIComponent(job)}/api/json?tree=${tree}`)) as {
      readonly lastBuild: Build | null
    }
    return lastBuild ?? undefined
  }

  async nodeNames(): Promise<readonly string[]> {
    const { computer } = (await this.#get('computer/api/json?tree=computer[displayName]')) as {
      readonly computer: readonly { readonly displayName: string }[]
    }
    return computer.map(({ displayName }) => displayName)
  }

  /** Its `config.xml`. */
  async nodeConfig(name: string): Promise<string> {
    return this.#send('GET', `computer/${encodeURIComponent(name)}/config.xml`)
  }

  async jobNames(): Promise<readonly string[]> {
    const { jobs } = (await this.#get('api/json?tree=jobs[name]')) as {
      readonly jobs: readonly { readonly name: string }[]
    }
    return jobs.map(({ name }) => name)
  }

  /** Removes every job and node whose name contains this word, with what of it is queued. */
  async removeAll(word: string): Promise<void> {
    for (const name of await this.jobNames()) {
      if (name.includes(word)) await this.#post(`job/${encodeURIComponent(name)}/doDelete`)
    }
    for (const name of await this.nodeNames()) {
      if (name.includes(word)) await this.#post(`computer/${encodeURIComponent(name)}/doDelete`)
    }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  async #get(path: string): Promise<unknown> {
    return JSON.parse(await this.#send('GET', path))
  }

  async #post(path: string, body = '', type = 'application/x-www-form-urlencoded'): Promise<void> {
    await this.#send('POST', path, body, type)
  }

  async #send(method: 'GET' | 'POST', path: string, body?: string, type?: string): Promise<string> {
    const response = await request(new URL(path, this.#url), {
      method,
      dispatcher: this.#connections,
      headers: { authorization: this.#authorization, ...(type !== undefined && { 'content-type': type }) },
      body: body ?? null,
    })
    const text = await response.body.text()
    if (response.statusCode >= 400) {
      throw new Error(`${method} ${this.#url.href}${path} answered ${response.statusCode}: ${text.slice(0, 200)}`)
    }
    return text
  }
}

function jobXml(label: string, shell: string): string {
  return `<?xml version='1.1' encoding='UTF-8'?>
<project>
  <actions/>
  <description>Made by the contract tests of jenkins-mesos-sidecar; may be deleted.</description>
  <keepDependencies>false</keepDependencies>
  <properties/>
  <scm class="hudson.scm.NullSCM"/>
  <assignedNode>${escapeXml(label)}</assignedNode>
  <canRoam>false</canRoam>
  <disabled>false</disabled>
  <blockBuildWhenDownstreamBuilding>false</blockBuildWhenDownstreamBuilding>
  <blockBuildWhenUpstreamBuilding>false</blockBuildWhenUpstreamBuilding>
  <triggers/>
  <concurrentBuild>false</concurrentBuild>
  <builders><hudson.tasks.Shell><command>${escapeXml(shell)}</command></hudson.tasks.Shell></builders>
  <publishers/>
  <buildWrappers/>
</project>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
