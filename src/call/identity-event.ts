import type { Workload } from './workload.ts'

/** An identity was used, taken on or given out: a record of a cloud's or a platform's audit log. */
export interface IdentityEvent {
  readonly type: 'identity'
  readonly id: string
  readonly time: number
  /** Who acted: a role, an account, a service account; `<kind>:<name>` where the kind is known. */
  readonly identity: string
  /** `assume`, `login`, `issue`, `use`, `change`. */
  readonly action: string
  /** The identity taken on or given out. */
  readonly target?: string
  readonly workload?: Workload
  readonly address?: string
  /** `allowed` or `denied`. */
  readonly outcome?: string
  /** `cloudtrail`, `gcp-audit`, `kubernetes-audit` … */
  readonly source: string
  readonly extra?: Readonly<Record<string, unknown>>
}
