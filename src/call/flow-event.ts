import type { TraceRef } from './api-call.ts'
import type { Workload } from './workload.ts'

/** The other end of a flow: a workload where it is known, else a host or an address. */
export interface FlowPeer {
  readonly workload?: Workload
  /** Lower case, without a port. */
  readonly host?: string
  readonly ip?: string
  readonly port?: number
}

/** A workload and another end exchanged something; what, is not known: a network flow, or a span that says only who called whom. */
export interface FlowEvent {
  readonly type: 'flow'
  readonly id: string
  readonly time: number
  readonly workload: Workload
  readonly peer: FlowPeer
  /** `egress`: the workload began it; `ingress`: the peer did. */
  readonly direction: 'egress' | 'ingress'
  /** `tcp`, `grpc`, `kafka` …, as the source calls it. */
  readonly protocol?: string
  /** What was asked for, where the source has a name for it. */
  readonly operation?: string
  readonly bytes?: number
  /** `allowed` or `blocked`; absent where the source does not say. */
  readonly outcome?: string
  readonly source: string
  readonly trace?: TraceRef
  readonly extra?: Readonly<Record<string, unknown>>
}
