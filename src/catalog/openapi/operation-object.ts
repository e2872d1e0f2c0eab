import { STATUS_CODES } from 'node:http'
import type { Endpoint } from '../endpoint.ts'
import type { LearnedBody, LearnedParameter } from '../messages.ts'
import type { SchemaNode } from '../schema-node.ts'
import type { SchemaComponents } from './schema-components.ts'
import {
  anyOf,
  blank,
  type DocumentObject,
  type DocumentValue,
  formObject,
  schemaObject,
} from './schema-object.ts'
import { credentialsOf, type NamedScheme, securityScheme } from './security-scheme.ts'

/**
 * The Operation Object of the endpoints that share a method and a path: one, or several where hosts or protocols do.
 * @param names What the path's parameters are called in the document, in order.
 * @param schemes Takes the security schemes that the operation names.
 * @param components Takes the schemas that hold their own kind.
 */
export function operationObject(
  endpoints: readonly Endpoint[],
  operationId: string,
  names: readonly string[],
  placeholders: (endpoint: Endpoint) => readonly string[],
  schemes: Map<string, NamedScheme>,
  components: SchemaComponents,
): DocumentObject {
  const parameters = parameterObjects(endpoints, names, placeholders)
  const body = requestBody(endpoints, components)
  const security = securityOf(endpoints, schemes)
  const protocols = [...new Set(endpoints.map(({ protocol }) => protocol))]
    .filter(name => name !== 'rest')
    .sort()
  return {
    operationId,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responseObjects(endpoints, components),
    ...(security === undefined ? {} : { security }),
    'x-sallyport-endpoints': endpoints.map(({ id }) => id),
    ...(protocols.length === 0 ? {} : { 'x-sallyport-protocols': protocols }),
    'x-sallyport-data-classes': {
      request: union(endpoints.map(({ dataClasses }) => dataClasses.request)),
      response: union(endpoints.map(({ dataClasses }) => dataClasses.response)),
    },
    ...labelExtensions(endpoints),
  }
}

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].sort()

/** Who answers for it, where that is known: one value, or a list where the endpoints differ. */
function labelExtensions(endpoints: readonly Endpoint[]): DocumentObject {
  const labels = endpoints.flatMap(endpoint => endpoint.labels ?? [])
  const extensions: DocumentObject = {}
  for (const key of ['owner', 'environment', 'group', 'criticality'] as const) {
    const values = union([labels.flatMap(label => label[key]?.value ?? [])])
    if (values.length > 0) extensions[`x-sallyport-${key}`] = values.length === 1 ? values[0]! : values
  }
  const tags = union(labels.map(label => label.tags.map(({ value }) => value)))
  if (tags.length > 0) extensions['x-sallyport-tags'] = tags
  return extensions
}

function parameterObjects(
  endpoints: readonly Endpoint[],
  names: readonly string[],
  placeholders: (endpoint: Endpoint) => readonly string[],
): DocumentObject[] {
  const found = new Map<
    string,
    { place: string; name: string; schemas: DocumentObject[]; required: number }
  >()
  for (const name of names) found.set(`path ${name}`, { place: 'path', name, schemas: [], required: 0 })
  for (const endpoint of endpoints) {
    const own = placeholders(endpoint)
    for (const parameter of endpoint.messages?.parameters ?? []) {
      const name = parameter.in === 'path' ? names[own.indexOf(parameter.name)] : parameter.name
      if (name === undefined || name === '') continue
      const key = `${parameter.in} ${name}`
      const entry = found.get(key) ?? { place: parameter.in, name, schemas: [], required: 0 }
      entry.schemas.push(parameterSchema(parameter))
      if (parameter.required) entry.required += 1
      found.set(key, entry)
    }
  }
  return [...found.values()].map(({ place, name, schemas, required }) => ({
    name,
    in: place,
    ...(place === 'path' || required === endpoints.length ? { required: true } : {}),
    schema: schemas.length === 0 ? { type: 'string' } : anyOf(schemas),
  }))
}

/** A parameter that came more than once in some request is a list in all. */
function parameterSchema({ in: place, schema }: LearnedParameter): DocumentObject {
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  if (place === 'path' || !types.includes('array')) return schemaObject(schema)
  const { items } = schema
  const itemTypes = items === undefined ? [] : typeof items.type === 'string' ? [items.type] : items.type
  const covered = types.every(type => type === 'array' || itemTypes.includes(type))
  return { type: 'array', items: items !== undefined && covered ? schemaObject(items) : {} }
}

function requestBody(
  endpoints: readonly Endpoint[],
  components: SchemaComponents,
): DocumentObject | undefined {
  const bodies = endpoints.flatMap(endpoint => requestBodies(endpoint))
  if (bodies.length === 0) return undefined
  return {
    ...(endpoints.every(({ messages }) => messages?.requestRequired === true) ? { required: true } : {}),
    content: contentOf(bodies, components),
  }
}

function requestBodies({ messages, requestSchema }: Endpoint): readonly LearnedBody[] {
  if (messages !== undefined) return messages.requests
  return requestSchema === undefined ? [] : [jsonBody(requestSchema)]
}

const jsonBody = (schema: SchemaNode): LearnedBody => ({
  mediaType: 'application/json',
  seen: schema.seen,
  schema,
})

function contentOf(bodies: readonly LearnedBody[], components: SchemaComponents): DocumentObject {
  const schemas = new Map<string, DocumentObject[]>()
  for (const body of bodies) {
    const list = schemas.get(body.mediaType) ?? []
    list.push(bodyObject(body, components))
    schemas.set(body.mediaType, list)
  }
  const content = blank()
  for (const mediaType of [...schemas.keys()].sort())
    content[mediaType] = { schema: anyOf(schemas.get(mediaType)!) }
  return content
}

function bodyObject(
  { mediaType, schema, binary }: LearnedBody,
  components: SchemaComponents,
): DocumentObject {
  if (schema === undefined) return binary === true ? {} : { type: 'string' }
  const object =
    mediaType === 'multipart/form-data' ? formObject(schema, components) : schemaObject(schema, components)
  return schema.confidence === undefined ? object : { ...object, 'x-sallyport-confidence': schema.confidence }
}

function responseObjects(endpoints: readonly Endpoint[], components: SchemaComponents): DocumentObject {
  const statuses = union(endpoints.map(endpoint => Object.keys(endpoint.statuses))).filter(status =>
    /^[1-5]\d\d$/.test(status),
  )
  const responses: DocumentObject = {}
  for (const status of statuses) {
    const bodies = endpoints.flatMap(endpoint => responseBodies(endpoint, Number(status)))
    responses[status] = {
      description: STATUS_CODES[status] ?? `Status ${status}`,
      ...(bodies.length === 0 ? {} : { content: contentOf(bodies, components) }),
    }
  }
  return statuses.length === 0 ? { default: { description: 'No answer was seen.' } } : responses
}

function responseBodies({ messages, responseSchemas }: Endpoint, status: number): readonly LearnedBody[] {
  if (messages !== undefined) return messages.responses.filter(({ statuses }) => statuses.includes(status))
  const schema = responseSchemas[`${Math.floor(status / 100)}xx`]
  return schema === undefined ? [] : [jsonBody(schema)]
}

/** Any one of the credentials seen; none where calls without any succeeded. Undefined where nothing is known. */
function securityOf(
  endpoints: readonly Endpoint[],
  schemes: Map<string, NamedScheme>,
): DocumentValue[] | undefined {
  const names = new Set<string>()
  for (const endpoint of endpoints) {
    for (const credential of credentialsOf(endpoint)) {
      const named = securityScheme(credential)
      if (named === undefined) continue
      schemes.set(named.name, named)
      names.add(named.name)
    }
  }
  const open = endpoints.some(({ auth }) => auth.includes('none'))
  const required = [...names].sort().map(name => ({ [name]: [] }))
  if (required.length === 0) return open ? [] : undefined
  return open ? [...required, {}] : required
}
