import type { CallView } from './call.ts'
import type { PolicyVersionView } from './policy-version.ts'
import type { QuarantineView } from './quarantine.ts'

/** What a policy decided of a call. */
export interface DecisionView {
  readonly id: string
  readonly time: string
  readonly action: string
  readonly phase: string
  readonly policy: string
  readonly mode: string
  readonly principal: string
  readonly endpoint: string
  readonly call: string
  readonly reason: string
  /** False where it was only written down: in shadow, or outside a canary's share. */
  readonly acted: boolean
}

/** One decision and why it was made. */
export interface DecisionDetailView extends DecisionView {
  /** The policy as it stood then; absent where it is no policy (`quarantine`, `route-class`) or its versions are gone. */
  readonly policyVersion?: PolicyVersionView
  /** The call, where it is kept. */
  readonly decided?: CallView
  /** The policy's condition, and what it read of that call; as far as the recording and what is known now tell it. */
  readonly condition?: string
  readonly facts?: readonly { readonly name: string; readonly value: string }[]
  /** Entries that hold for this caller now. */
  readonly quarantine: readonly QuarantineView[]
}

/** What all policies together did in the last 24 hours. */
export interface DecisionSummaryView {
  readonly since: string
  readonly decisions: number
  readonly acted: number
  /** Distinct callers that were acted on. */
  readonly principals: number
  /** There were more decisions than were counted. */
  readonly truncated: boolean
}
