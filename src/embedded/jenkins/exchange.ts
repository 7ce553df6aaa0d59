import type { HttpRequest, HttpResponse } from '../http.ts'
import { type Caller, missingRight, type Permission } from './auth.ts'
import type { Controller } from './controller.ts'
import type { Crumbs } from './crumbs.ts'
import { messagesFor } from './messages.ts'
import type { JobState } from './model.ts'
import { escapeHtml, formError, type Identity, json, loginNeeded, notFound, oops, page, postOnly } from './pages.ts'
import type { JenkinsView, Scene } from './scene.ts'
import { byDepth, byTree, type Exported, type Pruner } from './tree-query.ts'

/** One request on its way, with what answers are made of. */
export class Exchange {
  readonly request: HttpRequest
  readonly controller: Controller
  readonly identity: Identity
  readonly caller: Caller
  /** Below the context path, decoded; a trailing slash gives no empty part. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
  /** As on the request line, without its query. */
  readonly path: string
  readonly contextPath: string
  readonly #crumbs: Crumbs

  constructor(options: {
    readonly request: HttpRequest
    readonly controller: Controller
    readonly identity: Identity
    readonly caller: Caller
    readonly contextPath: string
    readonly crumbs: Crumbs
  }) {
    this.request = options.request
    this.controller = options.controller
    this.identity = options.identity
    this.caller = options.caller
    this.contextPath = options.contextPath
    this.#crumbs = options.crumbs
    const { path, query } = splitPath(options.request.path)
    this.path = path
    this.query = query
    this.parts = path
      .slice(options.contextPath.length)
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  }

  get isPost(): boolean {
    return this.request.method === 'POST'
  }

  get scene(): Scene {
    const { controller, caller } = this
    // Without Job/Read there are no jobs for this caller, wherever jobs are listed.
    const readable: JenkinsView = caller.may('Job/Read')
      ? controller
      : {
          clock: controller.clock,
          url: controller.url,
          access: controller.access,
          farm: controller.farm,
          queue: controller.queue,
          jobs: new Map<string, JobState>(),
          jobList: [],
        }
    return {
      jenkins: readable,
      say: messagesFor(this.request.headers['accept-language'], controller.old),
      old: controller.old,
    }
  }

  /** A field of the form, or of the query of the address. */
  field(name: string): string | null {
    const isForm = /^application\/x-www-form-urlencoded/i.test(this.request.headers['content-type'] ?? '')
    const form = new URLSearchParams(isForm ? this.request.body.toString() : '')
    return form.get(name) ?? this.query.get(name)
  }

  /** The session cookie for a client that has none. */
  cookie(): (readonly [string, string])[] {
    if (this.#crumbs.sessionOf(this.request.headers['cookie']) !== undefined) return []
    return [this.#crumbs.setCookie(this.#crumbs.open())]
  }

  /** `undefined` where the caller has the right, else the answer that says that it has not. */
  refused(permission: Permission): HttpResponse | undefined {
    if (this.caller.may(permission)) return undefined
    if (this.caller.anonymous) return loginNeeded(this.identity, this.request.path, this.cookie())
    const title = permission.startsWith('Job/') ? permission : permission.replace(/^Agent/, 'Agent')
    const content = `<h1>Access Denied</h1><p class="error">${escapeHtml(this.caller.name)} is missing the ${title} permission</p>`
    return page(this.identity, 403, 'Access Denied', content, [
      ...missingRight(this.caller.name, permission),
      ...this.cookie(),
    ])
  }

  api(bean: Exported, more: readonly (readonly [string, string])[] = []): HttpResponse {
    let pruner: Pruner
    try {
      const tree = this.query.get('tree')
      pruner = tree === null ? byDepth(Number(this.query.get('depth') ?? 0)) : byTree(tree)
    } catch (thrown) {
      const answer = this.oops(thrown)
      const headers = answer.headers.map(
        ([name, value]) => [name, name === 'X-Frame-Options' ? 'deny' : value] as const,
      )
      return { ...answer, headers }
    }
    const gzip = /\bgzip\b/.test(this.request.headers['accept-encoding'] ?? '')
    return json(this.identity, bean.write(pruner), gzip, more)
  }

  notFound(): HttpResponse {
    return notFound(this.identity, this.cookie())
  }

  postOnly(more: readonly (readonly [string, string])[] = []): HttpResponse {
    return postOnly(this.identity, [...more, ...this.cookie()])
  }

  formError(why: string): HttpResponse {
    return formError(this.identity, why, this.cookie())
  }

  /** 500: what Jenkins makes of anything that it did not think of. */
  oops(thrown: unknown): HttpResponse {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    return oops(this.identity, why, this.cookie())
  }

  /** A path below the context path, as `Location` of most redirects has it. */
  local(path: string): string {
    return this.controller.old ? this.absolute(path) : `${this.contextPath}${path}`
  }

  /** From the request's own `Host`, not from the configured URL. */
  absolute(path: string): string {
    const host = this.request.headers['host'] ?? new URL(this.controller.url).host
    return `${new URL(this.controller.url).protocol}//${host}${this.contextPath}${path}`
  }
}

export function splitPath(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: new URLSearchParams() }
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) }
}
