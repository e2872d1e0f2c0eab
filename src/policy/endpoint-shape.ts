import type { Endpoint } from '../catalog/endpoint.ts'
import type { SpecBody, Specification, SpecOperation } from '../catalog/spec/specification.ts'
import type { BodySchema } from './body-schema.ts'
import { learnedSchema, specifiedSchema } from './schema-of.ts'

/** What an endpoint takes and gives, for checking the names that policies use. What is absent is not known. */
export interface EndpointShape {
  readonly method: string
  readonly template: string
  readonly params: readonly string[]
  readonly query?: readonly string[]
  readonly request?: BodySchema
  readonly response?: BodySchema
}

const paramsIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]{1,100})\}/g)].map(([, name = '']) => name)

function jsonOf(body: SpecBody | undefined): BodySchema | undefined {
  for (const [type, schema] of body?.media ?? [])
    if (schema !== undefined && /(?:[/+]json|\*\/\*)$/.test(type)) return specifiedSchema(schema)
  return undefined
}

function specifiedShapes({
  method,
  path,
  servers,
  parameters,
  body,
  responses,
}: SpecOperation): EndpointShape[] {
  const bases = new Set(servers.length === 0 ? [''] : servers.map(({ basePath }) => basePath))
  const [success] = [...responses].filter(([status]) => status.startsWith('2')).map(([, one]) => one)
  const [request, response] = [jsonOf(body), jsonOf(success)]
  return [...bases].map(base => ({
    method,
    template: `${base}${path}`,
    params: paramsIn(path),
    query: parameters.flatMap(({ in: at, name }) => (at === 'query' ? [name] : [])),
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
  }))
}

/** The plain HTTP endpoints of specifications. */
export const shapesOf = (specifications: readonly Specification[]): readonly EndpointShape[] =>
  specifications.flatMap(({ operations }) =>
    operations.flatMap(operation => (operation.protocol === undefined ? specifiedShapes(operation) : [])),
  )

/** The endpoints of a catalog, as traffic taught it. */
export const learnedShapes = (endpoints: readonly Endpoint[]): readonly EndpointShape[] =>
  endpoints.map(({ method, template, requestSchema, responseSchemas }) => {
    const status = Object.keys(responseSchemas).find(one => one.startsWith('2'))
    const response = status === undefined ? undefined : responseSchemas[status]
    return {
      method,
      template,
      params: paramsIn(template),
      ...(requestSchema === undefined ? {} : { request: learnedSchema(requestSchema) }),
      ...(response === undefined ? {} : { response: learnedSchema(response) }),
    }
  })
