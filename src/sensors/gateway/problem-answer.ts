import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../../kit/error.ts'
import { type Problem, problemContentType } from '../../kit/problem.ts'
import type { RefusalVerdict } from '../guard.ts'
import type { Refusal } from './refusal.ts'
import type { UpstreamFailure } from './upstream-events.ts'

/** An answer the gateway gives itself: problem details (RFC 9457), never stored by anyone. */
export interface ProblemAnswer {
  readonly status: number
  readonly reason: string
  /** name, value … */
  readonly headers: readonly string[]
  readonly body: Buffer
}

const urn = (code: ErrorCode): string => `urn:sallyport:error:${code.replace('/', ':')}`

function answer(problem: Problem, more: readonly string[] = []): ProblemAnswer {
  const body = Buffer.from(JSON.stringify(problem))
  return {
    status: problem.status,
    reason: STATUS_CODES[problem.status] ?? '',
    headers: [
      'Content-Type',
      problemContentType,
      'Cache-Control',
      'no-store',
      'Content-Length',
      String(body.length),
      ...more,
    ],
    body,
  }
}

export function verdictAnswer(verdict: RefusalVerdict): ProblemAnswer {
  if (verdict.cloaked === true)
    return answer({ type: 'about:blank', title: verdict.reason, status: verdict.status })
  const throttled = verdict.action === 'throttle'
  const status = throttled ? 429 : verdict.status
  const type = urn(throttled ? 'limit/exceeded' : 'request/blocked')
  const retry = verdict.retryAfterSeconds ?? (throttled ? 1 : undefined)
  return answer({ type, title: verdict.reason, status, decisionId: verdict.decisionId }, [
    ...(retry === undefined ? [] : ['Retry-After', String(Math.max(0, Math.ceil(retry)))]),
    ...(verdict.headers ?? []).flat(),
  ])
}

export function refusalAnswer(refusal: Refusal): ProblemAnswer {
  const more = refusal.status === 405 ? ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] : []
  return answer({ type: urn('request/malformed'), title: refusal.title, status: refusal.status }, more)
}

const failureTitles = {
  'upstream/unreachable': 'The service behind the gateway cannot be reached.',
  'upstream/reset': 'The service behind the gateway gave no complete answer.',
  'upstream/timeout': 'The service behind the gateway took too long.',
} as const

export function failureAnswer(failure: UpstreamFailure): ProblemAnswer {
  const status = failure.code === 'upstream/timeout' ? 504 : 502
  return answer({ type: urn(failure.code), title: failureTitles[failure.code], status })
}
