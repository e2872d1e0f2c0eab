import { type ApiCall, headerOf } from '../../call/api-call.ts'
import type { Content, Json } from '../../call/content.ts'
import { type Deviation, defaultJudgeLimits, type JudgeLimits } from './deviation.ts'
import { judgeGraphql } from './graphql/judge-graphql.ts'
import { judgeParameters } from './judge-parameters.ts'
import { judgeValue } from './judge-value.ts'
import type { BoundOperation } from './match.ts'
import type { SpecBody } from './specification.ts'

/** A call beside its operation: what the rules look at. */
export interface JudgedCall {
  readonly call: ApiCall
  readonly bound: BoundOperation
  /** Answered with 2xx or 3xx. */
  readonly succeeded: boolean
  readonly deviations: readonly Deviation[]
}

/**
 * Compares a call with its operation. Parameters and bodies are judged where the call succeeded: what was refused says
 * what a client tried, and the answer to it often comes from something in front of the API.
 */
export function judgeCall(
  call: ApiCall,
  bound: BoundOperation,
  params: readonly (readonly [string, string])[],
  limits: JudgeLimits = defaultJudgeLimits,
): JudgedCall {
  const status = call.response?.status
  const succeeded = status !== undefined && status >= 200 && status < 400 && !failedInside(call, bound)
  if (!succeeded || call.response === undefined) return { call, bound, succeeded, deviations: [] }
  if (bound.graphql !== undefined)
    return { call, bound, succeeded, deviations: judgeGraphql(call, bound.graphql, limits) }
  const found: Deviation[] = []
  const { operation } = bound
  // Of gRPC, headers are metadata, which no descriptor names.
  if (operation.protocol === undefined)
    judgeParameters(call, bound, params, { side: 'request', text: true, limits, left: limits.places, found })
  if (operation.exhaustive) {
    const { content, bodyTruncated } = call.request
    if (operation.body === undefined) {
      if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart') {
        if (!isVoid(content.value))
          found.push({
            kind: 'undocumented',
            side: 'request',
            subject: '$',
            expected: 'no body',
            observed: 'a body',
          })
      }
    } else if (content.kind === 'empty') {
      if (operation.body.required && call.request.bodySize === 0)
        found.push({
          kind: 'missing',
          side: 'request',
          subject: '$',
          expected: 'a body',
          observed: 'nothing',
        })
    } else if (!bodyTruncated)
      judgeBody(
        content,
        operation.body,
        headerOf(call.request.headers, 'content-type'),
        'request',
        limits,
        found,
      )
    const promised = responseFor(operation.responses, status)
    if (promised !== undefined && !call.response.bodyTruncated)
      judgeBody(
        call.response.content,
        promised,
        headerOf(call.response.headers, 'content-type'),
        'response',
        limits,
        found,
      )
  }
  return { call, bound, succeeded, deviations: found }
}

/** gRPC says in its own status that it failed, with 200 around it. */
const failedInside = (call: ApiCall, { operation }: BoundOperation): boolean => {
  if (operation.protocol !== 'grpc') return false
  const status = headerOf(call.response?.headers ?? [], 'grpc-status')
  return status !== undefined && status !== '0'
}

/** The promise for a status: exact, by range, or the default. */
export function responseFor(responses: ReadonlyMap<string, SpecBody>, status: number): SpecBody | undefined {
  return (
    responses.get(String(status)) ??
    responses.get(`${Math.floor(status / 100)}xx`) ??
    responses.get('default')
  )
}

function judgeBody(
  content: Content,
  body: SpecBody,
  contentType: string | undefined,
  side: Deviation['side'],
  limits: JudgeLimits,
  found: Deviation[],
): void {
  if (content.kind !== 'json' && content.kind !== 'form' && content.kind !== 'multipart') return
  const schema = mediaSchema(body, (contentType?.split(';')[0] ?? '').trim().toLowerCase(), content.kind)
  if (schema === undefined) return
  const text = content.kind !== 'json'
  judgeValue(content.value, schema, '$', { side, text, limits, left: limits.places, found })
}

function mediaSchema(body: SpecBody, type: string, kind: 'json' | 'form' | 'multipart') {
  const exact = body.media.get(type)
  if (exact !== undefined || body.media.has(type)) return exact
  const [main = '', sub = ''] = type.split('/')
  for (const range of [`${main}/*`, '*/*', '*']) if (body.media.has(range)) return body.media.get(range)
  // `application/vnd.api+json` where plain JSON is promised, and the other way round.
  if (kind !== 'json' || (type !== '' && !sub.includes('json'))) return undefined
  for (const [promised, schema] of body.media) if (promised.includes('json')) return schema
  return undefined
}

const isVoid = (value: Json): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0)
