import type { ApiCall } from '../call/api-call.ts'
import { headerOf } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { CallId, EndpointId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { SensorId } from '../sensors/sensor-id.ts'

/** Sensors by how much they see of a call, the most first: what one of them told is no further call when a later one tells it again. */
const sensors: readonly SensorId[] = [
  'gateway',
  'application',
  'envoy-filter',
  'pcap',
  'mirror',
  'forward-auth',
  'envoy',
  'otlp',
]

/** Which call a repeated one is, and where it was put. */
export interface ToldBefore {
  readonly call: CallId
  readonly endpoint: EndpointId
}

interface Told extends ToldBefore {
  readonly rank: number
  readonly status: number | undefined
  readonly time: number
  readonly until: number
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
  private readonly byParent: BoundedMap<string, Told>
  private readonly byTarget: BoundedMap<string, Told[]>
  /** Calls that were told again. */
  repeated = 0

  constructor(capacity = 20_000) {
    this.byParent = new BoundedMap(capacity)
    this.byTarget = new BoundedMap(capacity)
  }

  /** The same call as a sensor that sees more told it before; undefined where none did. */
  again(call: ApiCall): ToldBefore | undefined {
    const rank = rankOf(call)
    if (rank < 1) return undefined
    const { traceId, parentSpanId } = call.trace ?? {}
    const told =
      (traceId === undefined || parentSpanId === undefined
        ? undefined
        : this.byParent.get(`${traceId}-${parentSpanId}`)) ??
      this.byTarget.get(targetOf(call))?.find(one => !one.again && one.rank < rank && fits(one, call))
    if (told === undefined || told.again || told.rank >= rank) return undefined
    told.again = true
    this.repeated += 1
    return told
  }

  /** Remembers a call that was counted, and says whether it may be told again: of a file's calls and of spans nobody else tells. */
  note(call: ApiCall, endpoint: EndpointId): boolean {
    const rank = rankOf(call)
    if (rank < 0 || rank === sensors.length - 1) return false
    const { time, durationMs = 0, response } = call
    const told: Told = {
      call: call.id,
      rank,
      status: response?.status,
      time,
      until: time + durationMs,
      endpoint,
      again: false,
    }
    const parent = parentOf(headerOf(call.request.headers, 'traceparent'))
    if (parent !== undefined) this.byParent.set(parent, told)
    const same = this.byTarget.ensure(targetOf(call), () => [])
    if (same.length === perTarget) same.shift()
    same.push(told)
    return true
  }

  static {
    keptWhole(ToldCalls, 'engine/told-calls', 2)
  }
}

const rankOf = ({ sensor }: ApiCall): number =>
  sensor === undefined ? -1 : sensors.indexOf(sensor as SensorId)

/** Within the other's own time, and with its status where both saw one. */
function fits(told: Told, { time, response }: ApiCall): boolean {
  if (time < told.time - slackMs || time > told.until + slackMs) return false
  return told.status === undefined || response === undefined || told.status === response.status
}

const targetOf = ({ destination, request }: ApiCall): string =>
  `${destination.host} ${request.method} ${request.target}`

/** Trace id and parent id of a `traceparent` (W3C Trace Context §3.2). */
function parentOf(header: string | undefined): string | undefined {
  const parts = header === undefined ? null : /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(header)
  return parts === null ? undefined : `${parts[1]}-${parts[2]}`
}
