import type { TraceRef } from './api-call.ts'
import type { Workload } from './workload.ts'

/** A workload reached a data store. */
export interface StoreAccess {
  readonly type: 'access'
  readonly id: string
  readonly time: number
  readonly workload: Workload
  readonly identity?: string
  readonly store: {
    readonly system: string
    readonly host?: string
    readonly namespace?: string
    readonly collection?: string
  }
  readonly operation?: string
  readonly rows?: number
  readonly trace?: TraceRef
  /** Which sensor saw it: `otlp`, `cloud` …; absent of what was read from a file. */
  readonly sensor?: string
  readonly extra?: Readonly<Record<string, unknown>>
}
