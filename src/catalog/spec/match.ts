import { keptWhole } from '../../kit/snapshot.ts'
import { fitsBetween, fixedTexts } from '../placeholders.ts'
import { valueIn } from '../templates/mixed-segment.ts'
import type { BoundGraphql } from './graphql/judge-graphql.ts'
import { OperationIndex } from './operation-index.ts'
import { compareVersions } from './spec-version.ts'
import type { Specification, SpecOperation } from './specification.ts'

/** An operation with its place: the whole path, and what is known of its standing among the specifications. */
export interface BoundOperation {
  readonly operation: SpecOperation
  readonly specification: Specification
  /** Base path and path. */
  readonly template: string
  /** A newer version of the same API was given, and does not have it. */
  readonly supersededBy?: string
  /** Of GraphQL: what is asked for, and the schema. */
  readonly graphql?: BoundGraphql
}

interface Node {
  literals: Map<string, Node> | undefined
  mixed: { readonly parts: readonly string[]; readonly node: Node }[] | undefined
  param: Node | undefined
  operations: Map<string, BoundOperation> | undefined
}

const maxSteps = 512
const blank = (): Node => ({ literals: undefined, mixed: undefined, param: undefined, operations: undefined })

/**
 * The operations of specifications by host and path: literals before mixed segments before placeholders. A host that a
 * specification names is matched against that one, then against those that name none; any other host against all: a
 * document rarely names the host its traffic was recorded at. Bounded in time by steps; immutable.
 */
export class SpecIndex {
  readonly specifications: readonly Specification[]
  private readonly hosts = new Map<string, Node>()
  private readonly wildcards: { readonly labels: readonly string[]; readonly root: Node }[] = []
  private readonly relative = blank()
  private readonly all = blank()
  private readonly bound: readonly BoundOperation[]
  /** Operations that no path tells: GraphQL's, and gRPC's behind whatever a proxy put before their path. */
  readonly protocols: OperationIndex
  private left = 0

  constructor(specifications: readonly Specification[]) {
    // Newest first: where two versions have an operation, the newest says what it is.
    this.specifications = specifications.toSorted((a, b) => compareVersions(b.version, a.version))
    const bound: BoundOperation[] = []
    for (const specification of this.specifications) {
      const successor = this.successor(specification)
      for (const operation of specification.operations) {
        const templates = [
          ...new Set(operation.servers.map(({ basePath }) => join(basePath, operation.path))),
        ]
        for (const template of templates) {
          const superseded =
            successor !== undefined && !offers(successor, operation.method, template)
              ? { supersededBy: successor.version }
              : {}
          const one: BoundOperation = { operation, specification, template, ...superseded }
          if (template === templates[0]) bound.push(one)
          if (operation.protocol !== undefined) continue
          insert(this.all, one)
          for (const { host, basePath } of operation.servers) {
            if (join(basePath, operation.path) !== template) continue
            insert(host === undefined ? this.relative : this.rootOf(host), one)
          }
        }
      }
    }
    // Behind a gateway that strips the base path, or at the document's own for all: only where nothing else answers to it.
    for (const one of bound) {
      const { operation, specification, template } = one
      if (operation.protocol !== undefined) continue
      for (const { basePath } of [...specification.servers, { basePath: '' }]) {
        const other = join(basePath, operation.path)
        if (other !== template) insert(this.all, { ...one, template: other })
      }
    }
    this.bound = bound
    this.protocols = new OperationIndex(bound)
  }

  /** Each operation once, at its first server's base path. */
  operations(): readonly BoundOperation[] {
    return this.bound
  }

  match(host: string, method: string, segments: readonly string[]): BoundOperation | undefined {
    const own = this.hosts.get(host) ?? this.wildcards.find(({ labels }) => fits(labels, host))?.root
    for (const root of own === undefined ? [this.all] : [own, this.relative]) {
      this.left = maxSteps
      const found = this.descend(root, segments, 0, method)
      if (found !== undefined) return found
    }
    return undefined
  }

  private rootOf(host: string): Node {
    if (host.includes('*')) {
      const labels = host.split('.')
      const known = this.wildcards.find(one => one.labels.join('.') === host)
      if (known !== undefined) return known.root
      const root = blank()
      this.wildcards.push({ labels, root })
      return root
    }
    let root = this.hosts.get(host)
    if (root === undefined) {
      root = blank()
      this.hosts.set(host, root)
    }
    return root
  }

  private descend(
    node: Node,
    segments: readonly string[],
    index: number,
    method: string,
  ): BoundOperation | undefined {
    if (index === segments.length) return node.operations?.get(method)
    this.left -= 1
    if (this.left < 0) return undefined
    const segment = segments[index] ?? ''
    const literal = node.literals?.get(segment)
    if (literal !== undefined) {
      const found = this.descend(literal, segments, index + 1, method)
      if (found !== undefined) return found
    }
    for (const { parts, node: child } of node.mixed ?? []) {
      if (!fitsBetween(segment, parts)) continue
      const found = this.descend(child, segments, index + 1, method)
      if (found !== undefined) return found
    }
    return node.param === undefined || segment === ''
      ? undefined
      : this.descend(node.param, segments, index + 1, method)
  }

  /** The newest given version of the same API, where it is newer: same title, no different host, an operation in common. */
  private successor(older: Specification): Specification | undefined {
    const title = older.title.trim().toLowerCase()
    return this.specifications.find(
      newer =>
        newer !== older &&
        newer.title.trim().toLowerCase() === title &&
        compareVersions(newer.version, older.version) > 0 &&
        sharesHost(newer, older) &&
        sharesOperation(newer, older),
    )
  }

  static {
    keptWhole(SpecIndex, 'catalog/spec-index', 1)
  }
}

const join = (basePath: string, path: string): string => `${basePath}${path}`

/** `{name}` and `{other}` are one: templates are compared up to the names. */
export const shapeOf = (template: string): string => template.replace(/\{[^{}]*\}/g, '{}')

/** Without segments that are versions: `/v1/users` and `/v2/users` are one operation of two versions. */
const unversioned = (template: string): string =>
  shapeOf(template)
    .split('/')
    .filter(segment => !/^v\d{1,4}(?:\.\d{1,4})?$/i.test(segment))
    .join('/')

function offers(specification: Specification, method: string, template: string): boolean {
  const shape = shapeOf(template)
  return specification.operations.some(
    operation =>
      operation.method === method &&
      operation.servers.some(({ basePath }) => shapeOf(join(basePath, operation.path)) === shape),
  )
}

function sharesHost(a: Specification, b: Specification): boolean {
  const hosts = new Set(a.servers.flatMap(({ host }) => host ?? []))
  if (hosts.size === 0 || b.servers.every(({ host }) => host === undefined)) return true
  return b.servers.some(({ host }) => host !== undefined && hosts.has(host))
}

function sharesOperation(a: Specification, b: Specification): boolean {
  const known = new Set(a.operations.map(({ method, path }) => `${method} ${unversioned(path)}`))
  return b.operations.some(({ method, path }) => known.has(`${method} ${unversioned(path)}`))
}

function fits(labels: readonly string[], host: string): boolean {
  const parts = host.split('.')
  if (parts.length < labels.length) return false
  // A leading `*` stands for one or more labels, any other for exactly one.
  const extra = labels[0] === '*' ? parts.length - labels.length : 0
  if (extra === 0 && parts.length !== labels.length) return false
  return labels.every((label, index) => {
    if (index === 0 && extra > 0) return true
    const part = parts[index + extra] ?? ''
    if (!label.includes('*')) return label === part
    const star = label.indexOf('*')
    return valueIn(part, label.slice(0, star), label.slice(label.lastIndexOf('*') + 1)) !== undefined
  })
}

/** The first operation at a place stays. */
function insert(root: Node, bound: BoundOperation): void {
  let node = root
  for (const segment of bound.template.slice(1).split('/')) node = grow(node, segment)
  node.operations ??= new Map()
  const { method } = bound.operation
  if (!node.operations.has(method)) node.operations.set(method, bound)
}

function grow(node: Node, segment: string): Node {
  if (!segment.includes('{') || !segment.includes('}')) {
    node.literals ??= new Map()
    const text = decoded(segment)
    let next = node.literals.get(text)
    if (next === undefined) {
      next = blank()
      node.literals.set(text, next)
    }
    return next
  }
  const parts = fixedTexts(segment)
  if (parts.every(part => part === '')) {
    node.param ??= blank()
    return node.param
  }
  node.mixed ??= []
  const key = parts.join('{}')
  const known = node.mixed.find(mixed => mixed.parts.join('{}') === key)
  if (known !== undefined) return known.node
  const next = blank()
  node.mixed.push({ parts, node: next })
  node.mixed.sort((a, b) => fixedLength(b.parts) - fixedLength(a.parts))
  return next
}

const fixedLength = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + part.length, 0)

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
