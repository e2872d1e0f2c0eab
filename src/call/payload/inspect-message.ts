import type { Content } from '../content.ts'
import type { DecodeLimits } from '../content-limits.ts'
import { forEachLeaf } from '../leaves.ts'
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

/** A payload and where it stood: `path`, `query:q`, `header:user-agent`, or the path of the body field. */
export interface PlacedHit extends PayloadHit {
  readonly at: string
}

/** Headers that applications and their loggers read values from; the rest is transport. */
const readHeaders = new Set(['user-agent', 'referer', 'origin', 'x-forwarded-for', 'x-forwarded-host', 'x-api-version'])

const isRead = (name: string): boolean => readHeaders.has(name) || (name.startsWith('x-') && !name.startsWith('x-sallyport-'))

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
    for (const plain of unwrap(value, limits)) keep(inspectText(plain), at)
  }

  if (!plainPath.test(message.path)) {
    look(message.path, 'path')
    for (const segment of message.path.split('/')) if (segment.length > 0 && !plainPath.test(segment)) look(segment, 'path')
  }
  for (const [name, value] of message.query) {
    keep(inspectKey(name), `query:${name}`)
    look(value, `query:${name}`)
  }
  for (const [name, value] of message.headers) if (isRead(name.toLowerCase())) look(value, `header:${name.toLowerCase()}`)
  if (message.content.kind === 'text' || message.content.kind === 'malformed') look(message.content.text, 'body')
  else inspectTree(message.content, keep, look)
  return best
}

/** Nothing of these can be a payload by itself, and most paths are made of nothing else. */
const plainPath = /^[\w/-]*$/

function inspectTree(
  content: Content,
  keep: (hit: PayloadHit | undefined, at: string) => void,
  look: (value: string, at: string) => void,
): void {
  const known = new Set<string>()
  forEachLeaf(content, (path, value) => {
    for (const key of path.split('.')) {
      if (known.has(key)) continue
      known.add(key)
      keep(inspectKey(key), path)
    }
    if (typeof value === 'string') look(value, path)
  })
}
