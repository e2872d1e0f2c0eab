import type { Endpoint } from '../catalog/endpoint.ts'
import type { SchemaNode } from '../catalog/schema-node.ts'
import type { SpecBody, Specification, SpecOperation } from '../catalog/spec/specification.ts'
import type { BodySchema } from './body-schema.ts'
import { learnedSchema, specifiedSchema } from './schema-of.ts'

/** What an endpoint takes and gives, for checking the names that policies use. What is absent is not known. */
export interface EndpointShape {
  readonly method: string
  readonly template: string
  readonly params: readonly string[]
  readonly query?: readonly string[]
  /** Of each kind of body it takes, or gives, whose fields can be read; undefined of one that may hold anything. */
  readonly requests: readonly (BodySchema | undefined)[]
  readonly responses: readonly (BodySchema | undefined)[]
}

const paramsIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]{1,100})\}/g)].map(([, name = '']) => name)

const isJson = (mediaType: string): boolean => /(?:[/+]json|\*\/\*)$/.test(mediaType)
const isForm = (mediaType: string): boolean =>
  mediaType === 'application/x-www-form-urlencoded' || mediaType.startsWith('multipart/')

/** Of a form, whose values all arrive as text: its names, not their types. */
function namesOf({ properties, additional, closed }: BodySchema): BodySchema {
  return {
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.keys(properties).map(name => [name, {}])) }),
    ...(additional === undefined ? {} : { additional: {} }),
    ...(closed === undefined ? {} : { closed }),
  }
}

/** Bodies whose fields expressions can read. @param bodies media type and schema */
const fieldsOf = (
  bodies: Iterable<readonly [mediaType: string, schema: BodySchema | undefined]>,
): (BodySchema | undefined)[] =>
  [...bodies].flatMap(([mediaType, schema]) =>
    isJson(mediaType) ? [schema] : isForm(mediaType) ? [schema && namesOf(schema)] : [],
  )

const specifiedBodies = (bodies: Iterable<SpecBody>): (BodySchema | undefined)[] =>
  [...bodies].flatMap(({ media }) =>
    fieldsOf([...media].map(([type, schema]) => [type, schema && specifiedSchema(schema)])),
  )

function specifiedShapes({
  method,
  path,
  servers,
  parameters,
  body,
  responses,
}: SpecOperation): EndpointShape[] {
  const bases = new Set(servers.length === 0 ? [''] : servers.map(({ basePath }) => basePath))
  const taken = specifiedBodies(body === undefined ? [] : [body])
  const given = specifiedBodies(responses.values())
  return [...bases].map(base => ({
    method,
    template: `${base}${path}`,
    params: paramsIn(path),
    query: parameters.flatMap(({ in: at, name }) => (at === 'query' ? [name] : [])),
    requests: taken,
    responses: given,
  }))
}

/** The plain HTTP endpoints of specifications. */
export const shapesOf = (specifications: readonly Specification[]): readonly EndpointShape[] =>
  specifications.flatMap(({ operations }) =>
    operations.flatMap(operation => (operation.protocol === undefined ? specifiedShapes(operation) : [])),
  )

/** The endpoints of a catalog, as traffic taught it. */
export const learnedShapes = (endpoints: readonly Endpoint[]): readonly EndpointShape[] =>
  endpoints.map(({ method, template, messages, requestSchema, responseSchemas }) => {
    const learned = (node: SchemaNode | undefined) => node && learnedSchema(node)
    return {
      method,
      template,
      params: paramsIn(template),
      requests:
        messages === undefined
          ? [requestSchema].flatMap(node => learned(node) ?? [])
          : fieldsOf(messages.requests.map(({ mediaType, schema }) => [mediaType, learned(schema)])),
      responses:
        messages === undefined
          ? Object.values(responseSchemas).map(learned)
          : fieldsOf(messages.responses.map(({ mediaType, schema }) => [mediaType, learned(schema)])),
    }
  })
