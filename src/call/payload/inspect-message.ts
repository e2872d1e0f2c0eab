import type { Content, Json } from '../content.ts'
import type { DecodeLimits } from '../content-limits.ts'
import type { PlacedHit } from '../inspection.ts'
import { type Mask, maskEnd, readMask } from '../mask.ts'
import { parseXml, type XmlElement } from '../protocols/xml.ts'
import { mayHoldMore, unwrap } from '../unwrap.ts'
import {
  codedBit,
  inspectKey,
  inspectScanned,
  inspectText,
  maskBit,
  type PayloadHit,
  pieceLength,
  scan,
} from './index.ts'
import { quotedTexts } from './malformed-json.ts'
import { inspectAgent } from './placed/agent.ts'
import { inspectFileName } from './placed/file-name.ts'
import { inspectFileParameter } from './placed/file-parameter.ts'
import { inspectPath } from './placed/sensitive-file.ts'
import { inspectSession, isSession } from './placed/session.ts'

/** The parts of a request that applications read values from. */
export interface InspectedMessage {
  /** Not decoded. */
  readonly path: string
  /** Decoded pairs. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly content: Content
}

/** Headers of the transport and of negotiation, which no application reads as text; every other one is looked at. */
const transportHeaders = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'date',
  'te',
  'transfer-encoding',
  'upgrade',
  'dnt',
  'priority',
  'upgrade-insecure-requests',
  'traceparent',
  'x-request-id',
])

/** Whether a header of that lower-case name is looked at. */
export const isRead = (name: string): boolean =>
  !transportHeaders.has(name) && !name.startsWith('x-sallyport-') && !name.startsWith('sec-')

/** Headers in which clients announce the name of a file: `x-filename`, `x_file-name`, `x.filename`. */
export const isFileNameHeader = (name: string): boolean =>
  name.length >= 10 && name.length <= 11 && /^x[._-]file[._-]?name$/i.test(name)

const addressHeaders = new Set(['referer', 'origin'])
const addressKinds: ReadonlySet<string> = new Set(['file-inclusion', 'ssrf'])

/** Pairs read of a cookie or of a URL in a header. */
const mostPairs = 64

/**
 * Looks for attack payloads in every value an application would read, nested encodings undone.
 * @param seen what was looked at before and held nothing
 * @returns The hit with the highest confidence, the first of equals; undefined when there is none. Below one half it is no more than a
 * sign that something else must confirm.
 */
export function inspectMessage(
  message: InspectedMessage,
  limits: DecodeLimits,
  seen: SeenClean = nothingSeen,
): PlacedHit | undefined {
  let best: PlacedHit | undefined
  walkMessage(message, limits, seen, (hit, at) => {
    if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = { ...hit, at }
  })
  return best
}

/** The surest hit at each place, the surest first; at most 32. */
export function inspectHits(message: InspectedMessage, limits: DecodeLimits): readonly PlacedHit[] {
  const places = new Map<string, PlacedHit>()
  walkMessage(message, limits, nothingSeen, (hit, at) => {
    if (hit === undefined) return
    const before = places.get(at)
    if (before === undefined ? places.size < 32 : hit.confidence > before.confidence)
      places.set(at, { ...hit, at })
  })
  return [...places.values()].sort((a, b) => b.confidence - a.confidence)
}

type Keep = (hit: PayloadHit | undefined, at: string) => void

/** What was looked at before and held nothing. */
export interface SeenClean {
  /** Header by its lower-case name. */
  header(name: string, value: string): boolean
  /** Name of a field or a parameter that holds nothing and is none of a session. */
  readonly key: (key: string) => boolean
  /** This name is such a one. */
  cleanKey(key: string): void
}

const nothingSeen: SeenClean = Object.freeze({
  header: () => false,
  key: () => false,
  cleanKey: () => undefined,
})

function walkMessage(message: InspectedMessage, limits: DecodeLimits, seen: SeenClean, keep: Keep): void {
  const budget: Budget = { left: limits.bodyBytes * versionsShare }
  const look = (value: string, at: string): void => keep(inspectValue(value, limits, budget), at)
  const lookKey = (key: string, at: string): void => {
    keep(inspectKey(key), at)
    if (!plainPath.test(key)) look(key, at)
  }

  lookPath(message.path, look, keep)
  for (const [name, value] of message.query) {
    const at = `query:${name}`
    if (!seen.key(name)) {
      if (!isCleanKey(name, limits, { left: budget.left })) lookKey(name, at)
      else if (!isSession(name)) seen.cleanKey(name)
    }
    look(value, at)
    if (value.length > 7) keep(inspectFileParameter(name, value), at)
  }
  for (const [given, value] of message.headers) {
    const name = given.toLowerCase()
    if (!isRead(name) || seen.header(name, value)) continue
    const at = `header:${name}`
    if (name === 'cookie') for (const pair of value.split(';', mostPairs)) lookPair(pair, at, look)
    else {
      const hit = inspectValue(value, limits, budget)
      // These hold addresses by their nature.
      if (!(addressHeaders.has(name) && addressKinds.has(hit?.kind ?? ''))) keep(hit, at)
      if (name === 'referer') lookQuery(value, at, look)
      else if (name === 'user-agent') keep(inspectAgent(value), at)
      else if (isFileNameHeader(name)) keep(inspectFileName(value), at)
    }
  }
  const { content } = message
  const fields =
    content.kind === 'form' || (content.kind === 'json' && isObject(content.value))
      ? (content.value as object)
      : undefined
  if (message.query.length > 0 || fields !== undefined)
    keep(inspectSession(message, fields, seen.key), 'query')
  if (content.kind === 'text' || content.kind === 'malformed')
    lookText(content.text, isXml(message.headers), look, (hit, at) => keep(hit, at))
  else if (content.kind !== 'empty' && content.kind !== 'binary') {
    const files = content.kind === 'multipart'
    // Where nothing is found there is no need to know where one is.
    if (!files && new CleanWalk(limits, seen, { left: budget.left }).isClean(content.value, limits.depth))
      return
    new TreeWalk(limits, keep, look, files).walk(content.value, '', limits.depth)
  }
}

const ofMask = ({ payload }: Mask): PayloadHit | undefined =>
  payload === undefined ? undefined : { kind: payload, rule: 'in-secret', confidence: 0.9 }

/** Characters that encodings hide, of all values of a message, in bodies of the greatest size: beyond, values are read as they stand. */
const versionsShare = 4
/** Once a value is that surely an attack, what else it hides makes no difference. */
const certain = 0.95

interface Budget {
  left: number
}

/** Of one value with its encodings undone: the surest hit. A secret's mask says what stood behind it. */
export function inspectValue(
  value: string,
  limits: DecodeLimits,
  budget: Budget = { left: limits.bodyBytes * versionsShare },
): PayloadHit | undefined {
  // One pass says of most values that they are what they look like.
  if (value.length <= pieceLength) {
    const scanned = scan(value)
    if ((scanned & (codedBit | maskBit)) === 0 && !mayHoldMore(value)) {
      budget.left -= value.length
      return inspectScanned(value, scanned)
    }
  }
  const mask = readMask(value)
  if (mask !== undefined) return ofMask(mask)
  let best: PayloadHit | undefined
  for (let at = value.indexOf('[redacted:'); at >= 0; at = value.indexOf('[redacted:', at + 1)) {
    const end = maskEnd(value, at)
    const inner = end < 0 ? undefined : readMask(value.slice(at, end))
    if (inner?.payload !== undefined) best = ofMask(inner)
  }
  for (const plain of budget.left > 0 ? unwrap(value, limits) : [value]) {
    budget.left -= plain.length
    const hit = inspectText(plain)
    if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = hit
    if (best !== undefined && best.confidence >= certain) break
  }
  return best
}

/** Nothing of these can be a payload by itself, and most paths are made of nothing else. */
const plainPath = /^[\w/-]*$/
/** The shortest name that may be base64 of something. */
const shortestCoded = 12

const isObject = (value: Json): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a name holds nothing, taken as a name and as a value. */
const isCleanKey = (key: string, limits: DecodeLimits, budget: Budget): boolean =>
  inspectKey(key) === undefined && (plainPath.test(key) || inspectValue(key, limits, budget) === undefined)

const isXml = (headers: InspectedMessage['headers']): boolean =>
  headers.some(
    ([name, value]) =>
      name.length === 12 && name.toLowerCase() === 'content-type' && /[/+]xml\b/i.test(value),
  )

type Look = (value: string, at: string) => void

function lookPath(path: string, look: Look, keep: Keep): void {
  const plain = plainPath.test(path)
  if (!plain) look(path, 'path')
  if (!plain || path.length > shortestCoded) {
    for (let start = 1; start < path.length; ) {
      const slash = path.indexOf('/', start)
      const end = slash < 0 ? path.length : slash
      // Of plain segments only one that may be base64 can hold anything.
      if (end - start >= shortestCoded || (!plain && end > start && !plainPath.test(path.slice(start, end))))
        look(path.slice(start, end), 'path')
      start = end + 1
    }
  }
  keep(inspectPath(path), 'path')
}

/** `name=value` of a cookie or a query: each half is a value. */
function lookPair(pair: string, at: string, look: Look): void {
  const equals = pair.indexOf('=')
  const name = (equals < 0 ? pair : pair.slice(0, equals)).trim()
  if (!plainPath.test(name)) look(name, at)
  if (equals >= 0) look(pair.slice(equals + 1).trim(), at)
}

/** The pairs in the query of a URL that is itself a value. */
function lookQuery(url: string, at: string, look: Look): void {
  const start = url.indexOf('?')
  if (start < 0) return
  for (const pair of url.slice(start + 1).split(/[&#]/, mostPairs)) {
    if (!plainPath.test(pair)) lookPair(pair, at, look)
  }
}

/** A body that is one text: XML by its texts and attributes, what was meant as JSON by its strings, and always the whole of it. */
function lookText(text: string, xml: boolean, look: Look, keep: (hit: PayloadHit, at: string) => void): void {
  const first = text.trimStart().charCodeAt(0)
  const document = first === 60 && (xml || /^\s*<(?:\?xml|[\w-]{1,32}:envelope)\b/i.test(text))
  if (document) {
    const root = parseXml(text)
    if (root !== undefined) lookElement(root, root.name, look)
    // Elements of a message are no page's: only what is hostile in XML itself counts of the whole.
    const hit = inspectText(text)
    if (hit !== undefined && hit.kind !== 'xss') keep(hit, 'body')
    else look(entityText(text), 'body')
    return
  }
  if (/^[\w.[\]-]{1,64}=/.test(text))
    for (const pair of text.split('&', mostPairs)) lookPair(pair, 'body', look)
  if (first === 123 || first === 91) for (const piece of quotedTexts(text)) look(piece, 'body')
  look(text, 'body')
}

/** The head of a document up to its root, where its type is declared. */
const entityText = (text: string): string => text.slice(0, Math.max(0, text.search(/<[a-z]/i)))

function lookElement(root: XmlElement, name: string, look: Look): void {
  const left: (readonly [XmlElement, string])[] = [[root, name]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [element, at] = next
    if (element.text !== '') look(element.text, at)
    for (const [attribute, value] of Object.entries(element.attributes)) look(value, `${at}.@${attribute}`)
    for (const child of element.children) left.push([child, `${at}.${child.name}`])
  }
}

/** Reads what `TreeWalk` reads, and only says whether there is nothing; false also where the walk ends at its bound. */
class CleanWalk {
  readonly #limits: DecodeLimits
  readonly #seen: SeenClean
  readonly #budget: Budget
  #left: number

  constructor(limits: DecodeLimits, seen: SeenClean, budget: Budget) {
    this.#limits = limits
    this.#seen = seen
    this.#budget = budget
    this.#left = limits.leaves
  }

  isClean(value: Json, depth: number): boolean {
    if (this.#left <= 0 || depth === 0) return false
    if (typeof value !== 'object' || value === null) {
      this.#left -= 1
      return typeof value !== 'string' || inspectValue(value, this.#limits, this.#budget) === undefined
    }
    if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) if (!this.isClean(item, depth - 1)) return false
      return true
    }
    const fields = value as { readonly [key: string]: Json }
    for (const key in fields) {
      if (!this.#seen.key(key)) {
        if (!isCleanKey(key, this.#limits, this.#budget)) return false
        if (!isSession(key)) this.#seen.cleanKey(key)
      }
      if (!this.isClean(fields[key] ?? null, depth - 1)) return false
    }
    return true
  }
}

/**
 * Walks a body's tree: every key, every text. Keys are looked at once each. Bounded like every walk of a body.
 */
class TreeWalk {
  readonly #keys = new Set<string>()
  readonly #keep: (hit: PayloadHit | undefined, at: string) => void
  readonly #look: Look
  readonly #files: boolean
  #left: number

  /** @param files whether objects with a `filename` are uploaded files */
  constructor(
    limits: DecodeLimits,
    keep: (hit: PayloadHit | undefined, at: string) => void,
    look: Look,
    files: boolean,
  ) {
    this.#left = limits.leaves
    this.#keep = keep
    this.#look = look
    this.#files = files
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
        if (!plainPath.test(key)) this.#look(key, here)
      }
      if (this.#files && key === 'filename' && typeof child === 'string')
        this.#keep(inspectFileName(child), here)
      this.walk(child, here, depth - 1)
    }
  }
}
