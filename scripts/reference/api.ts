import { z } from 'zod'
import { changes, fullPath, type Route } from '../../src/server/route.ts'
import { routes } from '../../src/server/routes/index.ts'
import { answers } from '../../src/server/schemas/registry.ts'
import { code, page, prose, table } from './markdown.ts'

/** The part of JSON Schema that parameters and bodies use. */
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly ObjectSchema[]
}

/** Names of an object's fields, the optional ones with a question mark; alternatives one after the other. */
function fields(schema: z.ZodType | undefined): string {
  if (schema === undefined) return ''
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as ObjectSchema
  return (shape.anyOf ?? [shape]).map(namesOf).join(' or ')
}

const namesOf = ({ properties = {}, required = [] }: ObjectSchema): string =>
  Object.keys(properties)
    .map(name => code(required.includes(name) ? name : `${name}?`))
    .join(' ')

function answer(route: Route): string {
  if (route.status === 204) return '204, nothing'
  const status = route.status === undefined ? '' : `${route.status} `
  if ('mediaType' in route.response) return `${status}${code(route.response.mediaType)}`
  return `${status}${code(answers.get(route.response)?.id ?? '')}`
}

/** `/api/v1/incidents/{id}/close` belongs to `incidents`; what stands outside `/api/v1` to its own name. */
const areaOf = (route: Route): string => route.path.split('/').find(part => part !== '') ?? ''

const section = (area: string): string =>
  [
    `## ${code(area)}`,
    table(
      ['route', 'role', 'does', 'query', 'headers', 'body', 'answers with', 'audit action'],
      routes
        .filter(route => areaOf(route) === area)
        .map(route => [
          code(`${route.method} ${fullPath(route)}`),
          route.role,
          prose(route.summary),
          fields(route.query),
          (route.headers ?? []).map(code).join(' '),
          fields(route.body),
          answer(route),
          route.audit === undefined ? '' : code(route.audit),
        ]),
    ),
  ].join('\n\n')

/** `api.md`: every route of the REST API. */
export const apiPage = (): string =>
  page(
    'REST API',
    '`src/server/routes`',
    `The console speaks nothing else. ${code('GET /api/v1/openapi.json')} is the same as OpenAPI 3.1, with every shape by the name used here. A
request carries ${code('Authorization: Bearer <token>')} or the session cookie of a browser; *role* is the least role that may call a route:
viewer, analyst or admin, each including the ones before; public routes need none. Errors are problem documents ([codes](errors.md)).`,
    `Lists come in pages: ${code('limit')} items (1 to 1000, 100 when absent) and, while there are more, a ${code('cursor')} for the next. Times are RFC 3339 or
milliseconds since the epoch. Of the ${routes.length} routes ${routes.filter(changes).length} change something; each of them leaves a record with
its *audit action*.`,
    ...[...new Set(routes.map(areaOf))].map(section),
  )
