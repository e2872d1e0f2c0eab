import type { Match } from './endpoint.ts'
import { HostDirectory } from './hosts/host-directory.ts'
import {
  byFixedText,
  fitsBetween,
  fixedTexts,
  paramsOf,
  type TemplateSegment,
  templateSegments,
} from './placeholders.ts'
import type { RouteTable } from './route-table.ts'
import { splitPath } from './templates/path.ts'
import { takesValue } from './templates/takes-value.ts'

interface RouteNode {
  literals: Map<string, RouteNode> | undefined
  mixed: { readonly fixed: readonly string[]; readonly node: RouteNode }[] | undefined
  param: RouteNode | undefined
  /** Of a placeholder: what it took so far. */
  takes: 'anything' | 'words' | 'typed'
  route:
    | {
        readonly endpoint: Match['endpoint']
        readonly template: string
        readonly segments: readonly TemplateSegment[]
      }
    | undefined
}

const maxSteps = 256
const noParams: Match['params'] = Object.freeze([])

/**
 * Names a call's endpoint from the compiled routes: a tree per host and method; literals before mixed segments before
 * placeholders, the longest fixed text first. A placeholder takes any value, also of a form not seen yet: a policy on
 * `/orders/{orderId}` holds for `/orders/abc` as well. Where a path fits more than one route, the one whose placeholders took such values
 * stands first, as in the catalog. Immutable after construction and bounded in time.
 */
export class RouteMatcher {
  readonly #hosts = new Map<string, Map<string, RouteNode>>()
  /** Hosts of routes that are patterns, such as `{tenant}.example.com`. */
  readonly #patterns = new HostDirectory()
  #left = 0
  /** True where the way that was taken was not the only one. */
  #forked = false

  constructor(table: RouteTable) {
    for (const route of table.routes) {
      let methods = this.#hosts.get(route.host)
      if (methods === undefined) {
        methods = new Map()
        this.#hosts.set(route.host, methods)
      }
      let node = methods.get(route.method)
      if (node === undefined) {
        node = blank()
        methods.set(route.method, node)
      }
      const segments = templateSegments(route.template)
      for (const [index, segment] of segments.entries()) {
        node = grow(node, segment)
        if (route.typed?.includes(index) !== true)
          node.takes =
            route.open?.includes(index) === true && node.takes !== 'anything' ? 'words' : 'anything'
      }
      node.route = { endpoint: route.endpoint, template: route.template, segments }
    }
    const learned = table.learnedHosts ?? []
    const patterns = new Set(learned.map(({ pattern }) => pattern))
    this.#patterns.give([...this.#hosts.keys()].filter(host => host.includes('{') && !patterns.has(host)))
    for (const { pattern, apart } of learned)
      if (this.#hosts.has(pattern)) this.#patterns.learn(pattern, apart)
  }

  /** A host without routes of its own goes by the pattern it fits, whose values then come first among the parameters. */
  match(host: string, method: string, path: string): Match | undefined {
    const name = this.#hosts.has(host) ? undefined : this.#patterns.nameOf(host)
    const root = this.#hosts.get(name?.host ?? host)?.get(method)
    if (root === undefined) return undefined
    const segments = splitPath(path)
    if (segments === undefined) return undefined
    this.#left = maxSteps
    this.#forked = false
    const loose = this.#descend(root, segments, 0, false)
    let route = loose?.route
    if (this.#forked && route?.template.includes('{') === true) {
      this.#left = maxSteps
      route = this.#descend(root, segments, 0, true)?.route ?? route
    }
    if (route === undefined) return undefined
    const params = route.template.includes('{') ? paramsOf(route.segments, segments) : noParams
    return {
      endpoint: route.endpoint,
      template: route.template,
      params: name === undefined ? params : [...name.params, ...params],
    }
  }

  /** @param strict placeholders take only what they took so far */
  #descend(
    node: RouteNode,
    segments: readonly string[],
    index: number,
    strict: boolean,
  ): RouteNode | undefined {
    if (index === segments.length) return node.route === undefined ? undefined : node
    this.#left -= 1
    if (this.#left < 0) return undefined
    const segment = segments[index] ?? ''
    const literal = node.literals?.get(segment)
    if (literal !== undefined) {
      if (node.param !== undefined || node.mixed !== undefined) this.#forked = true
      const found = this.#descend(literal, segments, index + 1, strict)
      if (found !== undefined) return found
    }
    if (node.mixed !== undefined) {
      for (const { fixed, node: child } of node.mixed) {
        if (!fitsBetween(segment, fixed)) continue
        if (node.param !== undefined || node.mixed.length > 1) this.#forked = true
        const found = this.#descend(child, segments, index + 1, strict)
        if (found !== undefined) return found
      }
    }
    const { param } = node
    if (param === undefined || segment === '') return undefined
    if (strict && param.takes !== 'anything' && !takesValue(param.takes === 'words', segment))
      return undefined
    return this.#descend(param, segments, index + 1, strict)
  }
}

const blank = (): RouteNode => ({
  literals: undefined,
  mixed: undefined,
  param: undefined,
  takes: 'typed',
  route: undefined,
})

function grow(node: RouteNode, segment: TemplateSegment): RouteNode {
  const { placeholder } = segment
  if (placeholder === undefined) {
    node.literals ??= new Map()
    let next = node.literals.get(segment.text)
    if (next === undefined) {
      next = blank()
      node.literals.set(segment.text, next)
    }
    return next
  }
  const fixed = fixedTexts(segment.text)
  if (fixed.every(text => text === '')) {
    node.param ??= blank()
    return node.param
  }
  node.mixed ??= []
  const key = fixed.join('{}')
  const known = node.mixed.find(mixed => mixed.fixed.join('{}') === key)
  if (known !== undefined) return known.node
  const next = blank()
  node.mixed.push({ fixed, node: next })
  node.mixed.sort((a, b) => byFixedText(a.fixed, b.fixed))
  return next
}
