import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { memo } from '../kit/memo.ts'
import { keptWhole } from '../kit/snapshot.ts'
import { attributeOf, attributesOf, hasAttributes, isTenantClaim } from './attributes.ts'
import { type FieldHint, fieldHint, leavesOf, type Place, valuesAt } from './fields.ts'
import { isComparable, sameName } from './judge-owner.ts'
import type { Observation } from './observation.ts'
import type { OwnerBinding } from './owner-binding.ts'
import { type CandidateLimits, OwnerCandidate } from './owner-candidate.ts'
import { saysPrivileged } from './privilege.ts'

export interface OwnerBindingsOptions extends CandidateLimits {
  /** Endpoints remembered; the longest unused is forgotten. */
  readonly endpoints: number
  /** Hypotheses per endpoint; further fields are not considered. */
  readonly candidates: number
  /** Objects whose owner is remembered for what refers to them; about 150 bytes each. */
  readonly owned: number
  /** Endpoints of a host at which a reference is the caller's own before it is taken to be the owner's at the others too. */
  readonly lenders: number
}

export const defaultOwnerBindingsOptions: OwnerBindingsOptions = {
  endpoints: 20_000,
  candidates: 24,
  owned: 100_000,
  lenders: 2,
  principals: 2_048,
  votes: 10,
  hintedSeen: 8,
  hintedPrincipals: 3,
  hintedAgreement: 0.85,
  plainSeen: 200,
  plainPrincipals: 20,
  plainAgreement: 0.95,
  shuffled: 0.2,
}

/**
 * After so many answers to one principal what they say of owners hardly changes: from then on one in sixteen is learned
 * from. Counted by principal, so that nobody's many calls keep others from being learned. Judging is not concerned.
 */
const settledAfter = 32
const settledEvery = 16
/** Counters of answers per endpoint, a power of two: principals whose hashes fall together share one. */
const answerCounters = 1_024
/** Of an endpoint that has taught so much since anything changed, one answer in eight is learned from, whoever asks. */
const steadyAfter = 4_096
const steadyEvery = 8

/** Whose an object is, and by what name of its owner that is known. Plain data. */
interface Owned {
  owner: string
  claim: string
}

interface EndpointState {
  readonly candidates: Map<string, OwnerCandidate>
  bindings: readonly OwnerBinding[]
  /** Learned of what the answers refer to. */
  derived: readonly OwnerBinding[]
  version: number
  /** How many crossing principals of the host `bindings` knows of. */
  crossers: number
  /** Answers by the principal's hash; from 32 on only where in the sixteen one stands. */
  readonly answers: Uint8Array
  /** Answers since anything that is learned changed. */
  steady: number
  /** What is taken over from other endpoints, and of what that was put together. */
  borrowed: { readonly lent: number; readonly votes: number; readonly bindings: readonly OwnerBinding[] }
}

/** What a reference means at the endpoints of a host where that is learned. Plain data. */
interface Lent {
  /** Endpoint → whoever may cross there. */
  readonly by: Map<EndpointId, readonly string[]>
}

const none: readonly OwnerBinding[] = Object.freeze([])
const mostLenders = 64
const nothingBorrowed = { lent: -1, votes: 0, bindings: none }
/** What is learned is put together anew with each change, and asked for with each call. */
const scopes = new WeakMap<
  readonly OwnerBinding[],
  Readonly<Record<OwnerBinding['scope'], readonly OwnerBinding[]>>
>()

/**
 * Learns which fields of an endpoint's answers (and which values in its path) are the caller's own name, claim or
 * tenant. A field whose name says so (`owner`, `userId`, `tenant` …) needs little evidence; any other needs 200
 * observations over 20 principals with a Wilson lower bound of .95. Each principal's word counts up to `votes`
 * observations and the worst tenth of principals counts for nothing, so one attacker can neither teach nor unteach.
 */
export class OwnerBindings {
  private readonly options: OwnerBindingsOptions
  private readonly _endpoints: BoundedMap<EndpointId, EndpointState>
  /** Host → principals that settled history shows crossing at one of its endpoints: they may at the others too. */
  private readonly _crossers = new BoundedMap<string, Set<string>>(2_000)
  /** Objects whose own answers name their owner, by what refers to them: see `referenceKey`. */
  private readonly _owned: BoundedMap<string, Owned>
  /** Host, name and claim of a reference → where it is learned to be the caller's own. */
  private readonly _lent = new BoundedMap<string, Lent>(20_000)
  /** Grows with every change of what is lent. */
  private lent = 0

  constructor(options: Partial<OwnerBindingsOptions> = {}) {
    this.options = { ...defaultOwnerBindingsOptions, ...options }
    this._endpoints = new BoundedMap(this.options.endpoints)
    this._owned = new BoundedMap(this.options.owned)
  }

  /** Learns from a successful call of a known principal; everything else teaches nothing. */
  observe(o: Observation): void {
    if (o.outcome !== 'success' || !hasAttributes(o.identity)) return
    const state = this._endpoints.ensure(o.match.endpoint, () => ({
      candidates: new Map(),
      bindings: none,
      derived: none,
      version: 0,
      crossers: 0,
      answers: new Uint8Array(answerCounters),
      steady: 0,
      borrowed: nothingBorrowed,
    }))
    this.own(o, state)
    state.steady += 1
    if (state.steady > steadyAfter && state.steady % steadyEvery !== 0) return
    if (isSettled(state.answers, o.identity.principal)) return
    const attributes = attributesOf(o.identity)
    /** Field → its values in this answer. */
    const values = new Map<
      string,
      { hint: FieldHint | undefined; place: Place | undefined; found: string[] }
    >()
    const content = o.call.response?.content
    const byValue = new Set(attributes.values())
    const note = (path: string, value: string, hint: FieldHint | undefined, place?: Place): void => {
      const entry = values.get(path)
      if (entry !== undefined) {
        if (!entry.found.includes(value) && entry.found.length < 32) entry.found.push(value)
        return
      }
      if (hint === undefined && !byValue.has(value) && !this.knows(state, path)) return
      if (value.length > 256 || value === '') return
      values.set(path, { hint, place, found: [value] })
    }
    if (content?.kind === 'json')
      for (const { place, value } of leavesOf(content.value)) note(place.path, value, place.hint, place)
    for (const [name, value] of o.match.params)
      note(`path:${name}`, value, fieldHint(name, nounBefore(o.match.template, name)))
    let changed = false
    if (
      content?.kind === 'json' &&
      o.identity.kind === 'user' &&
      saysPrivileged(content.value, o.identity.name)
    )
      this.admit(o)
    for (const [field, { hint, found }] of values) {
      for (const [claim, own] of attributes) {
        const tenant = claim === 'tenant' || isTenantClaim(claim)
        if (hint !== undefined && (hint === 'tenant') !== tenant && !found.includes(own)) continue
        const id = `${field}\0${claim}`
        let candidate = state.candidates.get(id)
        if (candidate === undefined) {
          const plausible = hint !== undefined ? (hint === 'tenant') === tenant : found.includes(own)
          if (!plausible || own.length < 2 || state.candidates.size >= this.options.candidates) continue
          candidate = new OwnerCandidate(
            field,
            claim,
            tenant ? 'tenant' : 'user',
            hint !== undefined,
            this.options,
          )
          state.candidates.set(id, candidate)
        }
        if (!found.some(value => isComparable(value, own))) continue
        if (this.vote(candidate, o, own, found)) changed = true
      }
    }
    for (const [field, { hint, place, found }] of values)
      if (hint === 'user' && place !== undefined && this.derive(o, state, attributes, field, place, found))
        changed = true
    if (changed) this.refresh(o.match.endpoint, state)
  }

  private vote(candidate: OwnerCandidate, o: Observation, own: string, found: readonly string[]): boolean {
    const { identity } = o
    const foreign = found.find(
      value => isComparable(value, own) && !sameName(value, own) && identity.names?.includes(value) !== true,
    )
    return candidate.vote(identity.principal, identity.kind, identity.roles, own, foreign, o.learning)
  }

  /** Whose the object is that this call read or changed, where its answer says so. */
  private own({ match, call, identity }: Observation, { bindings }: EndpointState): void {
    const content = call.response?.content
    const id = match.params.at(-1)?.[1]
    if (bindings.length === 0 || content?.kind !== 'json' || id === undefined) return
    if (!match.template.endsWith('}') || id.length > 128) return
    for (const { scope, field, claim } of bindings) {
      if (scope !== 'user' || field.includes(':')) continue
      const own = attributeOf(identity, claim)
      const found = valuesAt(content.value, field)
      const form = own ?? found.find(value => value.includes('@')) ?? ''
      const named = new Set(found.filter(value => isComparable(value, form)))
      const [owner] = named
      if (named.size !== 1 || owner === undefined) continue
      const noun = nounBefore(match.template, match.params.at(-1)?.[0] ?? '').toLowerCase()
      const key = keyOf(hostOf(match.endpoint), noun, id)
      const known = this._owned.get(key)
      if (known === undefined) this._owned.set(key, { owner, claim })
      else if (known.owner !== owner) {
        known.owner = owner
        known.claim = claim
      }
      return
    }
  }

  /** Votes for what a field refers to being the caller's. */
  private derive(
    o: Observation,
    state: EndpointState,
    attributes: ReadonlyMap<string, string>,
    field: string,
    place: Place,
    found: readonly string[],
  ): boolean {
    if (this._owned.size === 0) return false
    const host = hostOf(o.match.endpoint)
    const byClaim = new Map<string, string[]>()
    for (const value of found) {
      const owned = this._owned.peek(referenceKey(host, place, value))
      if (owned === undefined) continue
      const list = byClaim.get(owned.claim)
      if (list === undefined) byClaim.set(owned.claim, [owned.owner])
      else list.push(owned.owner)
    }
    let changed = false
    for (const [claim, owners] of byClaim) {
      const own = attributes.get(claim)
      if (own === undefined) continue
      const id = `via:${field}\0${claim}`
      let candidate = state.candidates.get(id)
      if (candidate === undefined) {
        if (state.candidates.size >= this.options.candidates) continue
        candidate = new OwnerCandidate(`via:${field}`, claim, 'user', true, this.options)
        state.candidates.set(id, candidate)
      }
      if (this.vote(candidate, o, own, owners)) changed = true
    }
    return changed
  }

  /**
   * What the values of a field refer to, where it is known whose that is.
   * @param field of a derived binding: `via:subject.reference`
   */
  referred(
    endpoint: EndpointId,
    field: string,
    values: readonly string[],
  ): readonly { readonly key: string; readonly owner: string }[] {
    const host = hostOf(endpoint)
    const place = placeOf(field.slice(4))
    const known: { key: string; owner: string }[] = []
    for (const value of values) {
      const key = referenceKey(host, place, value)
      const owned = this._owned.peek(key)
      if (owned !== undefined) known.push({ key, owner: owned.owner })
    }
    return known
  }

  /** What is learned of one endpoint by what its answers refer to; empty where nothing is. */
  derivedOf(endpoint: EndpointId): readonly OwnerBinding[] {
    const state = this._endpoints.peek(endpoint)
    if (state === undefined) return none
    if (state.derived.length === 0) return this.borrowedOf(endpoint, state)
    this.renew(endpoint, state)
    return state.derived
  }

  /**
   * Where hardly anybody comes by, nothing is learned of what its answers refer to: the same reference means what it means at other
   * endpoints of the host. Who crosses there may cross here, as may who did so here in settled history.
   */
  private borrowedOf(endpoint: EndpointId, state: EndpointState): readonly OwnerBinding[] {
    if (this._lent.size === 0 || state.bindings.length > 0) return none
    let votes = 0
    for (const { field, seen } of state.candidates.values()) if (isDerived(field)) votes += seen
    if (votes === 0) return none
    const { borrowed } = state
    if (borrowed.lent === this.lent && votes <= borrowed.votes * 1.1) return borrowed.bindings
    const bindings: OwnerBinding[] = []
    for (const candidate of state.candidates.values()) {
      if (!isDerived(candidate.field)) continue
      const lent = this._lent.peek(lentKey(hostOf(endpoint), candidate.field, candidate.claim))
      if (lent === undefined || lent.by.size < this.options.lenders) continue
      const exempt = new Set<string>(this._crossers.peek(hostOf(endpoint)) ?? [])
      for (const roles of lent.by.values()) for (const role of roles) exempt.add(role)
      const { crossing, contradicted } = candidate.standing(exempt)
      if (contradicted) continue
      for (const one of crossing) exempt.add(one)
      const lenders = [...lent.by.keys()].flatMap(one => this._endpoints.peek(one)?.derived ?? [])
      bindings.push({
        endpoint,
        scope: 'user',
        field: candidate.field,
        claim: candidate.claim,
        seen: Math.max(0, ...lenders.map(one => one.seen)),
        agreement: Math.min(1, ...lenders.map(one => one.agreement)),
        principals: Math.max(0, ...lenders.map(one => one.principals)),
        exemptRoles: [...exempt].sort(),
      })
    }
    state.borrowed = { lent: this.lent, votes, bindings }
    return bindings
  }

  /** Keeps what this endpoint's references are learned to mean for the others of its host. */
  private lend(
    endpoint: EndpointId,
    derived: readonly OwnerBinding[],
    before: readonly OwnerBinding[],
  ): void {
    const host = hostOf(endpoint)
    for (const { field, claim } of before) {
      if (derived.some(one => one.field === field && one.claim === claim)) continue
      this._lent.peek(lentKey(host, field, claim))?.by.delete(endpoint)
      this.lent += 1
    }
    for (const { field, claim, exemptRoles } of derived) {
      const lent = this._lent.ensure(lentKey(host, field, claim), () => ({ by: new Map() }))
      const known = lent.by.get(endpoint)
      if (known?.length === exemptRoles.length || (known === undefined && lent.by.size >= mostLenders))
        continue
      lent.by.set(endpoint, exemptRoles)
      this.lent += 1
    }
  }

  /** Whoever may cross at some endpoint of a host, by what is learned of all that refer to somebody's objects there. */
  crossersOf(endpoint: EndpointId, field: string, claim: string): readonly string[] {
    const lent = this._lent.peek(lentKey(hostOf(endpoint), field, claim))
    return lent === undefined ? [] : [...new Set([...lent.by.values()].flat())]
  }

  /** The application itself says that this caller is an administrator. */
  private admit(o: Observation): void {
    const crossers = this._crossers.ensure(hostOf(o.match.endpoint), () => new Set())
    if (crossers.size < 1_024) crossers.add(`principal:${o.identity.principal}`)
  }

  private knows(state: EndpointState, field: string): boolean {
    for (const candidate of state.candidates.values()) if (candidate.field === field) return true
    return false
  }

  private refresh(endpoint: EndpointId, state: EndpointState): void {
    const learned: OwnerBinding[] = []
    for (const candidate of state.candidates.values()) {
      const binding = candidate.binding(endpoint)
      if (binding !== undefined) learned.push(binding)
    }
    // One binding a field: the claim that explains most.
    learned.sort((a, b) => b.agreement - a.agreement || b.seen - a.seen || (a.claim < b.claim ? -1 : 1))
    const fields = new Set<string>()
    const bindings = learned.filter(({ field }) => !fields.has(field) && fields.add(field) !== undefined)
    const crossers = this._crossers.ensure(hostOf(endpoint), () => new Set())
    for (const { scope, exemptRoles } of bindings) {
      if (scope !== 'user') continue
      for (const role of exemptRoles)
        if (role.startsWith('principal:') && crossers.size < 1_024) crossers.add(role)
    }
    const told = bindings.map(binding =>
      binding.scope === 'user' && crossers.size > 0
        ? { ...binding, exemptRoles: [...new Set([...binding.exemptRoles, ...crossers])].sort() }
        : binding,
    )
    state.bindings = Object.freeze(told.filter(({ field }) => !isDerived(field)))
    const derived = Object.freeze(told.filter(({ field }) => isDerived(field)))
    this.lend(endpoint, derived, state.derived)
    state.derived = derived
    state.crossers = crossers.size
    state.version += 1
    state.steady = 0
  }

  /** What is learned of one endpoint; empty where nothing is. */
  of(endpoint: EndpointId): readonly OwnerBinding[] {
    const state = this._endpoints.peek(endpoint)
    if (state === undefined) return none
    this.renew(endpoint, state)
    return state.bindings
  }

  /** Of these, the ones of users, or of tenants. */
  ofScope(endpoint: EndpointId, scope: OwnerBinding['scope']): readonly OwnerBinding[] {
    const all = this.of(endpoint)
    if (all.length === 0) return none
    let split = scopes.get(all)
    if (split === undefined) {
      split = {
        user: Object.freeze(all.filter(one => one.scope === 'user')),
        tenant: Object.freeze(all.filter(one => one.scope === 'tenant')),
      }
      scopes.set(all, split)
    }
    return split[scope]
  }

  private renew(endpoint: EndpointId, state: EndpointState): void {
    if (
      state.bindings.length + state.derived.length > 0 &&
      state.crossers !== (this._crossers.peek(hostOf(endpoint))?.size ?? 0)
    )
      this.refresh(endpoint, state)
  }

  /** Grows with every change of what `of(endpoint)` says. */
  versionOf(endpoint: EndpointId): number {
    return this._endpoints.peek(endpoint)?.version ?? 0
  }

  /** Everything learned, by endpoint id. */
  bindings(): readonly OwnerBinding[] {
    const all: OwnerBinding[] = []
    for (const [endpoint, state] of this._endpoints.entries()) {
      this.renew(endpoint, state)
      all.push(...state.bindings)
    }
    return all.sort((a, b) => compare(a.endpoint, b.endpoint) || compare(a.field, b.field))
  }

  /** An endpoint was folded into another: what was learned goes along. */
  merged(from: EndpointId, to: EndpointId): void {
    const state = this._endpoints.peek(from)
    if (state === undefined || from === to) return
    this.lend(from, none, state.derived)
    state.derived = none
    this._endpoints.delete(from)
    const target = this._endpoints.get(to)
    if (target === undefined) {
      this._endpoints.set(to, state)
      this.refresh(to, state)
      return
    }
    for (const [id, candidate] of state.candidates) {
      const mine = target.candidates.get(id)
      if (mine !== undefined) mine.absorb(candidate)
      else if (target.candidates.size < this.options.candidates) target.candidates.set(id, candidate)
    }
    this.refresh(to, target)
  }

  /** Votes held, over all endpoints and hypotheses. */
  size(): number {
    let size = 0
    for (const state of this._endpoints.values())
      for (const candidate of state.candidates.values()) size += candidate.size
    return size
  }

  static {
    keptWhole(OwnerBindings, 'baseline/owner-bindings', 4)
  }
}

/** Counts an answer. Is it one of those that are not learned from? */
function isSettled(counts: Uint8Array, principal: PrincipalId): boolean {
  const at = hash32(principal) & (counts.length - 1)
  const answers = (counts[at] ?? 0) + 1
  const due = answers <= settledAfter || answers === settledAfter + settledEvery
  counts[at] = answers === settledAfter + settledEvery ? settledAfter : answers
  return !due
}

const hostOf = memo((endpoint): string => {
  const start = endpoint.indexOf(' ') + 1
  const end = endpoint.indexOf('/', start)
  return end < 0 ? endpoint.slice(start) : endpoint.slice(start, end)
})

const isDerived = (field: string): boolean => field.startsWith('via:')

/** A reference by its last two names: `entry[].resource.subject.reference` of a list is `subject.reference` of a record. */
function lentKey(host: string, field: string, claim: string): string {
  const { key, parent } = placeOf(field.slice(4))
  return `${host}\0${parent}.${key}\0${claim}`
}

const keyOf = (host: string, noun: string, id: string): string => `${host}\0${noun}\0${id}`

/** Names of fields that say only that a value refers to something; what it is stands above. */
const plainReference = /^(?:id|_?ref|reference|uuid|href|self)$/i

/** By what an object is found again that a field refers to: `Patient/123`, a URL, or an id in a field named after its kind. */
function referenceKey(host: string, { key, parent }: Pick<Place, 'key' | 'parent'>, value: string): string {
  const cut = value.lastIndexOf('/')
  if (cut > 0 && value.length <= 256) {
    const before = value.slice(0, cut)
    return keyOf(
      host,
      singularOf(before.slice(before.lastIndexOf('/') + 1)).toLowerCase(),
      value.slice(cut + 1),
    )
  }
  const name = plainReference.test(key) ? parent : key.replace(/_?(?:id|Id|ID|ref|Ref|uuid|Uuid)$/, '')
  return keyOf(host, name.toLowerCase(), value.slice(0, 128))
}

/** The last two names of a path: `entry[].subject.reference` → `reference` in `subject`. */
function placeOf(path: string): Pick<Place, 'key' | 'parent'> {
  const names = path.replaceAll('[]', '').split('.')
  return { key: names.at(-1) ?? '', parent: names.at(-2) ?? '' }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The noun a placeholder stands behind: `/users/{id}` → `user`. */
function nounBefore(template: string, name: string): string {
  const at = template.indexOf(`/{${name}}`)
  if (at <= 0) return ''
  return singularOf(template.slice(template.lastIndexOf('/', at - 1) + 1, at))
}

const singularOf = (noun: string): string =>
  noun.endsWith('ies') ? `${noun.slice(0, -3)}y` : noun.endsWith('s') ? noun.slice(0, -1) : noun
