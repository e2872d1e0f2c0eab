import type { Json } from '../../call/content.ts'
import { parseXml, type XmlElement } from '../../call/protocols/xml.ts'
import { put } from '../../call/redact-tree.ts'

/** A document of XML as a tree of JSON, and the name of its outermost element. */
export interface XmlBody {
  readonly root: string
  readonly value: Json
}

/** Types of XML that are messages; pages and pictures are none. */
export const isXmlType = (mediaType: string): boolean =>
  mediaType.endsWith('/xml') ||
  (mediaType.endsWith('+xml') && !mediaType.endsWith('xhtml+xml') && !mediaType.startsWith('image/'))

/**
 * Reads XML for its fields: elements by their name without prefix, attributes as `@name`, text beside either as `#text`, an element that
 * comes again as a list. What `parseXml` leaves out is left out. Undefined where there is no element.
 */
export function xmlBody(source: string): XmlBody | undefined {
  const element = parseXml(source)
  return element === undefined ? undefined : { root: element.name, value: treeOf(element) }
}

function treeOf({ attributes, children, text }: XmlElement): Json {
  const names = Object.keys(attributes)
  if (children.length === 0 && names.length === 0) return text
  const object: { [key: string]: Json } = {}
  for (const name of names) put(object, `@${name}`, attributes[name]!)
  for (const child of children) {
    const value = treeOf(child)
    const before = Object.hasOwn(object, child.name) ? object[child.name] : undefined
    if (before === undefined) put(object, child.name, value)
    else if (Array.isArray(before)) (before as Json[]).push(value)
    else put(object, child.name, [before, value])
  }
  if (text !== '') put(object, '#text', text)
  return object
}
