import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'

export type JsonObject = { readonly [key: string]: Json }

/** What tells protocols apart, read once per call: the telling headers and the outermost form of the body. */
export interface Glance {
  /** The request's `content-type`, lower case; empty when absent. */
  readonly type: string
  readonly answerType: string
  readonly upgrade: string
  readonly soapAction: string | undefined
  readonly connect: boolean
  readonly mcp: McpHeaders | undefined
  /** The JSON body where it is an object, or the first object of a list. */
  readonly body: JsonObject | undefined
  /** The JSON body where it is a list. */
  readonly batch: readonly Json[] | undefined
}

export interface McpHeaders {
  readonly method?: string
  readonly name?: string
  readonly session?: string
  readonly version?: string
}

/** One pass over the headers. Lengths first: few names have one of these. */
export function glanceAt(call: ApiCall): Glance {
  const { request, response } = call
  let type = ''
  let upgrade = ''
  let soapAction: string | undefined
  let connect = false
  let mcp: { method?: string; name?: string; session?: string; version?: string } | undefined
  for (const [name, value] of request.headers) {
    switch (name.length) {
      case 7:
        if (name === 'upgrade') upgrade = value.toLowerCase()
        break
      case 8:
        if (name === 'mcp-name') mcp = { ...mcp, name: value }
        break
      case 10:
        if (name === 'mcp-method') mcp = { ...mcp, method: value }
        else if (name === 'soapaction') soapAction = value
        break
      case 12:
        if (name === 'content-type') type = value.toLowerCase()
        break
      case 14:
        if (name === 'mcp-session-id') mcp = { ...mcp, session: value }
        break
      case 20:
        if (name === 'mcp-protocol-version') mcp = { ...mcp, version: value }
        break
      case 24:
        if (name === 'connect-protocol-version') connect = true
        break
    }
  }
  let answerType = ''
  if (response !== undefined)
    for (const [name, value] of response.headers)
      if (name.length === 12 && name === 'content-type') {
        answerType = value
        break
      }
  const { content } = request
  let body: JsonObject | undefined
  let batch: readonly Json[] | undefined
  if (content.kind === 'json' && typeof content.value === 'object' && content.value !== null) {
    if (Array.isArray(content.value)) {
      batch = content.value as readonly Json[]
      body = asObject(batch[0])
    } else body = content.value as JsonObject
  }
  return { type, answerType, upgrade, soapAction, connect, mcp, body, batch }
}

/** The value as an object, or undefined. */
export const asObject = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

/** The value as a list; empty when it is none. */
export const asList = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : none

export const asText = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

const none: readonly Json[] = Object.freeze([])
