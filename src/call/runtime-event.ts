import type { Workload } from './workload.ts'

/** A process, file or network event on a workload, from a runtime sensor. */
export interface RuntimeEvent {
  readonly type: 'runtime'
  readonly id: string
  readonly time: number
  readonly workload: Workload
  readonly source: string
  readonly action: string
  readonly object?: string
  readonly outcome?: string
  readonly policy?: string
  readonly extra?: Readonly<Record<string, unknown>>
}
