import type { Content, Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { LearnedBody } from '../messages.ts'
import { FieldNode } from './field-node.ts'
import { bodySchema } from './node-schema.ts'
import type { SchemaScope, Wire } from './schema-limits.ts'
import { isXmlType, xmlBody } from './xml-body.ts'

/** Media types of a side that are told apart; further ones are not learned. */
const maxBodies = 16

interface Body {
  readonly group: string
  readonly mediaType: string
  seen: number
  /** Undefined for text and bytes. */
  node: FieldNode | undefined
  wire: Wire
  binary: boolean
  /** Of XML the name of the document's element; empty where bodies differ. */
  root: string | undefined
  statuses: readonly number[]
}

/** The bodies of one side of an operation, apart by group (status class) and media type. */
export class BodySchemas {
  private bodies: readonly Body[] = none

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
    const body = this.find(group, mediaType) ?? this.add(group, mediaType, scope)
    if (body === undefined) return
    body.seen += 1
    body.statuses = withStatus(body.statuses, status)
    if (kind === 'binary') body.binary = true
    else if (kind === 'json') learnTree(body, content.value, isXmlType(mediaType) ? 'xml' : 'json', scope)
    else if (kind === 'form' || kind === 'multipart') {
      if (!hasNode(body, scope)) return
      body.wire = 'text'
      body.node.learnForm(content.value, scope)
    } else if (kind === 'text' && isXmlType(mediaType)) {
      const document = xmlBody(content.text)
      if (document === undefined) return
      body.root = body.root === undefined || body.root === document.root ? document.root : ''
      learnTree(body, document.value, 'xml', scope)
    }
  }

  private find(group: string, mediaType: string): Body | undefined {
    for (const body of this.bodies) if (body.mediaType === mediaType && body.group === group) return body
    return undefined
  }

  private add(group: string, mediaType: string, scope: SchemaScope): Body | undefined {
    if (this.bodies.length >= maxBodies) {
      scope.skippedFields += 1
      return undefined
    }
    const body: Body = {
      group,
      mediaType,
      seen: 0,
      node: undefined,
      wire: 'json',
      binary: false,
      root: undefined,
      statuses: none,
    }
    this.bodies = this.bodies.concat([body])
    return body
  }

  absorb(other: BodySchemas, scope: SchemaScope): void {
    for (const theirs of other.bodies) {
      const mine = this.find(theirs.group, theirs.mediaType)
      if (mine === undefined) {
        if (this.bodies.length >= maxBodies) scope.skippedFields += 1
        else if (scope.reserve(theirs.node?.size() ?? 0)) this.bodies = this.bodies.concat([theirs])
        continue
      }
      mine.seen += theirs.seen
      if (mine.node === undefined || theirs.wire !== 'json') mine.wire = theirs.wire
      mine.binary ||= theirs.binary
      if (mine.root === undefined) mine.root = theirs.root
      else if (theirs.root !== undefined && theirs.root !== mine.root) mine.root = ''
      for (const status of theirs.statuses) mine.statuses = withStatus(mine.statuses, status)
      if (theirs.node === undefined) continue
      scope.wire = mine.wire
      if (mine.node !== undefined) mine.node.absorb(theirs.node, scope)
      else if (scope.reserve(theirs.node.size())) mine.node = theirs.node
      scope.wire = 'json'
    }
  }

  get seen(): number {
    let seen = 0
    for (const body of this.bodies) seen += body.seen
    return seen
  }

  nodes(): readonly FieldNode[] {
    return this.bodies.flatMap(({ node }) => (node === undefined ? [] : [node]))
  }

  /** By group, then the most seen first. */
  build(
    scope: SchemaScope,
    closable: boolean,
  ): readonly (LearnedBody & { readonly group: string; readonly statuses: readonly number[] })[] {
    return [...this.bodies]
      .sort((a, b) => compare(a.group, b.group) || b.seen - a.seen || compare(a.mediaType, b.mediaType))
      .map(({ group, mediaType, seen, node, wire, binary, root, statuses }) => ({
        group,
        mediaType,
        seen,
        statuses: [...statuses].sort((a, b) => a - b),
        ...(node === undefined
          ? {}
          : {
              schema: bodySchema(node, scope, { limits: scope.limits, textual: wire !== 'json', closable }),
            }),
        ...(binary ? { binary } : {}),
        ...(root === undefined || root === '' ? {} : { root }),
      }))
  }

  static {
    keptWhole(BodySchemas, 'catalog/body-schemas', 1)
  }
}

// One for all that have nothing: most sides of most operations have one body, or none.
const none: readonly never[] = []

const withStatus = (statuses: readonly number[], status: number): readonly number[] =>
  statuses.includes(status) ? statuses : statuses.concat([status])

function hasNode(body: Body, scope: SchemaScope): body is Body & { node: FieldNode } {
  if (body.node === undefined && scope.reserve()) body.node = new FieldNode()
  return body.node !== undefined
}

function learnTree(body: Body, value: Json, wire: Wire, scope: SchemaScope): void {
  if (!hasNode(body, scope)) return
  body.wire = wire
  scope.wire = wire
  body.node.learn(value, '', 0, scope)
  scope.wire = 'json'
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

/** Headers as they come, and their media types: there are few, and every body names one. Not kept beyond the bound. */
const essences = new Map<string, string>()
const maxEssences = 1_024

function essenceOf(contentType: string): string {
  const known = essences.get(contentType)
  if (known !== undefined) return known
  const end = contentType.indexOf(';')
  const essence = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  const valid = token.test(essence) ? essence : ''
  if (essences.size < maxEssences) essences.set(contentType, valid)
  return valid
}

function mediaTypeOf(contentType: string | undefined, kind: Content['kind']): string {
  if (contentType !== undefined) {
    const essence = essenceOf(contentType)
    if (essence !== '' && !(kind === 'json' && untold.has(essence))) return essence
  }
  return fallback[kind] ?? 'application/octet-stream'
}
