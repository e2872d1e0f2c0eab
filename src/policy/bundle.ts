import { BoundedMap } from '../kit/bounded-map.ts'
import { compileEndpointPattern, type EndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { noTraits } from './endpoint-about.ts'
import type { BoundFacts, ExpressionEngine } from './expression.ts'
import type {
  EndpointTraits,
  OperationFacts,
  PolicyBundle,
  PolicyFacts,
  PolicyNeeds,
  PolicyOutcome,
  PolicyPhase,
  PolicyWants,
} from './facts.ts'
import { byRank, strengthOf } from './strength.ts'

const noNeeds: PolicyNeeds = Object.freeze({
  requestBody: false,
  response: false,
  responseBody: false,
  operations: 'none',
})
const none: readonly never[] = Object.freeze([])

/** A policy that holds for a path, or for some of the operations on it. */
interface Selected {
  readonly policy: CompiledPolicy
  /** Whether an operation is among those it names; undefined where it is about the path, whatever its operations. */
  readonly names: ((operation: string) => boolean) | undefined
}

/** The facts of an operation, and the same for expressions. */
interface BoundOperation {
  readonly operation: OperationFacts
  readonly bound: BoundFacts
}

/** The policies of one endpoint. */
interface Selection {
  readonly request: readonly Selected[]
  readonly response: readonly Selected[]
  readonly needs: PolicyNeeds
  /** What the expressions name, two levels deep. */
  readonly names: ReadonlySet<string>
}
const nothing: Selection = Object.freeze({
  request: [],
  response: [],
  needs: Object.freeze({ ...noNeeds }),
  names: new Set<string>(),
})

/** Nobody's policies, but what is answered here counts for policies of other endpoints. */
const onlyBefore: Selection = Object.freeze({
  ...nothing,
  needs: Object.freeze({ ...noNeeds, response: true }),
})

/** Selections kept; beyond it the one unused for longest is worked out anew when it is next asked for. */
const maxSelections = 8192
/** A path longer than this is not kept: it is nobody's endpoint. */
const maxKeptKey = 512

export class IndexedBundle implements PolicyBundle {
  readonly id: string
  readonly count: number
  readonly predecessors: readonly string[]
  readonly #before: readonly EndpointPattern[]
  /** Some match by what the catalog says of an endpoint. */
  readonly #byTraits: boolean
  readonly #engine: ExpressionEngine
  /** `method first-segment`, either may be `*`. */
  readonly #index = new Map<string, CompiledPolicy[]>()
  readonly #selections = new BoundedMap<string, Selection>(maxSelections)
  /** Selections by what they need, for as long as somebody has that. */
  readonly #selected = new WeakMap<PolicyNeeds, Selection>()
  #errors = 0

  constructor(id: string, policies: readonly CompiledPolicy[], engine: ExpressionEngine) {
    this.id = id
    this.count = policies.length
    this.#engine = engine
    const ordered = policies.toSorted(inOrder)
    this.predecessors = [
      ...new Set(
        policies.flatMap(({ expressions: { when, key, cost } }) =>
          [when, key, cost].flatMap(one => one?.predecessors ?? []),
        ),
      ),
    ]
    this.#before = this.predecessors.map(compileEndpointPattern)
    this.#byTraits = policies.some(({ readsTraits }) => readsTraits)
    for (const policy of ordered)
      for (const key of indexKeys(policy)) {
        const bucket = this.#index.get(key)
        if (bucket === undefined) this.#index.set(key, [policy])
        else bucket.push(policy)
      }
  }

  get errors(): number {
    return this.#errors
  }

  needs(
    host: string,
    method: string,
    template: string,
    traits: EndpointTraits = noTraits,
    known = false,
  ): PolicyNeeds {
    if (this.count === 0) return noNeeds
    return this.#select(host, method, template, known, traits).needs
  }

  wants(host: string, method: string, template: string, traits: EndpointTraits): PolicyWants {
    const { request, response, names } = this.#select(host, method, template, true, traits)
    const actions = [...request, ...response].map(({ policy }) => policy.document.action)
    return {
      requestSchema:
        names.has('request') ||
        names.has('request.violations') ||
        actions.some(action => action.type === 'strip' && (action.unknown || action.readOnly)),
      answerFields:
        names.has('response') ||
        names.has('response.dataClasses') ||
        actions.some(action => action.type === 'mask' && action.dataClasses.length > 0),
    }
  }

  evaluate(
    phase: PolicyPhase,
    facts: PolicyFacts,
    operations: readonly OperationFacts[] = none,
    needs: PolicyNeeds = noNeeds,
  ): readonly PolicyOutcome[] {
    if (this.count === 0) return none
    try {
      const selection = this.#selected.get(needs) ?? this.#selectFor(facts)
      const policies = selection[phase]
      if (policies.length === 0) return none
      return this.#ask(phase, policies, facts, operations, selection.names)
    } catch {
      this.#errors += 1
      return none
    }
  }

  #ask(
    phase: PolicyPhase,
    policies: readonly Selected[],
    facts: PolicyFacts,
    operations: readonly OperationFacts[],
    read: ReadonlySet<string>,
  ): readonly PolicyOutcome[] {
    let outcomes: PolicyOutcome[] | undefined
    const whole = this.#engine.bind(facts, read)
    const parts =
      operations.length === 0
        ? none
        : operations.map(operation => ({ operation, bound: this.#engine.bind(operation.facts, read) }))
    for (const { policy, names } of policies) {
      let outcome: PolicyOutcome | undefined
      if (parts.length > 0 && (names !== undefined || policy.readsOperation))
        outcome = this.#askEach(phase, policy, names, parts)
      else
        try {
          if (names !== undefined && !names(facts.endpoint.operation)) continue
          outcome = answerOf(policy, whole, phase)
        } catch {
          this.#errors += 1
          outcome = policy.faultOutcome
        }
      if (outcome === undefined) continue
      outcomes ??= []
      outcomes.push(outcome)
    }
    if (outcomes === undefined) return none
    // A fault can turn any action into a block: the order of the documents no longer holds.
    return outcomes.length === 1 ? outcomes : outcomes.sort(outcomesInOrder)
  }

  /** One policy over all operations of a request: its strongest outcome, and how many operations it holds for. */
  #askEach(
    phase: PolicyPhase,
    policy: CompiledPolicy,
    names: Selected['names'],
    parts: readonly BoundOperation[],
  ): PolicyOutcome | undefined {
    let found: PolicyOutcome | undefined
    let endpoint = ''
    let times = 0
    let cost = 0
    for (const part of parts) {
      const { facts, unseen, whole } = part.operation
      let outcome: PolicyOutcome | undefined
      try {
        if (!policy.matchesCaller(facts)) return undefined
        if (unseen === true && names !== undefined && policy.unseenOutcome !== undefined)
          outcome = policy.unseenOutcome
        else if (names !== undefined && !names(facts.endpoint.operation)) continue
        else outcome = answerOf(policy, part.bound, phase)
      } catch {
        this.#errors += 1
        outcome = policy.faultOutcome
      }
      if (outcome === undefined) continue
      if (whole !== true) {
        times += 1
        cost += outcome.cost ?? 0
      }
      if (found === undefined || strengthOf(outcome.action.type) > strengthOf(found.action.type)) {
        found = outcome
        endpoint = facts.endpoint.id
      }
    }
    if (found === undefined) return undefined
    // What each costs was added up already: it is taken once.
    if (found.cost !== undefined) return { ...found, endpoint, cost: times > 1 ? cost : found.cost }
    return { ...found, endpoint, ...(times > 1 ? { times } : {}) }
  }

  #selectFor({ request, endpoint }: PolicyFacts): Selection {
    return this.#select(
      request.host,
      request.method,
      endpoint.template === '' ? request.path : endpoint.template,
      endpoint.known,
      endpoint,
    )
  }

  #select(host: string, method: string, template: string, known: boolean, traits: EndpointTraits): Selection {
    const about = this.#byTraits ? traitsKey(traits) : ''
    const key = `${known ? '1' : '0'}${method} ${host}${template}${about}`
    const kept = key.length > maxKeptKey ? undefined : this.#selections.get(key)
    if (kept !== undefined) return kept
    const found = this.#find(host, method, template, known, traits)
    if (key.length <= maxKeptKey) this.#selections.set(key, found)
    this.#selected.set(found.needs, found)
    return found
  }

  #find(host: string, method: string, template: string, known: boolean, traits: EndpointTraits): Selection {
    const segments = splitPath(template)
    const first = segments[0] ?? ''
    const candidates = new Set<CompiledPolicy>()
    for (const key of [`${method} ${first}`, `${method} *`, `* ${first}`, '* *']) {
      for (const policy of this.#index.get(key) ?? []) candidates.add(policy)
    }
    const met: Selected[] = []
    for (const policy of candidates) {
      if (!policy.matchesHost(host) || !policy.matchesMethod(method)) continue
      if (policy.readsTraits && !policy.matchesTraits(traits)) continue
      const here = policy.endpoints?.filter(
        pattern =>
          (pattern.method === undefined || pattern.method === method) && pattern.matches(segments, known),
      )
      if (here?.length !== 0) met.push({ policy, names: here === undefined ? undefined : namesOf(here) })
    }
    const precedes = this.#before.some(
      pattern =>
        (pattern.method === undefined || pattern.method === method) && pattern.matches(segments, known),
    )
    if (met.length === 0) return precedes ? onlyBefore : nothing
    met.sort(({ policy: a }, { policy: b }) => inOrder(a, b))
    const all = met.map(({ policy }) => policy)
    return {
      request: met.filter(({ policy }) => policy.phase === 'request'),
      response: met.filter(({ policy }) => policy.phase === 'response' || policy.settles),
      names: new Set(all.flatMap(({ variables }) => [...variables])),
      needs: {
        requestBody: all.some(({ needs }) => needs.requestBody),
        response: precedes || all.some(({ needs }) => needs.response),
        responseBody: all.some(({ needs }) => needs.responseBody),
        operations: met.some(({ names }) => names !== undefined)
          ? 'named'
          : all.some(({ readsOperation }) => readsOperation)
            ? 'read'
            : 'none',
      },
    }
  }
}

/** What follows from a policy for these facts; throws where one of its expressions fails. */
function answerOf(policy: CompiledPolicy, bound: BoundFacts, phase: PolicyPhase): PolicyOutcome | undefined {
  if (!policy.matchesCaller(bound.facts)) return undefined
  const { when, key, cost } = policy.expressions
  if (when !== undefined && !when.evaluate(bound)) return undefined
  if (key === undefined && cost === undefined) return policy.outcome
  const name = key?.evaluate(bound)
  // Nothing to count by: it is not about this call.
  if (name === '') return undefined
  const settles = !policy.settles ? undefined : phase === 'request' ? 'later' : 'now'
  const price = settles === 'later' ? 0 : cost?.evaluate(bound)
  return {
    ...policy.outcome,
    ...(name === undefined ? {} : { key: name }),
    ...(price === undefined ? {} : { cost: Math.max(0, price) }),
    ...(settles === undefined ? {} : { settles }),
  }
}

const rankOf = ({ document: { action, priority, name } }: CompiledPolicy) => ({
  type: action.type,
  priority,
  name,
})
const inOrder = (a: CompiledPolicy, b: CompiledPolicy): number => byRank(rankOf(a), rankOf(b))
const outcomesInOrder = (a: PolicyOutcome, b: PolicyOutcome): number =>
  byRank(
    { type: a.action.type, priority: a.priority, name: a.policy },
    { type: b.action.type, priority: b.priority, name: b.policy },
  )

const traitsKey = (traits: EndpointTraits): string =>
  `\0${traits.service}\0${traits.exposure}\0${traits.criticality}\0${traits.dataClasses.join()}`

/** Whether an operation is one that the patterns name; undefined where one of them is about the path. */
function namesOf(patterns: readonly EndpointPattern[]): Selected['names'] {
  const named: ((operation: string) => boolean)[] = []
  for (const { matchesOperation } of patterns) {
    if (matchesOperation === undefined) return undefined
    named.push(matchesOperation)
  }
  return operation => named.some(matches => matches(operation))
}

function indexKeys(policy: CompiledPolicy): Iterable<string> {
  if (policy.endpoints === undefined) return ['* *']
  return new Set(policy.endpoints.map(({ method, first }) => `${method ?? '*'} ${first ?? '*'}`))
}
