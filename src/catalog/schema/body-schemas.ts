import type { Content } from '../../call/content.ts'
import type { LearnedBody } from '../messages.ts'
import { FieldNode } from './field-node.ts'
import { bodySchema } from './node-schema.ts'
import type { SchemaScope } from './schema-limits.ts'

/** Media types of a side that are told apart; further ones are not learned. */
const maxBodies = 16

interface Body {
  readonly group: string
  readonly mediaType: string
  seen: number
  /** Undefined for text and bytes. */
  node: FieldNode | undefined
  textual: boolean
  binary: boolean
  readonly statuses: Set<number>
}

/** The bodies of one side of an operation, apart by group (status class) and media type. */
export class BodySchemas {
  readonly #bodies = new Map<string, Body>()

  /** @param status Remembered with the body; 0 for a request. */
  learn(
    content: Content,
    contentType: string | undefined,
    group: string,
    status: number,
    scope: SchemaScope,
  ): void {
    const { kind } = content
    if (kind === 'empty' || kind === 'malformed') return
    const mediaType = mediaTypeOf(contentType, kind)
    const key = `${group} ${mediaType}`
    let body = this.#bodies.get(key)
    if (body === undefined) {
      if (this.#bodies.size >= maxBodies) {
        scope.skippedFields += 1
        return
      }
      body = {
        group,
        mediaType,
        seen: 0,
        node: undefined,
        textual: false,
        binary: false,
        statuses: new Set(),
      }
      this.#bodies.set(key, body)
    }
    body.seen += 1
    body.statuses.add(status)
    if (kind === 'binary') body.binary = true
    if (kind !== 'json' && kind !== 'form' && kind !== 'multipart') return
    if (body.node === undefined) {
      if (!scope.reserve()) return
      body.node = new FieldNode()
    }
    if (kind === 'json') {
      body.node.learn(content.value, '', 0, scope)
      return
    }
    body.textual = true
    body.node.learnForm(content.value, scope)
  }

  absorb(other: BodySchemas, scope: SchemaScope): void {
    for (const [key, theirs] of other.#bodies) {
      const mine = this.#bodies.get(key)
      if (mine === undefined) {
        const size = theirs.node?.size() ?? 0
        if (this.#bodies.size >= maxBodies || scope.fields + size > scope.limits.fields) {
          scope.skippedFields += 1
          continue
        }
        scope.fields += size
        this.#bodies.set(key, theirs)
        continue
      }
      mine.seen += theirs.seen
      mine.textual ||= theirs.textual
      mine.binary ||= theirs.binary
      for (const status of theirs.statuses) mine.statuses.add(status)
      if (theirs.node === undefined) continue
      if (mine.node !== undefined) mine.node.absorb(theirs.node, scope)
      else if (scope.fields + theirs.node.size() <= scope.limits.fields) {
        mine.node = theirs.node
        scope.fields += theirs.node.size()
      }
    }
  }

  get seen(): number {
    let seen = 0
    for (const body of this.#bodies.values()) seen += body.seen
    return seen
  }

  nodes(): readonly FieldNode[] {
    return [...this.#bodies.values()].flatMap(({ node }) => (node === undefined ? [] : [node]))
  }

  /** By group, then the most seen first. */
  build(
    scope: SchemaScope,
    closable: boolean,
  ): readonly (LearnedBody & { readonly group: string; readonly statuses: readonly number[] })[] {
    return [...this.#bodies.values()]
      .sort((a, b) => compare(a.group, b.group) || b.seen - a.seen || compare(a.mediaType, b.mediaType))
      .map(({ group, mediaType, seen, node, textual, binary, statuses }) => ({
        group,
        mediaType,
        seen,
        statuses: [...statuses].sort((a, b) => a - b),
        ...(node === undefined
          ? {}
          : { schema: bodySchema(node, scope, { limits: scope.limits, textual, closable }) }),
        ...(binary ? { binary } : {}),
      }))
  }
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const token = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}$/

const fallback: Readonly<Record<string, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  text: 'text/plain',
}
/** Types that say how the bytes are written, not that they are JSON: a body that is JSON all the same is JSON. */
const untold = new Set(['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded'])

function mediaTypeOf(contentType: string | undefined, kind: Content['kind']): string {
  if (contentType !== undefined) {
    const end = contentType.indexOf(';')
    const essence = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
    if (token.test(essence) && !(kind === 'json' && untold.has(essence))) return essence
  }
  return fallback[kind] ?? 'application/octet-stream'
}
