import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import { listed } from './number.ts'
import type { SchemaNode } from './schema-notes.ts'

/** One body, or the parameters, as a tab of its own. */
export interface Shape {
  readonly key: string
  readonly label: string
  readonly schema?: SchemaNode
  readonly parameters?: Parameters
  /** What is said in place of a tree: the body is binary, or text without a structure. */
  readonly instead?: string
}

type Parameters = NonNullable<EndpointDetailView['messages']>['parameters']

const bodyText = (body: {
  readonly mediaType: string
  readonly seen: number
  readonly binary?: boolean
}): string =>
  `${body.seen} ${body.binary === true ? 'binary bodies' : 'bodies without a structure that is read'} of ${body.mediaType}.`

const json = /^application\/(?:[\w.+-]*\+)?json$/

/** `Request`, `Response 200`; another media type than JSON is named. */
const named = (what: string, mediaType: string): string =>
  json.test(mediaType) ? what : `${what}, ${mediaType}`

/** What goes in and comes out, in the order of a call: parameters, requests, answers. */
export function shapesOf(endpoint: EndpointDetailView): readonly Shape[] {
  const { messages } = endpoint
  if (messages === undefined) return shortShapes(endpoint)
  const shapes: Shape[] = []
  if (messages.parameters.length > 0)
    shapes.push({ key: 'parameters', label: 'Parameters', parameters: messages.parameters })
  for (const body of messages.requests)
    shapes.push({ key: `request ${body.mediaType}`, label: named('Request', body.mediaType), ...shown(body) })
  for (const body of messages.responses) {
    const statuses = body.statuses.length === 0 ? body.group : listed(body.statuses.map(String), 4)
    shapes.push({
      key: `response ${body.group} ${body.mediaType}`,
      label: named(`Response ${statuses}`, body.mediaType),
      ...shown(body),
    })
  }
  return shapes
}

const shown = (body: {
  readonly mediaType: string
  readonly seen: number
  readonly schema?: SchemaNode
  readonly binary?: boolean
}): Pick<Shape, 'schema' | 'instead'> =>
  body.schema === undefined ? { instead: bodyText(body) } : { schema: body.schema }

function shortShapes(endpoint: EndpointDetailView): readonly Shape[] {
  const request = endpoint.requestSchema
  return [
    ...(request === undefined ? [] : [{ key: 'request', label: 'Request', schema: request }]),
    ...Object.entries(endpoint.responseSchemas).map(([status, schema]) => ({
      key: `response ${status}`,
      label: `Response ${status}`,
      schema,
    })),
  ]
}
