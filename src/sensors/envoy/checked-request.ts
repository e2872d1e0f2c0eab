import type { CallVerdict } from '../../call/api-call.ts'
import type { RawBody } from '../../call/raw-exchange.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { recordedRequest, refuses, settled, type Verdict } from '../guard.ts'
import {
  type Connection,
  guardedRequest,
  impersonating,
  lengthOf,
  type RefusalAnswer,
  refusalAnswer,
  sayBodyFollows,
} from './asked-request.ts'
import { type FilterContext, told } from './filter-context.ts'
import type { EnvoyHead } from './header-map.ts'

/** What ext_authz answers: the request passes, changed or not, or the caller is told why it does not. */
export type CheckAnswer =
  | { readonly set: readonly HeaderPair[]; readonly remove: readonly string[] }
  | RefusalAnswer

const isOfEnvoy = ([name]: HeaderPair): boolean => name.startsWith('x-envoy-auth-')

/**
 * Decides on a request of which nothing more will be heard, and answers: at once, or as soon as budgets shared with others have. Policies
 * that read the answer are not asked, bodies cannot be changed: both is counted. The call is handed on with its request alone.
 */
export function check(
  context: FilterContext,
  way: 'ext_authz' | 'http',
  head: EnvoyHead,
  connection: Connection,
  body: RawBody,
  answer: (answer: CheckAnswer) => void,
): void {
  const { guard, clock, ids, counters, options } = context
  if (head.leftOut > 0) counters.add('sallyport_envoy_headers_left_out_total', head.leftOut)
  const time = clock.now()
  const asked = guardedRequest(ids.next(time), time, head, connection)
  // Envoy's own word to us is none of the client's.
  const request = asked.headers.some(isOfEnvoy)
    ? { ...asked, headers: asked.headers.filter(header => !isOfEnvoy(header)) }
    : asked
  const admission = guard.admit(body.size > 0 ? sayBodyFollows(request) : request)
  const { needs } = admission
  const set: HeaderPair[] = []
  let recorded: CallVerdict | undefined
  let refused: RefusalAnswer | undefined
  const take = (verdict: Verdict): void => {
    if (verdict.action === 'pass') return
    recorded = told(verdict)
    if (refuses(verdict)) {
      refused = refusalAnswer(verdict)
      counters.add(`sallyport_envoy_withheld_total{action="${verdict.action}"}`)
      return
    }
    counters.add('sallyport_envoy_amended_total{phase="request"}')
    if (verdict.body !== undefined) counters.add('sallyport_envoy_bodies_unamended_total')
    set.push(...(verdict.headers ?? []))
  }
  const conclude = (): CheckAnswer => {
    if (refused === undefined && needs.response) counters.add('sallyport_envoy_answers_unseen_total')
    if (options.observeChecks) {
      const hasBody = body.size > 0 || (lengthOf(request.headers) ?? 0) > 0
      context.onOver(way, {
        id: request.id,
        time,
        source: request.source,
        destination: request.destination,
        request: recordedRequest(request, hasBody ? body : undefined),
        ...(refused === undefined
          ? {}
          : {
              response: {
                status: refused.status,
                headers: refused.headers,
                body: { bytes: refused.body, size: refused.body.length, truncated: false },
              },
            }),
        ...(recorded === undefined ? {} : { verdict: recorded }),
        extra: { envoy: { filter: way, ...(refused === undefined ? {} : { outcome: 'request-withheld' }) } },
      })
    }
    return refused ?? { set, remove: impersonating(head.headers, set) }
  }
  let verdict = admission.verdict
  if (needs.requestBody && !refuses(verdict)) {
    take(verdict)
    if (body.bytes.length === 0 && body.size > 0)
      counters.add('sallyport_envoy_bodies_missing_total{side="request"}')
    verdict = admission.decideBody(body)
  }
  settled(admission, verdict, final => {
    take(final)
    answer(conclude())
  })
}
