import type { Content, Json } from '../content.ts'
import type { DecodeLimits } from '../content-limits.ts'
import type { PlacedHit } from '../inspection.ts'
import { readMask } from '../mask.ts'
import { unwrap } from '../unwrap.ts'
import { inspectKey, inspectText, type PayloadHit } from './index.ts'

/** The parts of a request that applications read values from. */
export interface InspectedMessage {
  /** Not decoded. */
  readonly path: string
  /** Decoded pairs. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly content: Content
}

/** Headers that applications and their loggers read values from; the rest is transport. */
const readHeaders = new Set([
  'user-agent',
  'referer',
  'origin',
  'cookie',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-api-version',
])

const isRead = (name: string): boolean =>
  readHeaders.has(name) || (name.startsWith('x-') && !name.startsWith('x-sallyport-'))

/**
 * Looks for attack payloads in every value an application would read, nested encodings undone.
 * @returns The hit with the highest confidence, the first of equals; undefined when there is none.
 */
export function inspectMessage(message: InspectedMessage, limits: DecodeLimits): PlacedHit | undefined {
  let best: PlacedHit | undefined
  const keep = (hit: PayloadHit | undefined, at: string): void => {
    if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = { ...hit, at }
  }
  const look = (value: string, at: string): void => {
    const mask = readMask(value)
    if (mask !== undefined) {
      if (mask.payload !== undefined) keep({ kind: mask.payload, rule: 'in-secret', confidence: 0.9 }, at)
      return
    }
    for (const plain of unwrap(value, limits)) keep(inspectText(plain), at)
  }

  if (!plainPath.test(message.path)) {
    look(message.path, 'path')
    for (const segment of message.path.split('/'))
      if (segment.length > 0 && !plainPath.test(segment)) look(segment, 'path')
  }
  for (const [name, value] of message.query) {
    keep(inspectKey(name), `query:${name}`)
    look(value, `query:${name}`)
  }
  for (const [name, value] of message.headers)
    if (isRead(name.toLowerCase())) look(value, `header:${name.toLowerCase()}`)
  const { content } = message
  if (content.kind === 'text' || content.kind === 'malformed') look(content.text, 'body')
  else if (content.kind !== 'empty' && content.kind !== 'binary')
    new TreeWalk(limits, keep, look).walk(content.value, '', limits.depth)
  return best
}

/** Nothing of these can be a payload by itself, and most paths are made of nothing else. */
const plainPath = /^[\w/-]*$/

/**
 * Walks a body's tree: every key, every text. Keys are looked at once each. Bounded like every walk of a body.
 */
class TreeWalk {
  readonly #keys = new Set<string>()
  readonly #keep: (hit: PayloadHit | undefined, at: string) => void
  readonly #look: (value: string, at: string) => void
  #left: number

  constructor(
    limits: DecodeLimits,
    keep: (hit: PayloadHit | undefined, at: string) => void,
    look: (value: string, at: string) => void,
  ) {
    this.#left = limits.leaves
    this.#keep = keep
    this.#look = look
  }

  walk(value: Json, path: string, depth: number): void {
    if (this.#left <= 0 || depth === 0) return
    if (typeof value !== 'object' || value === null) {
      this.#left -= 1
      if (typeof value === 'string') this.#look(value, path === '' ? 'body' : path)
      return
    }
    if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) this.walk(item, `${path}[]`, depth - 1)
      return
    }
    for (const [key, child] of Object.entries(value)) {
      const here = path === '' ? key : `${path}.${key}`
      if (!this.#keys.has(key)) {
        this.#keys.add(key)
        this.#keep(inspectKey(key), here)
      }
      this.walk(child, here, depth - 1)
    }
  }
}
