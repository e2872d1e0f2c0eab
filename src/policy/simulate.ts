import { BoundedMap } from '../kit/bounded-map.ts'
import { SallyportError } from '../kit/error.ts'
import { compilePolicies } from './compile.ts'
import type { OperationFacts, PolicyFacts } from './facts.ts'
import { gcra } from './gcra.ts'

/** One recorded call as policies would have seen it. */
export interface SimulatedCall {
  readonly call: string
  readonly principal: string
  readonly endpoint: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly request: PolicyFacts
  /** With `response` and `object`; absent where no response was recorded. */
  readonly response?: PolicyFacts
  /** The operations it carried, where it did; of the response phase none where no response was recorded. */
  readonly operations?: {
    readonly request: readonly OperationFacts[]
    readonly response: readonly OperationFacts[]
  }
}

export interface Simulation {
  readonly calls: number
  readonly from?: number
  readonly to?: number
  /** Calls that at least one policy would have acted on. */
  readonly matched: number
  /** By calls, most first, at most `maxListed`. */
  readonly principals: readonly { readonly principal: string; readonly calls: number }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  /** The first call ids that matched, at most `maxExamples`. */
  readonly examples: readonly string[]
  /** Expressions that failed on a call. */
  readonly errors: number
}

export const maxListed = 1000
export const maxExamples = 20
/** Distinct principals and endpoints counted; calls of further ones count in `matched` only. */
const maxCounted = 100_000

/**
 * What the policies of `source` would have acted on, whatever their mode. A throttle counts as reached when more calls
 * of one principal matched than its bucket held at that time. Throws `policy/invalid` when the source has an error.
 */
export async function simulate(source: string, calls: AsyncIterable<SimulatedCall>): Promise<Simulation> {
  const { bundle, problems, policies } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const error = problems.find(({ severity }) => severity === 'error')
  if (error !== undefined) {
    throw new SallyportError('policy/invalid', error.message, {
      where: error.where,
      ...(error.mend === undefined ? {} : { mend: error.mend }),
    })
  }
  if (policies.length === 0)
    throw new SallyportError('policy/invalid', 'The text holds no policy.', {
      mend: 'Start with apiVersion: sallyport/v1alpha1.',
    })
  const principals = new Map<string, number>()
  const endpoints = new Map<string, number>()
  const throttles = new ThrottleEstimate()
  const examples: string[] = []
  let total = 0
  let matched = 0
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for await (const call of calls) {
    total += 1
    from = Math.min(from, call.time)
    to = Math.max(to, call.time)
    const outcomes = [
      ...bundle.evaluate('request', call.request, call.operations?.request),
      ...(call.response === undefined
        ? []
        : bundle.evaluate('response', call.response, call.operations?.response)),
    ]
    let acts = false
    for (const { action, policy, times = 1 } of outcomes) {
      if (action.type !== 'throttle') acts = true
      else
        for (let time = 0; time < times && !acts; time += 1)
          acts = throttles.exceeds(
            `${policy}\0${call.principal}`,
            call.time,
            action.requests,
            action.windowSeconds,
          )
    }
    if (!acts) continue
    matched += 1
    count(principals, call.principal)
    count(endpoints, call.endpoint)
    if (examples.length < maxExamples) examples.push(call.call)
  }
  return {
    calls: total,
    ...(total === 0 ? {} : { from, to }),
    matched,
    principals: ranked(principals).map(([principal, number]) => ({ principal, calls: number })),
    endpoints: ranked(endpoints).map(([endpoint, number]) => ({ endpoint, calls: number })),
    examples,
    errors: bundle.errors,
  }
}

function count(counts: Map<string, number>, key: string): void {
  const known = counts.get(key)
  if (known !== undefined || counts.size < maxCounted) counts.set(key, (known ?? 0) + 1)
}

function ranked(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, maxListed)
}

/** The same arithmetic as enforcement's buckets, over recorded times. */
class ThrottleEstimate {
  readonly #arrival = new BoundedMap<string, number>(maxCounted)

  exceeds(key: string, time: number, requests: number, windowSeconds: number): boolean {
    const bucket = gcra(this.#arrival.get(key), time, requests, windowSeconds)
    this.#arrival.set(key, bucket.arrival)
    return !bucket.admitted
  }
}
