/** @import { HeaderPair, Refusal, Verdict } from './types.d.ts' */

/**
 * @param {Verdict} verdict
 * @returns {verdict is Refusal}
 */
export const refuses = verdict => verdict.action !== 'pass' && verdict.action !== 'amend'

/** @type {Refusal} */
export const unavailable = {
  action: 'block',
  decisionId: '',
  policy: '',
  status: 503,
  reason: 'It could not be decided whether this request may pass.',
}

/**
 * The answer to a caller whose request does not pass: problem details (RFC 9457), never stored by anyone.
 * @param {Refusal} refusal
 * @returns {{ status: number, headers: HeaderPair[], body: Buffer }}
 */
export function problemOf(refusal) {
  const throttled = refusal.action === 'throttle'
  const status = throttled ? 429 : refusal.status
  const code = refusal === unavailable ? 'server:busy' : throttled ? 'limit:exceeded' : 'request:blocked'
  const retry = refusal.retryAfterSeconds ?? (throttled ? 1 : undefined)
  const body = Buffer.from(
    JSON.stringify({
      type: `urn:sallyport:error:${code}`,
      title: refusal.reason,
      status,
      ...(refusal.decisionId === '' ? {} : { decisionId: refusal.decisionId }),
    }),
  )
  return {
    status,
    headers: [
      ['content-type', 'application/problem+json'],
      ['cache-control', 'no-store'],
      ['content-length', String(body.length)],
      ...(retry === undefined
        ? []
        : [/** @type {HeaderPair} */ (['retry-after', String(Math.max(0, Math.ceil(retry)))])]),
      ...(refusal.headers ?? []),
    ],
    body,
  }
}
