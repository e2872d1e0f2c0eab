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
  readonly extra?: Readonly<Record<string, unknown>>
}
