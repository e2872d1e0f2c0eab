import { BoundedMap } from '../kit/bounded-map.ts'
import { type EndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { ExpressionEngine } from './expression.ts'
import type {
  OperationFacts,
  PolicyBundle,
  PolicyFacts,
  PolicyNeeds,
  PolicyOutcome,
  PolicyPhase,
} from './facts.ts'

const noNeeds: PolicyNeeds = Object.freeze({
  requestBody: false,
  response: false,
  responseBody: false,
  operations: 'none',
})
const none: readonly never[] = Object.freeze([])
const strength = { quarantine: 3, block: 2, throttle: 1, tag: 0 } as const

/** A policy that holds for a path, or for some of the operations on it. */
interface Selected {
  readonly policy: CompiledPolicy
  /** Whether an operation is among those it names; undefined where it is about the path, whatever its operations. */
  readonly names: ((operation: string) => boolean) | undefined
}

/** The policies of one endpoint. */
interface Selection {
  readonly request: readonly Selected[]
  readonly response: readonly Selected[]
  readonly needs: PolicyNeeds
  /** What the expressions read, by its root. */
  readonly roots: ReadonlySet<string>
}
const nothing: Selection = Object.freeze({
  request: [],
  response: [],
  needs: noNeeds,
  roots: new Set<string>(),
})

/** Selections kept; beyond it the one unused for longest is worked out anew when it is next asked for. */
const maxSelections = 8192
/** A path longer than this is not kept: it is nobody's endpoint. */
const maxKeptKey = 512

export class IndexedBundle implements PolicyBundle {
  readonly id: string
  readonly count: number
  readonly #engine: ExpressionEngine
  /** `method first-segment`, either may be `*`. */
  readonly #index = new Map<string, CompiledPolicy[]>()
  readonly #selections = new BoundedMap<string, Selection>(maxSelections)
  #errors = 0

  constructor(id: string, policies: readonly CompiledPolicy[], engine: ExpressionEngine) {
    this.id = id
    this.count = policies.length
    this.#engine = engine
    const ordered = policies.toSorted(
      (a, b) =>
        strength[b.document.action.type] - strength[a.document.action.type] ||
        (a.document.name < b.document.name ? -1 : 1),
    )
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

  needs(host: string, method: string, template: string): PolicyNeeds {
    if (this.count === 0) return noNeeds
    return this.#select(host, method, template, false).needs
  }

  evaluate(
    phase: PolicyPhase,
    facts: PolicyFacts,
    operations: readonly OperationFacts[] = none,
  ): readonly PolicyOutcome[] {
    if (this.count === 0) return none
    try {
      const { request, endpoint } = facts
      const selection = this.#select(
        request.host,
        request.method,
        endpoint.template === '' ? request.path : endpoint.template,
        endpoint.known,
      )
      const policies = selection[phase]
      if (policies.length === 0) return none
      return this.#ask(policies, facts, operations, selection.roots)
    } catch {
      this.#errors += 1
      return none
    }
  }

  #ask(
    policies: readonly Selected[],
    facts: PolicyFacts,
    operations: readonly OperationFacts[],
    roots: ReadonlySet<string>,
  ): readonly PolicyOutcome[] {
    let outcomes: PolicyOutcome[] | undefined
    let bound: object | undefined
    const parts = operations.length === 0 ? none : operations.map(part => new BoundOperation(part))
    for (const { policy, names } of policies) {
      let outcome: PolicyOutcome | undefined
      if (parts.length > 0 && (names !== undefined || policy.readsOperation))
        outcome = this.#askEach(policy, names, parts, roots)
      else
        try {
          if (names !== undefined && !names(facts.endpoint.operation)) continue
          if (!policy.matchesCaller(facts.identity)) continue
          if (policy.expression === undefined) outcome = policy.outcome
          else {
            bound ??= this.#engine.bind(facts, roots)
            if (policy.expression.evaluate(bound)) outcome = policy.outcome
          }
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
    return outcomes.length === 1
      ? outcomes
      : outcomes.sort((a, b) => strength[b.action.type] - strength[a.action.type])
  }

  /** One policy over all operations of a request: its strongest outcome, and how many operations it holds for. */
  #askEach(
    policy: CompiledPolicy,
    names: Selected['names'],
    parts: readonly BoundOperation[],
    roots: ReadonlySet<string>,
  ): PolicyOutcome | undefined {
    let found: PolicyOutcome | undefined
    let endpoint = ''
    let times = 0
    for (const part of parts) {
      const { facts, unseen, whole } = part.operation
      let outcome: PolicyOutcome | undefined
      try {
        if (!policy.matchesCaller(facts.identity)) return undefined
        if (unseen === true && names !== undefined && policy.unseenOutcome !== undefined)
          outcome = policy.unseenOutcome
        else if (names !== undefined && !names(facts.endpoint.operation)) continue
        else if (policy.expression === undefined) outcome = policy.outcome
        else if (policy.expression.evaluate(part.bound(this.#engine, roots))) outcome = policy.outcome
      } catch {
        this.#errors += 1
        outcome = policy.faultOutcome
      }
      if (outcome === undefined) continue
      if (whole !== true) times += 1
      if (found === undefined || strength[outcome.action.type] > strength[found.action.type]) {
        found = outcome
        endpoint = facts.endpoint.id
      }
    }
    return found === undefined ? undefined : { ...found, endpoint, ...(times > 1 ? { times } : {}) }
  }

  #select(host: string, method: string, template: string, known: boolean): Selection {
    const key = `${known ? '1' : '0'}${method} ${host}${template}`
    if (key.length > maxKeptKey) return this.#find(host, method, template, known)
    const kept = this.#selections.get(key)
    if (kept !== undefined) return kept
    const found = this.#find(host, method, template, known)
    this.#selections.set(key, found)
    return found
  }

  #find(host: string, method: string, template: string, known: boolean): Selection {
    const segments = splitPath(template)
    const first = segments[0] ?? ''
    const candidates = new Set<CompiledPolicy>()
    for (const key of [`${method} ${first}`, `${method} *`, `* ${first}`, '* *']) {
      for (const policy of this.#index.get(key) ?? []) candidates.add(policy)
    }
    const met: Selected[] = []
    for (const policy of candidates) {
      if (!policy.matchesHost(host) || !policy.matchesMethod(method)) continue
      const here = policy.endpoints?.filter(
        pattern =>
          (pattern.method === undefined || pattern.method === method) && pattern.matches(segments, known),
      )
      if (here?.length !== 0) met.push({ policy, names: here === undefined ? undefined : namesOf(here) })
    }
    if (met.length === 0) return nothing
    met.sort(
      ({ policy: { document: a } }, { policy: { document: b } }) =>
        strength[b.action.type] - strength[a.action.type] || (a.name < b.name ? -1 : 1),
    )
    const all = met.map(({ policy }) => policy)
    return {
      request: met.filter(({ policy }) => policy.phase === 'request'),
      response: met.filter(({ policy }) => policy.phase === 'response'),
      roots: new Set(
        all.flatMap(({ expression }) =>
          [...(expression?.variables ?? [])].map(name => name.split('.', 1)[0] ?? ''),
        ),
      ),
      needs: {
        requestBody: all.some(({ needs }) => needs.requestBody),
        response: all.some(({ needs }) => needs.response),
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

/** One operation's facts, bound once for all policies that ask. */
class BoundOperation {
  readonly operation: OperationFacts
  #bound: object | undefined

  constructor(operation: OperationFacts) {
    this.operation = operation
  }

  bound(engine: ExpressionEngine, roots: ReadonlySet<string>): object {
    this.#bound ??= engine.bind(this.operation.facts, roots)
    return this.#bound
  }
}

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
