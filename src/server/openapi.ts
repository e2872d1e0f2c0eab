import { z } from 'zod'
import { problemContentType } from '../kit/problem.ts'
import { fullPath, type Route } from './route.ts'
import { answers } from './schemas/registry.ts'

type JsonObject = { [key: string]: unknown }

/** OpenAPI 3.1 of these routes: one operation each, answers by reference to the named shapes. */
export function openapiOf(routes: readonly Route[], version: string): JsonObject {
  const paths: { [path: string]: JsonObject } = {}
  for (const route of routes) {
    const path = fullPath(route)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport',
      version,
      description: 'Runtime API security. Errors are problem details (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'sallyport_session' },
      },
      schemas: { ...componentSchemas(), Problem: problemSchema },
    },
  }
}

const problemSchema: JsonObject = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', description: '`urn:sallyport:error:<area>:<what>`' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    where: { type: 'string', description: 'The field, file or address this is about' },
    mend: { type: 'string', description: 'What to do about it' },
  },
}

const reference = (id: string): string => `#/components/schemas/${id}`

function componentSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(answers, { uri: reference, io: 'output', unrepresentable: 'any' })
  const named = Object.entries(schemas).map(
    ([id, { $id: _id, $schema: _schema, ...schema }]) => [id, schema] as const,
  )
  // By name: the order in which files are loaded says nothing to a reader.
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function operation(route: Route): JsonObject {
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...(route.headers ?? []).map(name => ({ name, in: 'header', schema: { type: 'string' } })),
  ]
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.role === 'public'
      ? { security: [] }
      : { description: `Needs the role ${route.role}.`, 'x-role': route.role }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: inputSchema(route.body) } },
          },
        }),
    responses: {
      [String(route.status ?? 200)]: success(route),
      default: {
        description: 'What went wrong, and the mend',
        content: { [problemContentType]: { schema: { $ref: reference('Problem') } } },
      },
    },
  }
}

function success(route: Route): JsonObject {
  if (route.status === 204) return { description: 'Done' }
  if ('mediaType' in route.response) {
    return { description: route.summary, content: { [route.response.mediaType]: {} } }
  }
  const id = answers.get(route.response)?.id
  if (id === undefined) throw new TypeError(`the answer of ${route.method} ${route.path} is not registered`)
  return { description: route.summary, content: { 'application/json': { schema: { $ref: reference(id) } } } }
}

function inputSchema(schema: z.ZodType): JsonObject {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): readonly JsonObject[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = inputSchema(schema) as {
    properties?: { [name: string]: JsonObject }
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    ...(description === undefined ? {} : { description }),
    ...(where === 'path' || required.includes(name) ? { required: true } : {}),
    schema: property,
  }))
}

/** `GET /incidents/{id}/actions` → `getIncidentsIdActions`. */
function operationId(route: Route): string {
  const words = route.path.split(/[^a-zA-Z0-9]+/).filter(word => word !== '')
  return route.method.toLowerCase() + words.map(word => word[0]?.toUpperCase() + word.slice(1)).join('')
}
