import type { Json } from '../content.ts'
import { put } from '../redact-tree.ts'
import { operationBounds } from './operation.ts'

/** An element: its name without prefix, and what stands in it. */
export interface XmlElement {
  readonly name: string
  readonly attributes: { readonly [name: string]: string }
  readonly children: readonly XmlElement[]
  /** Text directly within, trimmed. */
  readonly text: string
}

const longestText = 8_192
const mostAttributes = 32

interface Open {
  readonly name: string
  readonly attributes: { [name: string]: string }
  readonly children: XmlElement[]
  text: string
}

/**
 * A small reader of XML 1.0 for messages: elements, attributes, text, CDATA. Prefixes are left out, comments, processing instructions and
 * the document type are skipped, and no entity is ever defined or fetched: only the five of XML itself and character numbers are
 * read. Without recursion; at most 2,000 elements and 32 levels, deeper ones are skipped. Undefined where there is no element.
 */
export function parseXml(source: string): XmlElement | undefined {
  const stack: Open[] = []
  let root: XmlElement | undefined
  let skipped = 0
  let left: number = operationBounds.nodes
  let at = 0
  const { length } = source
  while (at < length && root === undefined) {
    const open = source.indexOf('<', at)
    const top = stack.at(-1)
    if (top !== undefined && skipped === 0 && open !== at && top.text.length < longestText)
      top.text += source.slice(at, open < 0 ? length : Math.min(open, at + longestText))
    if (open < 0) break
    const code = source.charCodeAt(open + 1)
    if (code === 33 || code === 63) {
      if (top !== undefined && skipped === 0 && source.startsWith('<![CDATA[', open)) {
        const end = source.indexOf(']]>', open)
        // Escaped, so that what is read once more at the end is what it was.
        if (top.text.length < longestText)
          top.text += source
            .slice(open + 9, Math.min(end < 0 ? length : end, open + 9 + longestText))
            .replaceAll('&', '&amp;')
      }
      at = afterMarkup(source, open)
      continue
    }
    const close = tagEnd(source, open)
    if (close < 0) break
    at = close + 1
    if (code === 47) {
      if (skipped > 0) {
        skipped -= 1
        continue
      }
      const done = stack.pop()
      if (done === undefined) break
      const parent = stack.at(-1)
      const element = finish(done)
      if (parent === undefined) root = element
      else parent.children.push(element)
      continue
    }
    const empty = source.charCodeAt(close - 1) === 47
    left -= 1
    if (skipped > 0 || stack.length >= operationBounds.depth || left <= 0) {
      if (!empty) skipped += 1
      continue
    }
    const element = openTag(source.slice(open + 1, empty ? close - 1 : close))
    if (!empty) stack.push(element)
    else if (top === undefined) root = finish(element)
    else top.children.push(finish(element))
  }
  // Cut off: what is open is closed where it stands.
  while (root === undefined && stack.length > 0) {
    const element = finish(stack.pop()!)
    const parent = stack.at(-1)
    if (parent === undefined) root = element
    else parent.children.push(element)
  }
  return root
}

const finish = ({ name, attributes, children, text }: Open): XmlElement => ({
  name,
  attributes,
  children,
  text: readCharacters(text.trim()),
})

function afterMarkup(source: string, open: number): number {
  const end = (mark: string, from: number): number => {
    const found = source.indexOf(mark, from)
    return found < 0 ? source.length : found + mark.length
  }
  if (source.startsWith('<!--', open)) return end('-->', open + 4)
  if (source.startsWith('<![CDATA[', open)) return end(']]>', open)
  if (source.charCodeAt(open + 1) === 63) return end('?>', open)
  // A document type may hold declarations: to its `]>`.
  const close = source.indexOf('>', open)
  if (close < 0) return source.length
  return source.slice(open, close).includes('[') ? end(']>', open) : close + 1
}

/** The `>` that ends a tag, outside quotes; -1 without one. */
function tagEnd(source: string, open: number): number {
  let quote = 0
  for (let at = open + 1; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 34 || code === 39) quote = code
    else if (code === 62) return at
  }
  return -1
}

const attribute = /([^\s=/"'<>]{1,128})[ \t\r\n]{0,8}=[ \t\r\n]{0,8}(?:"([^"]{0,2048})"|'([^']{0,2048})')/g

function openTag(tag: string): Open {
  const blank = tag.search(/\s/)
  const name = blank < 0 ? tag : tag.slice(0, blank)
  const attributes: { [name: string]: string } = {}
  if (blank >= 0) {
    let count = 0
    for (const [, key = '', double, single] of tag.slice(blank, blank + 16_384).matchAll(attribute)) {
      if (count >= mostAttributes) break
      count += 1
      if (!key.startsWith('xmlns')) put(attributes, local(key), readCharacters(double ?? single ?? ''))
    }
  }
  return { name: local(name).slice(0, 128), attributes, children: [], text: '' }
}

const local = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function readCharacters(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return named[name as string]!
      const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : (whole as string)
    },
  )
}

/** An element as JSON: text where it holds nothing else, otherwise its attributes and children by name, lists where a name comes again. */
export function xmlToJson({ attributes, children, text }: XmlElement): Json {
  const names = Object.keys(attributes)
  if (children.length === 0 && names.length === 0) return text
  const object: { [key: string]: Json } = {}
  for (const name of names) put(object, name, attributes[name]!)
  for (const child of children) {
    const value = xmlToJson(child)
    const before = Object.hasOwn(object, child.name) ? object[child.name] : undefined
    if (before === undefined) put(object, child.name, value)
    else if (Array.isArray(before)) (before as Json[]).push(value)
    else put(object, child.name, [before, value])
  }
  if (text !== '') put(object, '$', text)
  return object
}
