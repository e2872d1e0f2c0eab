import type { Baseline } from '../baseline/baseline.ts'
import type { FieldUse } from '../baseline/field-use.ts'
import type { FlowOrder } from '../baseline/flow-order.ts'
import type { GrantedIds } from '../baseline/granted-ids.ts'
import type { Observation } from '../baseline/observation.ts'
import type { OwnerBindings } from '../baseline/owner-bindings.ts'
import type { RoleMatrix } from '../baseline/role-matrix.ts'
import type { IdentityLinks } from '../identity/links.ts'
import type { CallId, EndpointId, PrincipalId, TenantId } from '../kit/id.ts'
import type { Severity } from '../kit/severity.ts'
import type { DetectorFamily } from './detector-family.ts'
import type { LoginBook } from './logins/login-book.ts'
import type { Facts } from './signal.ts'
import type { TokenUse } from './tokens/token-book.ts'
import type { Why } from './tuning/why.ts'

/** What a detector says; the registry turns it into a `Signal` with an id, OWASP and ATT&CK ids and the sentence. */
export interface Finding {
  /** One of the detector's `messages`. */
  readonly message: string
  /** Fills the message's `{placeholders}` and is shown as observed/expected. */
  readonly observed: Facts
  readonly expected: Facts
  readonly attempt: boolean
  readonly confidence: number
  /** When it differs from the detector's own. */
  readonly severity?: Severity
  /** When only some of the detector's own hold. */
  readonly owasp?: readonly string[]
  readonly principal: PrincipalId
  readonly tenant?: TenantId
  readonly endpoint?: EndpointId
  /** Oldest first; the last one is the call that decided it. */
  readonly evidence: readonly CallId[]
  readonly objects?: readonly string[]
  readonly dataClasses?: readonly string[]
  /**
   * Findings with the same key continue one signal (its evidence and counts grow) instead of raising another.
   * Typically principal + endpoint + a period or a victim.
   */
  readonly key: string
  /**
   * Ties findings of one actor together where the principal is not the one to blame (a stolen or forged identity, a
   * source without a name), e.g. `device:…` or `principal:…`. The principal and its token when absent.
   */
  readonly actor?: string
}

/** What detectors may read besides the observation. Read-only for them. */
export interface DetectContext {
  readonly owners: OwnerBindings
  /** What is normal, as learned before the call being judged; the caller has a slot in it already. */
  readonly baseline: Baseline
  /** Which groups of principals use which endpoints. */
  readonly roles: RoleMatrix
  /** Which fields callers send and get. */
  readonly fields: FieldUse
  /** Which ids came to each caller. */
  readonly grants: GrantedIds
  /** Which endpoints come before which. */
  readonly flows: FlowOrder
  /** Which principals, tokens, devices and addresses were seen together before this call. */
  readonly links: IdentityLinks
  /** Logins by account and by source, this call's among them. */
  readonly logins: LoginBook
  /** The option's value after configuration. */
  option(name: string): number
}

/** One running detector. Deterministic: the same observations in the same order give the same findings. */
export interface DetectorRun {
  /**
   * Called for every call that concerns it, mostly in order of time: those of sensors beside the request path come seconds late. Also while learning (raise
   * nothing then: the caller drops it anyway).
   */
  observe?(observation: Observation): readonly Finding[]
  /** Called for every use of a token, in order of time also where calls come late, before the book of tokens learns from it. */
  use?(use: TokenUse): readonly Finding[]
  /** An endpoint was folded into another: move state kept under `from` to `to`. */
  merged?(from: EndpointId, to: EndpointId): void
  /**
   * Why it does not raise this call, with what it knows now, the call learned; undefined where it has nothing to say beyond what can be told
   * of its kind. Changes nothing.
   */
  why?(observation: Observation): Why | undefined
  /** Number of entries of state held, for the bound's counter. */
  size(): number
  /** All it has learned, and back into a fresh run: see `kit/snapshot.ts`. */
  save?(): unknown
  load?(saved: unknown): void
}

export interface DetectorOption {
  readonly default: number
  /** Why this default. */
  readonly reason: string
}

/** What people are told of a detector. */
export interface DetectorFacts {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  /** What it finds and how, in two sentences for someone who has never heard of it. */
  readonly summary: string
  readonly family: DetectorFamily
  /**
   * `deterministic` (default): one call or a fixed rule is the evidence. `statistical`: the finding says how far a value lies from what
   * is usual, with `value`, `metric` and `unit` in `observed` and `median`, `p90`, `p99`, `n` and `peers` in `expected` (`distribution.ts`).
   */
  readonly kind?: 'deterministic' | 'statistical'
  readonly severity: Severity
  readonly owasp: readonly string[]
  /** MITRE ATT&CK techniques. */
  readonly attack: readonly string[]
  readonly options: Readonly<Record<string, DetectorOption>>
  /** Sentences with `{placeholders}` taken from observed and expected. */
  readonly messages: Readonly<Record<string, string>>
  /** When a person may dismiss it with a good conscience. */
  readonly whenNotAnAttack: string
  /** In the traffic language (`traffic.ts`), or that of scenes (`graph/scene.ts`): run by the kit test, printed in the reference. */
  readonly examples: { readonly fires: readonly string[]; readonly quiet: readonly string[] }
}

/**
 * Calls of one kind, told apart once for all detectors: `operations` of protocols beyond REST, `logins` (see `LoginBook.moment`), `writes`
 * (see `isWrite`).
 */
export type Concern = 'operations' | 'logins' | 'writes'

export interface DetectorDefinition extends DetectorFacts {
  /** The only calls that say anything to it; all where absent. */
  readonly concern?: Concern
  create(context: DetectContext): DetectorRun
}

/** Declares a detector: the identity function that checks its shape. */
export const defineDetector = (definition: DetectorDefinition): DetectorDefinition => definition
