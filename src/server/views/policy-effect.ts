import type { DecisionRecord, Page } from '../../store/ports/state-store.ts'
import type { DecisionView } from '../api/decision.ts'
import type { PolicyView } from '../api/policy.ts'
import type { Backend } from '../backend.ts'
import { decisionViewOf } from './decision.ts'
import { present } from './present.ts'

export type PolicyEffect = PolicyView['effect']

const dayMs = 86_400_000

const mostPages = 20

/** Of a policy without decisions. */
export const noEffect: PolicyEffect = { decisions: 0, principals: 0, acted: 0, actedPrincipals: 0 }

/** Decisions while they are counted. */
class EffectCount {
  #decisions = 0
  #acted = 0
  readonly #principals = new Set<string>()
  readonly #actedOn = new Set<string>()

  add({ principal, acted }: DecisionView): void {
    this.#decisions += 1
    this.#principals.add(principal)
    if (!acted) return
    this.#acted += 1
    this.#actedOn.add(principal)
  }

  get effect(): PolicyEffect {
    return {
      decisions: this.#decisions,
      principals: this.#principals.size,
      acted: this.#acted,
      actedPrincipals: this.#actedOn.size,
    }
  }
}

/** What policies did: all together, and each by its name. */
export interface PolicyEffects {
  readonly since: number
  readonly all: PolicyEffect
  readonly of: ReadonlyMap<string, PolicyEffect>
  /** There were more than were counted. */
  readonly truncated: boolean
}

/** Decisions of the last 24 hours by policy, or of one policy; counted over the newest 20,000 of them. */
export async function policyEffects(backend: Backend, policy?: string): Promise<PolicyEffects> {
  const since = backend.clock.now() - dayMs
  const all = new EffectCount()
  const of = new Map<string, EffectCount>()
  let cursor: string | undefined
  for (let round = 0; round < mostPages; round += 1) {
    const page: Page<DecisionRecord> = await backend.state.decisions({
      since,
      limit: 1_000,
      ...present({ policy, cursor }),
    })
    for (const record of page.items) {
      const decision = decisionViewOf(record)
      const its = of.get(decision.policy) ?? new EffectCount()
      of.set(decision.policy, its)
      its.add(decision)
      all.add(decision)
    }
    cursor = page.cursor
    if (cursor === undefined) break
  }
  return {
    since,
    all: all.effect,
    of: new Map([...of].map(([name, count]) => [name, count.effect])),
    truncated: cursor !== undefined,
  }
}
