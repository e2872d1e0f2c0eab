import type { ApiCall, CallResponse } from '../call/api-call.ts'
import { headerOf } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { memo } from '../kit/memo.ts'
import type { Outcome } from './observation.ts'

const refusedStatuses = new Set([401, 402, 403, 404, 405, 407, 410, 422, 423, 429, 451])
const failureWords = new Set([
  'fail',
  'failed',
  'failure',
  'error',
  'err',
  'denied',
  'unauthorized',
  'unauthorised',
  'forbidden',
  'rejected',
  'nok',
  'ko',
])
/** Keys of an envelope: an answer made of nothing else is about the call, not about a thing. */
const envelopeKeys = new Set([
  'status',
  'statuscode',
  'status_code',
  'message',
  'msg',
  'error',
  'errors',
  'error_description',
  'error_uri',
  'code',
  'detail',
  'details',
  'reason',
  'success',
  'ok',
  'succeeded',
  'title',
  'type',
  'instance',
  'path',
  'timestamp',
  'time',
  'requestid',
  'request_id',
  'traceid',
  'trace_id',
  'data',
  'result',
  'results',
  'meta',
  'jsonrpc',
  'hint',
  'description',
  'info',
])
const tokenKey = /^(?:access_?|auth_?|id_?|refresh_?|session_?|bearer_?)?(?:token|jwt|session)$/i
const loginWord = /(?:^|[/_-])(?:log-?in|sign-?in|authenticate|auth|token|sessions?|oauth2?)(?:$|[/_.?-])/i

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** What a field of an answer may say of how the call went, by its name. */
const saidByKey = memo(name => {
  const key = name.toLowerCase()
  const flag = key === 'success' || key === 'ok' || key === 'succeeded'
  const status = key === 'status' || key === 'result' || key === 'outcome'
  const code = key === 'status' || key === 'statuscode' || key === 'status_code' || key === 'code'
  const error = key === 'error' || key === 'errors' || key === 'err'
  const payload = key === 'data' || key === 'result' || key === 'results'
  const token = tokenKey.test(key)
  const nothing = !(flag || status || code || error || payload || token)
  return {
    ...{ envelope: envelopeKeys.has(key), id: key === 'id', nothing },
    flag,
    status,
    code,
    error,
    payload,
    token,
  }
})

/** Whether an answer body says the call failed, although its status does not. */
function bodySaysFailed(value: Json, path: string): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const fields = value as { readonly [key: string]: Json }
  const keys = Object.keys(fields)
  if (keys.length === 0 || keys.length > 24) return false
  let flagged = false
  let word = false
  let error = false
  let payload = false
  let token = false
  let envelope = true
  for (const name of keys) {
    const says = saidByKey(name)
    if (!says.envelope && !(says.id && 'jsonrpc' in value)) envelope = false
    if (says.nothing) continue
    const field = fields[name]
    if (says.flag && field === false) flagged = true
    else if (says.status && typeof field === 'string' && failureWords.has(field.toLowerCase())) word = true
    else if (says.code && typeof field === 'number' && field >= 400 && field < 600) word = true
    else if (says.error && !isEmpty(field)) error = true
    else if (says.payload && !isEmpty(field)) payload = true
    else if (says.token && !isEmpty(field)) token = true
  }
  if (token) return false
  if (flagged) return true
  // GraphQL answers partial data beside `errors`: data that came back is a success.
  if (payload) return false
  if (word || error) return envelope || (error && loginWord.test(path))
  return false
}

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC") by what they mean for us. */
function grpcOutcome(code: number): Outcome {
  if (code === 0) return 'success'
  if (code === 5 || code === 7 || code === 8 || code === 12 || code === 16) return 'refused'
  if (code === 3 || code === 6 || code === 9 || code === 10 || code === 11) return 'invalid'
  return 'failed'
}

function redirectRefuses(path: string, response: CallResponse): boolean {
  const location = headerOf(response.headers, 'location')
  if (location === undefined) return false
  const [target = ''] = location.split('?')
  // Sent to the login page: from elsewhere it is a refusal, from the login itself a failed one.
  if (/(?:^|[/_-])(?:log-?in|sign-?in)\/?$/i.test(target)) return true
  return loginWord.test(path) && /[?&](?:error|failed|failure)(?:=|&|$)/i.test(location)
}

/**
 * How a call ended, by status and by what the body says about itself.
 *
 * @returns see `Outcome`; `unknown` where no response was seen
 */
export function outcomeOf(call: ApiCall): Outcome {
  const response = call.response
  if (response === undefined) return 'unknown'
  const { status } = response
  if (status >= 500) return 'failed'
  if (refusedStatuses.has(status)) return 'refused'
  if (status >= 400) return 'invalid'
  if (status < 200) return status === 101 ? 'success' : 'unknown'
  const grpc = headerOf(response.headers, 'grpc-status')
  if (grpc !== undefined && /^\d{1,3}$/.test(grpc)) return grpcOutcome(Number(grpc))
  if (status >= 300) return redirectRefuses(call.request.path, response) ? 'refused' : 'success'
  if (response.content.kind === 'json' && bodySaysFailed(response.content.value, call.request.path))
    return 'refused'
  return 'success'
}
