import type { Definition } from './definition.ts'
import { type Deployment, readDeployments } from './deployments.ts'
import type { Answer, MarathonHttp } from './http.ts'
import { isRecord } from './path.ts'
import { fieldsIn, textIn } from './read.ts'
import { lockedBy, refusal } from './refusals.ts'
import { appStatus, NO_STATUS, podStatus, type Status } from './status.ts'

export type PutOutcome =
  | { readonly kind: 'begun'; readonly deploymentId: string | undefined }
  | { readonly kind: 'locked'; readonly by: readonly string[] }

const EMBEDDED = 'embed=app.counts&embed=app.tasks&embed=app.lastTaskFailure'

/** Marathon, as far as one pod or app is concerned. All calls throw MarathonError, or the signal's reason. */
export class Marathon {
  readonly #http: MarathonHttp
  readonly #definition: Definition
  readonly #loggedIn: boolean

  constructor(http: MarathonHttp, definition: Definition, loggedIn: boolean) {
    this.#http = http
    this.#definition = definition
    this.#loggedIn = loggedIn
  }

  /** What is stored under the id; `undefined`: nothing is. */
  async stored(signal: AbortSignal): Promise<unknown> {
    const { kind, id } = this.#definition
    const answer = await this.#get(pathOf(kind, id), signal)
    if (answer.status === 404) return undefined
    const body = isRecord(answer.body) ? answer.body : undefined
    const found = kind === 'pod' ? body : fieldsIn(body, 'app')
    if (found === undefined) throw this.#refuse(answer, `GET ${pathOf(kind, id)}`)
    return found
  }

  /** Why the id cannot be used for what is deployed, as a sentence. */
  async obstacle(signal: AbortSignal): Promise<string | undefined> {
    const { kind, id } = this.#definition
    if (kind === 'pod') {
      const pods = await this.#http.send('HEAD', '/v2/pods', undefined, signal)
      if (pods.status === 404 || pods.status === 405) {
        return 'This Marathon has no pods (they came with 1.4): deploy marathon/app.json instead.'
      }
      if (pods.status !== 200) throw this.#refuse(pods, 'HEAD /v2/pods')
    }
    const other = kind === 'pod' ? 'app' : 'pod'
    const answer = await this.#http.send('GET', pathOf(other, id), undefined, signal)
    if (answer.status !== 200) return undefined
    return `${id} is ${other === 'app' ? 'an app' : 'a pod'} there and ${kind === 'app' ? 'an app' : 'a pod'} in the file: delete that one first, or give the file another id.`
  }

  /** Creates or replaces. */
  async put(force: boolean, signal: AbortSignal): Promise<PutOutcome> {
    const { kind, id, body } = this.#definition
    // An app is merged into what is there unless told otherwise; a pod never is.
    const query = [...(force ? ['force=true'] : []), ...(kind === 'app' ? ['partialUpdate=false'] : [])].join('&')
    const path = pathOf(kind, id)
    const answer = await this.#http.send('PUT', `${path}${query === '' ? '' : `?${query}`}`, body, signal)
    const by = lockedBy(answer)
    if (by !== undefined) return { kind: 'locked', by }
    if (answer.status !== 200 && answer.status !== 201) throw this.#refuse(answer, `PUT ${path}`)
    const told = isRecord(answer.body) ? textIn(answer.body, 'deploymentId') : undefined
    return { kind: 'begun', deploymentId: answer.header('marathon-deployment-id') ?? told }
  }

  /** All that are under way. */
  async deployments(signal: AbortSignal): Promise<readonly Deployment[]> {
    const answer = await this.#get('/v2/deployments', signal)
    if (!Array.isArray(answer.body)) throw this.#refuse(answer, 'GET /v2/deployments')
    return readDeployments(answer.body)
  }

  async status(signal: AbortSignal): Promise<Status> {
    const { kind, id } = this.#definition
    const path = kind === 'pod' ? `${pathOf(kind, id)}::status` : `${pathOf(kind, id)}?${EMBEDDED}`
    const answer = await this.#get(path, signal)
    if (answer.status === 404) return NO_STATUS
    return kind === 'pod' ? podStatus(answer.body) : appStatus(answer.body)
  }

  /** 404 is an answer, too. */
  async #get(path: string, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#http.send('GET', path, undefined, signal)
    if (answer.status !== 200 && answer.status !== 404) throw this.#refuse(answer, `GET ${path}`)
    return answer
  }

  #refuse(answer: Answer, what: string): Error {
    return refusal(answer, { definition: this.#definition, what, loggedIn: this.#loggedIn })
  }
}

function pathOf(kind: Definition['kind'], id: string): string {
  return `/v2/${kind}s${id}`
}
