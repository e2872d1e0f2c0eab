import type { Endpoint } from '../endpoint.ts'
import type { LearnedBody } from '../messages.ts'
import type { SchemaNode } from '../schema-node.ts'

/**
 * True where two tellings have the same fields of the same types with the same classes of data: the common case, told in a
 * fraction of the time that naming every field takes. False may also mean that something only stands in another order.
 */
export function sameShape(a: Endpoint, b: Endpoint): boolean {
  const left = a.messages
  const right = b.messages
  if (left === undefined || right === undefined) return false
  return (
    alike(
      a.fields,
      b.fields,
      (x, y) => x.field === y.field && x.dataClass === y.dataClass && x.side === y.side,
    ) &&
    alike(
      left.parameters,
      right.parameters,
      (x, y) => x.name === y.name && x.in === y.in && sameNode(x.schema, y.schema),
    ) &&
    alike(left.requests, right.requests, sameBody) &&
    alike(left.responses, right.responses, (x, y) => x.group === y.group && sameBody(x, y))
  )
}

const sameBody = (a: LearnedBody, b: LearnedBody): boolean =>
  a.mediaType === b.mediaType && sameNode(a.schema, b.schema)

function sameNode(a: SchemaNode | false | undefined, b: SchemaNode | false | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a === false || b === false) return false
  if (!sameType(a.type, b.type)) return false
  return (
    sameNode(a.items, b.items) &&
    sameNode(a.additionalProperties || undefined, b.additionalProperties || undefined) &&
    sameProperties(a.properties, b.properties)
  )
}

function sameType(a: SchemaNode['type'], b: SchemaNode['type']): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  return alike(a, b, (x, y) => x === y)
}

function sameProperties(a: SchemaNode['properties'] = {}, b: SchemaNode['properties'] = {}): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every(name => Object.hasOwn(b, name) && sameNode(a[name], b[name]))
}

const alike = <Item>(a: readonly Item[], b: readonly Item[], same: (x: Item, y: Item) => boolean): boolean =>
  a.length === b.length && a.every((item, index) => same(item, b[index] as Item))
