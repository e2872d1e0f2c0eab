import { BoundedMap } from '../kit/bounded-map.ts'
import type { Needs } from '../sensors/guard.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { splitPath } from './endpoint-pattern.ts'
import type { ExpressionEngine } from './expression.ts'
import type { PolicyBundle, PolicyFacts, PolicyOutcome, PolicyPhase } from './facts.ts'

const noNeeds: Needs = Object.freeze({ requestBody: false, response: false, responseBody: false })
const none: readonly PolicyOutcome[] = Object.freeze([])
const strength = { quarantine: 3, block: 2, throttle: 1, tag: 0 } as const

/** The policies of one endpoint. */
interface Selection {
  readonly request: readonly CompiledPolicy[]
  readonly response: readonly CompiledPolicy[]
  readonly needs: Needs
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

  needs(host: string, method: string, template: string): Needs {
    if (this.count === 0) return noNeeds
    return this.#select(host, method, template, false).needs
  }

  evaluate(phase: PolicyPhase, facts: PolicyFacts): readonly PolicyOutcome[] {
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
      return this.#ask(policies, facts, selection.roots)
    } catch {
      this.#errors += 1
      return none
    }
  }

  #ask(
    policies: readonly CompiledPolicy[],
    facts: PolicyFacts,
    roots: ReadonlySet<string>,
  ): readonly PolicyOutcome[] {
    let outcomes: PolicyOutcome[] | undefined
    let bound: object | undefined
    for (const policy of policies) {
      let outcome: PolicyOutcome | undefined
      try {
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
    const met = [...candidates].filter(
      policy =>
        policy.matchesHost(host) &&
        policy.matchesMethod(method) &&
        (policy.endpoints === undefined ||
          policy.endpoints.some(
            pattern =>
              (pattern.method === undefined || pattern.method === method) && pattern.matches(segments, known),
          )),
    )
    if (met.length === 0) return nothing
    met.sort(
      (a, b) =>
        strength[b.document.action.type] - strength[a.document.action.type] ||
        (a.document.name < b.document.name ? -1 : 1),
    )
    return {
      request: met.filter(({ phase }) => phase === 'request'),
      response: met.filter(({ phase }) => phase === 'response'),
      roots: new Set(
        met.flatMap(({ expression }) =>
          [...(expression?.variables ?? [])].map(name => name.split('.', 1)[0] ?? ''),
        ),
      ),
      needs: {
        requestBody: met.some(({ needs }) => needs.requestBody),
        response: met.some(({ needs }) => needs.response),
        responseBody: met.some(({ needs }) => needs.responseBody),
      },
    }
  }
}

function indexKeys(policy: CompiledPolicy): Iterable<string> {
  if (policy.endpoints === undefined) return ['* *']
  return new Set(policy.endpoints.map(({ method, first }) => `${method ?? '*'} ${first ?? '*'}`))
}
