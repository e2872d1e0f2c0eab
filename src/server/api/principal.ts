import type { HabitsView } from './habits.ts'
import type { QuarantineView } from './quarantine.ts'
import type { TiesView } from './ties.ts'

/** Who calls. */
export interface PrincipalView {
  readonly id: string
  readonly kind: string
  readonly tenant?: string
  readonly roles: readonly string[]
  readonly calls: number
  /** 0 to 100. */
  readonly risk: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly addresses: readonly string[]
  readonly devices: number
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly quarantine?: QuarantineView
  /** Of one principal that is asked for by its id. */
  readonly ties?: TiesView
  /** Likewise: what it usually does in a day, and what it does today. Absent while analysis does not answer. */
  readonly habits?: HabitsView
}
