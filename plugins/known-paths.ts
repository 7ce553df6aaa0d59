import type { FastifyInstance } from 'fastify'
import { distanceOf } from '../src/core/edit-distance.ts'

export interface KnownPaths {
  /** What a path takes; nothing where there is no such path. */
  readonly methodsOf: (path: string) => readonly string[]
  /** Where the caller may have wanted to go: a few paths without parameters, the most similar first. */
  readonly near: (path: string) => readonly string[]
}

/** Tried when nothing is similar. */
const USUAL = ['/', '/metrics', '/health/ready', '/api/v1/state', '/api/v1/openapi.json']
const LONGEST = 100
const FAR = 0.4

/** The paths of a server, for those who took a wrong one. Must be asked before the routes are added. */
export function knownPaths(app: FastifyInstance): KnownPaths {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() }
    for (const one of [method].flat()) route.methods.add(one)
    routes.set(url, route)
  })
  return {
    methodsOf: (path) => {
      const found = [...routes.values()].filter(({ pattern }) => pattern.test(path))
      return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort()
    },
    near: (path) => {
      const wanted = path.slice(0, LONGEST)
      const similar = [...routes.keys()]
        .filter((url) => !/[:*]/.test(url))
        .map((url) => ({ url, far: distanceOf(wanted, url) / Math.max(wanted.length, url.length) }))
        .filter(({ far }) => far <= FAR)
        .sort((a, b) => a.far - b.far)
        .slice(0, 3)
      return similar.length === 0 ? USUAL.filter((url) => routes.has(url)) : similar.map(({ url }) => url)
    },
  }
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, '[^/]+').replaceAll('*', '.*')}$`)
}
