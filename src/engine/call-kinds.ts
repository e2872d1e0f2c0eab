import type { Incident } from '../detect/incident.ts'
import type { SimulatedKind } from '../policy/simulation-tally.ts'
import type { StoredCall } from '../store/ports/call-store.ts'

/** An incident that is taken for an attack; its times in milliseconds since the epoch. */
export type KnownAttack = Pick<
  Incident,
  'id' | 'principals' | 'endpoints' | 'evidence' | 'opened' | 'updated'
>

/** Before an incident's first signal and after its last its actor is suspect, too, for so long. */
const aroundMs = 600_000

/**
 * Tells what a recorded call is to a simulation. The evidence of an incident is bounded, so of its actor at its endpoints and in its time
 * no call is taken for benign.
 */
export class CallKinds {
  readonly #evidence = new Map<string, string[]>()
  readonly #suspects = new Map<string, KnownAttack[]>()
  readonly #focus: string | undefined

  /** @param focus The only one whose evidence counts as attack; that of others is suspect then. */
  constructor(attacks: readonly KnownAttack[], focus?: string) {
    this.#focus = focus
    for (const attack of attacks) {
      for (const call of attack.evidence) {
        const known = this.#evidence.get(call)
        if (known === undefined) this.#evidence.set(call, [attack.id])
        else known.push(attack.id)
      }
      for (const principal of attack.principals) {
        const known = this.#suspects.get(principal)
        if (known === undefined) this.#suspects.set(principal, [attack])
        else known.push(attack)
      }
    }
  }

  of({ call, principal, endpoint }: StoredCall): {
    readonly kind: SimulatedKind
    readonly incidents?: readonly string[]
  } {
    const incidents = this.#evidence.get(call.id)
    if (incidents !== undefined) {
      const isAttack = this.#focus === undefined || incidents.includes(this.#focus)
      return { kind: isAttack ? 'attack' : 'suspect', incidents }
    }
    const status = call.response?.status ?? 0
    const isSuspect = this.#suspects
      .get(principal)
      ?.some(
        one =>
          call.time >= one.opened - aroundMs &&
          call.time <= one.updated + aroundMs &&
          (one.endpoints.length === 0 || one.endpoints.includes(endpoint)),
      )
    if (isSuspect === true) return { kind: 'suspect' }
    return { kind: status >= 200 && status < 300 ? 'benign' : 'other' }
  }
}
