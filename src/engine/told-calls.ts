import type { ApiCall } from '../call/api-call.ts'
import { headerOf } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId } from '../kit/id.ts'

/** Sensors that see a call from beside it, without its body and its credentials: what one of the others told already is no further call. */
const beside = new Set(['otlp', 'envoy'])

interface Told {
  readonly time: number
  readonly until: number
  readonly endpoint: EndpointId
  again: boolean
}

/** What clocks of two machines may differ by, ms. */
const slackMs = 100
const perTarget = 64

/**
 * Knows a call again that another sensor tells later: the gateway saw it pass, and the service behind it sends a span. By the trace
 * context that the request carried (W3C `traceparent`); without one by host, method, target and status within the call's own time.
 * Bounded; the longest unused go first.
 */
export class ToldCalls {
  readonly #byParent: BoundedMap<string, Told>
  readonly #byTarget: BoundedMap<string, Told[]>
  /** Calls that were told again. */
  repeated = 0

  constructor(capacity = 20_000) {
    this.#byParent = new BoundedMap(capacity)
    this.#byTarget = new BoundedMap(capacity)
  }

  /** The endpoint of the same call as it was told before; undefined where it was not. */
  again(call: ApiCall): EndpointId | undefined {
    if (call.sensor === undefined || !beside.has(call.sensor)) return undefined
    const { traceId, parentSpanId } = call.trace ?? {}
    const told =
      (traceId === undefined || parentSpanId === undefined
        ? undefined
        : this.#byParent.get(`${traceId}-${parentSpanId}`)) ??
      this.#byTarget
        .get(targetOf(call))
        ?.find(one => !one.again && call.time >= one.time - slackMs && call.time <= one.until + slackMs)
    if (told === undefined || told.again) return undefined
    told.again = true
    this.repeated += 1
    return told.endpoint
  }

  /** Remembers a call that was seen in full. */
  note(call: ApiCall, endpoint: EndpointId): void {
    if (call.sensor === undefined || beside.has(call.sensor)) return
    const told: Told = { time: call.time, until: call.time + (call.durationMs ?? 0), endpoint, again: false }
    const parent = parentOf(headerOf(call.request.headers, 'traceparent'))
    if (parent !== undefined) this.#byParent.set(parent, told)
    const same = this.#byTarget.ensure(targetOf(call), () => [])
    if (same.length === perTarget) same.shift()
    same.push(told)
  }
}

const targetOf = ({ destination, request, response }: ApiCall): string =>
  `${destination.host} ${request.method} ${request.target} ${response?.status ?? ''}`

/** Trace id and parent id of a `traceparent` (W3C Trace Context §3.2). */
function parentOf(header: string | undefined): string | undefined {
  const parts = header === undefined ? null : /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(header)
  return parts === null ? undefined : `${parts[1]}-${parts[2]}`
}
