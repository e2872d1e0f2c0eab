import type { Endpoint } from '../endpoint.ts'
import type { SchemaNode } from '../schema-node.ts'

/** Fields of one endpoint that are compared; the others of a larger one are not. */
const mostFields = 5_000
const deepest = 32

export interface FieldType {
  readonly side: 'request' | 'response'
  /** The message it stands in: fields of a message that was not there before are part of that message's own news. */
  readonly message: string
  readonly field: string
  /** Type names in order, joined by ` or `; empty where no value was looked into. */
  readonly type: string
}

/** What an endpoint's messages hold, taken apart. */
export interface FieldTypes {
  /** By message and field. */
  readonly fields: ReadonlyMap<string, FieldType>
  /** Bodies there are: `request application/json`, `response 2xx application/json`. */
  readonly messages: ReadonlySet<string>
}

/** Every field of an endpoint's parameters and bodies, by place; at most 5,000. Placeholders of the path are left out: they are the template's. */
export function fieldTypesOf({ messages, requestSchema, responseSchemas }: Endpoint): FieldTypes {
  const into = new Map<string, FieldType>()
  const bodies = new Set<string>()
  const body = (side: FieldType['side'], message: string, schema: SchemaNode | undefined): void => {
    bodies.add(message)
    if (schema !== undefined) collect({ side, message }, '', schema, into, 0)
  }
  if (messages === undefined) {
    if (requestSchema !== undefined) body('request', 'request application/json', requestSchema)
    for (const [group, schema] of Object.entries(responseSchemas))
      body('response', `response ${group} application/json`, schema)
    return { fields: into, messages: bodies }
  }
  for (const parameter of messages.parameters)
    if (parameter.in !== 'path')
      collect(
        { side: 'request', message: '' },
        `${parameter.in}:${parameter.name}`,
        parameter.schema,
        into,
        0,
      )
  for (const { mediaType, schema } of messages.requests) body('request', `request ${mediaType}`, schema)
  for (const { group, mediaType, schema } of messages.responses)
    body('response', `response ${group} ${mediaType}`, schema)
  return { fields: into, messages: bodies }
}

function collect(
  at: Pick<FieldType, 'side' | 'message'>,
  field: string,
  node: SchemaNode,
  into: Map<string, FieldType>,
  depth: number,
): void {
  if (into.size >= mostFields || depth > deepest) return
  if (field !== '') into.set(`${at.message} ${field}`, { ...at, field, type: typeName(node) })
  for (const [name, property] of Object.entries(node.properties ?? {}))
    collect(at, field === '' ? name : `${field}.${name}`, property, into, depth + 1)
  if (node.items !== undefined) collect(at, `${field}[]`, node.items, into, depth + 1)
  if (typeof node.additionalProperties === 'object')
    collect(at, field === '' ? '*' : `${field}.*`, node.additionalProperties, into, depth + 1)
}

const typeName = ({ type }: SchemaNode): string =>
  typeof type === 'string' ? type : [...type].sort().join(' or ')
