import { SallyportError } from '../../kit/error.ts'
import type { DecisionRecord, Page, StoredPolicy } from '../../store/ports/state-store.ts'
import type { PolicyView } from '../api.ts'
import type { Backend, PolicyDescription } from '../backend.ts'
import { stamp } from './views.ts'

export interface PolicyEffect {
  readonly decisions: number
  readonly principals: number
}

const dayMs = 86_400_000
const mostPages = 20
const none: PolicyEffect = { decisions: 0, principals: 0 }

/** Decisions of the last 24 hours by policy, or of one policy; counted over the newest 20,000 of them. */
export async function policyEffects(
  backend: Backend,
  policy?: string,
): Promise<ReadonlyMap<string, PolicyEffect>> {
  const found = new Map<string, { decisions: number; principals: Set<string> }>()
  let cursor: string | undefined
  for (let round = 0; round < mostPages; round += 1) {
    const page: Page<DecisionRecord> = await backend.state.decisions({
      since: backend.clock.now() - dayMs,
      limit: 1_000,
      ...(policy === undefined ? {} : { policy }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const decision of page.items) {
      const effect = found.get(decision.policy) ?? { decisions: 0, principals: new Set() }
      effect.decisions += 1
      effect.principals.add(decision.principal)
      found.set(decision.policy, effect)
    }
    cursor = page.cursor
    if (cursor === undefined) break
  }
  return new Map(
    [...found].map(([name, { decisions, principals }]) => [name, { decisions, principals: principals.size }]),
  )
}

export function policyViewOf(
  policy: StoredPolicy,
  backend: Pick<Backend, 'describePolicy'>,
  effect: PolicyEffect | undefined,
): PolicyView {
  const { mode, phase, action } = describe(policy.source, backend)
  return {
    name: policy.name,
    source: policy.source,
    version: policy.version,
    updatedAt: stamp(policy.updatedAt),
    updatedBy: policy.updatedBy,
    mode,
    phase,
    action,
    effect: effect ?? none,
  }
}

/** A stored document that this version cannot read is shown as such, not hidden. */
function describe(source: string, backend: Pick<Backend, 'describePolicy'>): PolicyDescription {
  try {
    return backend.describePolicy(source)
  } catch (thrown) {
    if (thrown instanceof SallyportError && thrown.code === 'policy/invalid') {
      return { mode: 'invalid', phase: 'unknown', action: 'none' }
    }
    throw thrown
  }
}
