import type { RolloutStatus, SimulationReport } from '../../engine/policy-desk.ts'
import type { PolicyRecommendations } from '../../engine/policy-recommendations.ts'
import { SallyportError } from '../../kit/error.ts'
import type { SimulatedTouch, TouchedCalls } from '../../policy/simulation-tally.ts'
import type {
  DecisionRecord,
  Page,
  PolicyVersion,
  StoredPolicy,
  StoredRollout,
  StoredSimulation,
} from '../../store/ports/state-store.ts'
import type {
  DecisionView,
  PolicyRecommendationsView,
  PolicyVersionView,
  PolicyView,
  RolloutView,
  SimulationSummaryView,
  SimulationView,
  TouchView,
} from '../api.ts'
import type { Backend, PolicyDescription } from '../backend.ts'
import { present } from './present.ts'
import { decisionViewOf, stamp } from './views.ts'

export type PolicyEffect = PolicyView['effect']

const dayMs = 86_400_000
const mostPages = 20
const none: PolicyEffect = { decisions: 0, principals: 0, acted: 0, actedPrincipals: 0 }

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

export async function policyViewOf(
  policy: StoredPolicy,
  backend: Pick<Backend, 'describePolicy' | 'policies'>,
  effect: PolicyEffect | undefined,
): Promise<PolicyView> {
  const description = describe(policy.source, backend)
  return {
    ...plainView(policy, description, effect),
    rollout:
      description.mode === 'invalid'
        ? noRollout(policy)
        : rolloutViewOf(await backend.policies.status(policy)),
  }
}

/** As in a list: without what takes a look at the calls. */
export function listedPolicyView(
  policy: StoredPolicy,
  backend: Pick<Backend, 'describePolicy'>,
  effect: PolicyEffect | undefined,
  rollout: StoredRollout | undefined,
): PolicyView {
  const description = describe(policy.source, backend)
  return {
    ...plainView(policy, description, effect),
    rollout: rollout === undefined ? noRollout(policy, description.mode) : rolloutViewOf({ rollout }),
  }
}

const plainView = (
  policy: StoredPolicy,
  { mode, phase, action, owner, expiresAt }: PolicyDescription,
  effect: PolicyEffect | undefined,
): Omit<PolicyView, 'rollout'> => ({
  name: policy.name,
  source: policy.source,
  version: policy.version,
  updatedAt: stamp(policy.updatedAt),
  updatedBy: policy.updatedBy,
  mode,
  phase,
  action,
  ...present({ owner, expiresAt: expiresAt === undefined ? undefined : stamp(expiresAt) }),
  effect: effect ?? none,
})

/** Of a policy that was never changed since rollouts are kept. */
const noRollout = ({ updatedAt }: StoredPolicy, mode = 'shadow'): RolloutView => ({
  stage: { mode: mode === 'enforce' || mode === 'canary' ? mode : 'shadow' },
  since: stamp(updatedAt),
})

export function rolloutViewOf({ rollout, next, waits, simulation, reading }: RolloutStatus): RolloutView {
  const { stage, percent, since, estimate, rolledBack } = rollout
  return {
    stage: { mode: stage, ...(percent === undefined ? {} : { percent }) },
    since: stamp(since),
    ...(estimate === undefined ? {} : { estimate }),
    ...(rolledBack === undefined ? {} : { rolledBack: { ...rolledBack, at: stamp(rolledBack.at) } }),
    ...(next === undefined ? {} : { next }),
    ...(waits === undefined ? {} : { waits }),
    ...(simulation === undefined ? {} : { simulation: summaryViewOf(simulation) }),
    ...(reading === undefined
      ? {}
      : {
          effect: {
            from: stamp(reading.from),
            acting: reading.acting,
            control: reading.control,
            principals: reading.principals,
            stoppedPrincipals: reading.stopped.length,
          },
        }),
  }
}

export function summaryViewOf(simulation: StoredSimulation): SimulationSummaryView {
  const { hash: _, estimate: __, at, from, to, ...counts } = simulation
  return {
    ...counts,
    at: stamp(at),
    ...(from === undefined ? {} : { from: stamp(from) }),
    ...(to === undefined ? {} : { to: stamp(to) }),
  }
}

export function versionViewOf(
  { version, source, updatedAt, updatedBy, change }: PolicyVersion,
  backend: Pick<Backend, 'describePolicy'>,
): PolicyVersionView {
  const { mode, percent } = describe(source, backend)
  return {
    version,
    source,
    at: stamp(updatedAt),
    by: updatedBy,
    change,
    stage: {
      mode: mode === 'enforce' || mode === 'canary' ? mode : 'shadow',
      ...(percent === undefined ? {} : { percent }),
    },
  }
}

export const recommendationsViewOf = ({
  items,
  from,
  to,
}: PolicyRecommendations): PolicyRecommendationsView => ({
  items: items.map(item => ({ ...item, simulation: summaryViewOf(item.simulation) })),
  ...(from === undefined ? {} : { from: stamp(from) }),
  ...(to === undefined ? {} : { to: stamp(to) }),
})

export function simulationViewOf({ involved, from, to, ...report }: SimulationReport): SimulationView {
  const touched = <Calls extends TouchedCalls>(calls: Calls) => ({
    ...calls,
    examples: calls.examples.map(touchViewOf),
  })
  return {
    ...report,
    ...(from === undefined ? {} : { from: stamp(from) }),
    ...(to === undefined ? {} : { to: stamp(to) }),
    principals: report.principals.map(one => ({ ...one, inIncident: involved.has(one.principal) })),
    attacks: {
      ...touched(report.attacks),
      missedExamples: report.attacks.missedExamples.map(touchViewOf),
    },
    suspect: touched(report.suspect),
    benign: touched(report.benign),
    other: touched(report.other),
  }
}

const touchViewOf = ({ time, ...touch }: SimulatedTouch): TouchView => ({ ...touch, time: stamp(time) })

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
