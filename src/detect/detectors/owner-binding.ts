import { attributeOf } from '../../baseline/attributes.ts'
import { eachLeaf, elementsAt, fieldHint, valuesAt } from '../../baseline/fields.ts'
import { isExempt, judgeValues } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { OwnerBinding } from '../../baseline/owner-binding.ts'
import { recordIdOf } from '../../baseline/record-id.ts'
import type { Json } from '../../call/content.ts'
import type { Identity } from '../../identity/identity.ts'
import { isProfilePath } from '../../identity/profile.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, EndpointId, PrincipalId } from '../../kit/id.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { Why } from '../tuning/why.ts'
import {
  counted,
  keyOfListed,
  methodOf,
  objectOf,
  plural,
  singular,
  subjectOf,
  verbOf,
  whoIs,
} from '../words.ts'

const dayMs = 86_400_000
/** Two reads that far apart are two visits. */
const revisitMs = 600_000
/** Records of a list whose owners are noted. */
const mostListed = 50

/** An answer from before its endpoint's owner was known. */
interface Unjudged {
  readonly access: Access
  readonly fields: ReadonlyMap<string, readonly string[]>
}

interface Access {
  readonly call: CallId
  readonly time: number
  readonly endpoint: EndpointId
  /** What the call is about, singular. */
  readonly noun: string
  readonly method: string
  readonly identity: Identity
  readonly object: { readonly type: string; readonly id: string; readonly key: string } | undefined
  readonly attempt: boolean
  readonly learning: boolean
}

interface Violation extends Access {
  readonly owner: string
  /** By what the object it belongs to is known, where the answer only refers to that. */
  readonly through?: string
  readonly binding: OwnerBinding
}

/** What one principal took at one endpoint, in one stretch of time. */
interface Taken {
  episode: number
  last: number
  readonly objects: Set<string>
  readonly owners: Set<string>
  readonly refused: Set<string>
  /** Foreign object → when it was first reached for. */
  readonly firsts: Map<string, number>
  held: Violation[]
  raised: boolean
}

interface Known {
  owner: string
  /** Other principals who read it in settled history. */
  readers: PrincipalId[]
  /** Its answers named each of several callers as the owner: what they name is who asks, and nobody owns it. */
  everybodys?: true
  /** What the owner is known by. */
  binding: OwnerBinding
}

/** Who acts on objects at an endpoint whose answers name no owner. */
interface Actors {
  readonly own: Set<PrincipalId>
  readonly cross: Set<PrincipalId>
}

class OwnerBindingRun implements DetectorRun {
  readonly #context: DetectContext
  #unjudged: BoundedMap<EndpointId, { entries: Unjudged[]; seen: number }>
  #objects: BoundedMap<string, Known>
  #grants: BoundedMap<string, true>
  #records: BoundedMap<string, Taken>
  /** Objects per endpoint that ordinary principals shared in settled history. */
  #sharing = new BoundedMap<EndpointId, Set<string>>(20_000)

  /** Principals per endpoint who returned to one or two objects of others, live. */
  #light = new BoundedMap<EndpointId, Set<PrincipalId>>(20_000)

  /** Owners that answers named to callers whose account's own name is not known, the first few. */
  #unnamed = new BoundedMap<PrincipalId, string[]>(20_000)

  #actors = new BoundedMap<EndpointId, Actors>(20_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#unjudged = new BoundedMap(context.option('bufferedEndpoints'))
    this.#objects = new BoundedMap(context.option('objects'))
    this.#grants = new BoundedMap(context.option('objects'))
    this.#records = new BoundedMap(context.option('principals'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.identity.kind === 'anonymous') return []
    const endpoint = o.match.endpoint
    const bindings = this.#context.owners.ofScope(endpoint, 'user')
    if (o.outcome !== 'success')
      return o.outcome === 'refused' && !o.learning ? this.#attempt(o, bindings) : []
    // Who renamed their account finds the new name in their own profile.
    if (o.call.request.query.length === 0 && isProfilePath(o.call.request.path)) return []
    const findings: Finding[] = []
    if (bindings.length === 0) {
      const derived = this.#context.owners.derivedOf(endpoint)
      const referred = derived.length === 0 ? undefined : this.#byReference(o, derived)
      if (referred !== undefined) return referred
      this.#keep(o)
      return this.#byObject(o)
    }
    const waiting = this.#unjudged.peek(endpoint)
    if (waiting !== undefined) {
      this.#unjudged.delete(endpoint)
      for (const { access, fields } of waiting.entries)
        findings.push(...this.#judge(access, bindings, field => fields.get(field) ?? []))
    }
    const content = o.call.response?.content
    const valuesOf = (field: string): readonly string[] => {
      if (field.startsWith('path:'))
        return o.match.params.filter(([name]) => name === field.slice(5)).map(([, value]) => value)
      return content?.kind === 'json' ? valuesAt(content.value, field) : []
    }
    const now = this.#judge(accessOf(o, false), bindings, valuesOf)
    return findings.length === 0 ? now : [...findings, ...now]
  }

  /** An answer that names no owner, and what it refers to belongs to somebody. */
  #byReference(o: Observation, derived: readonly OwnerBinding[]): readonly Finding[] | undefined {
    const content = o.call.response?.content
    if (content?.kind !== 'json') return undefined
    const { value } = content
    const { owners } = this.#context
    const keys = new Map<string, string>()
    let known = false
    for (const binding of derived) {
      const valuesOf = (field: string): readonly string[] =>
        owners.referred(o.match.endpoint, field, valuesAt(value, field.slice(4))).map(({ key, owner }) => {
          if (!keys.has(owner)) keys.set(owner, key)
          return owner
        })
      const verdict = judgeValues([binding], o.identity, valuesOf)
      if (verdict.owner === '') continue
      known = true
      if (!verdict.foreign) this.#listed(o, binding, value)
      const access = accessOf(o, false)
      if (access.object !== undefined && !this.#objects.has(access.object.key))
        this.#objects.set(access.object.key, { owner: verdict.owner, readers: [], binding })
      if (!verdict.foreign) continue
      const through = keys.get(verdict.owner)
      return this.#violation({
        ...access,
        owner: verdict.owner,
        binding,
        ...(through === undefined ? {} : { through }),
      })
    }
    return known ? [] : undefined
  }

  /** What a list shows of each record is whose that record is: of those that nobody opens by themselves too. */
  #listed(o: Observation, binding: OwnerBinding, value: Json): void {
    const { template, endpoint } = o.match
    const field = binding.field.slice(4)
    const cut = field.lastIndexOf('[].')
    if (cut < 0 || template.endsWith('}')) return
    for (const record of elementsAt(value, field.slice(0, cut), mostListed)) {
      const id = recordIdOf(record)
      if (id === undefined) continue
      const key = keyOfListed(o.match, id)
      if (this.#objects.peek(key) !== undefined) continue
      const [owned, other] = this.#context.owners.referred(
        endpoint,
        binding.field,
        valuesAt(record, field.slice(cut + 3)),
      )
      if (owned !== undefined && other === undefined)
        this.#objects.set(key, { owner: owned.owner, readers: [], binding })
    }
  }

  merged(from: EndpointId, to: EndpointId): void {
    const waiting = this.#unjudged.peek(from)
    if (waiting !== undefined) {
      this.#unjudged.delete(from)
      const target = this.#unjudged.ensure(to, () => ({ entries: [], seen: 0 }))
      target.entries = [...target.entries, ...waiting.entries].slice(-this.#context.option('buffered'))
    }
    const sharing = this.#sharing.peek(from)
    if (sharing !== undefined) {
      this.#sharing.delete(from)
      const target = this.#sharing.ensure(to, () => new Set())
      for (const object of sharing) if (target.size < 64) target.add(object)
    }
  }

  why(o: Observation): Why | undefined {
    if (o.identity.kind === 'anonymous') return undefined
    const { endpoint } = o.match
    const bindings = this.#context.owners.ofScope(endpoint, 'user')
    const [binding] = bindings
    if (binding === undefined)
      return {
        state: 'learning',
        text: `Whose the answers of ${endpoint} are is not known: no field of them was seen to name the caller often enough.`,
      }
    if (bindings.some(one => isExempt(one, o.identity)))
      return {
        state: 'exempt',
        text: `${whoIs(o.identity)} may read what belongs to others here, by role (${o.identity.roles.join(', ') || o.identity.kind}).`,
      }
    const record = this.#records.peek(`${o.identity.principal}\0${endpoint}`)
    const value = record === undefined ? 0 : record.objects.size + record.held.length
    const known = `${binding.field} names the owner (${binding.seen} answers of ${counted(binding.principals, 'principal')})`
    if (record !== undefined && record.held.length > 0)
      return {
        state: 'below',
        text: `${known}. People are seen to share such objects here: what one takes of others waits until it is ${this.#context.option('heldRecent')} in a day.`,
        ...{ value, threshold: this.#context.option('heldRecent'), unit: 'objects of others' },
      }
    return {
      state: 'below',
      text: `${known}, and this call is about nothing of somebody else's, or about what the caller was given.`,
      ...{ value, threshold: 1, unit: 'objects of others' },
    }
  }

  size(): number {
    return (
      this.#actors.size + this.#objects.size + this.#grants.size + this.#records.size + this.#unjudged.size
    )
  }

  /** Keeps the telling fields of an answer until its endpoint's owner is learned. */
  #keep(o: Observation): void {
    const waiting = this.#unjudged.ensure(o.match.endpoint, () => ({ entries: [], seen: 0 }))
    waiting.seen += 1
    // What was not learned from that many answers is not about to be.
    if (waiting.seen > this.#context.option('patience')) {
      waiting.entries = []
      return
    }
    const fields = new Map<string, string[]>()
    const content = o.call.response?.content
    const note = (path: string, value: string, key: string, parent: string): void => {
      if (fields.size >= 12 || value.length > 128 || fieldHint(key, parent) !== 'user') return
      const values = fields.get(path)
      if (values === undefined) fields.set(path, [value])
      else if (values.length < 8 && !values.includes(value)) values.push(value)
    }
    if (content?.kind === 'json') eachLeaf(content.value, note)
    for (const [name, value] of o.match.params) if (value.length <= 128) fields.set(`path:${name}`, [value])
    if (fields.size === 0) return
    waiting.entries.push({ access: accessOf(o, false), fields })
    if (waiting.entries.length > this.#context.option('buffered')) waiting.entries.shift()
  }

  #judge(
    access: Access,
    bindings: readonly OwnerBinding[],
    valuesOf: (field: string) => readonly string[],
  ): readonly Finding[] {
    const identity = this.#named(access, bindings, valuesOf)
    const verdict = judgeValues(bindings, identity, valuesOf)
    if (verdict.owner === '') return []
    const { object } = access
    const binding = bindings.find(({ field }) => valuesOf(field).includes(verdict.owner)) ?? bindings[0]
    if (binding === undefined) return []
    // An object named by the caller's own name (`/users/alice/cart`) says nothing new about itself.
    if (object !== undefined && !binding.field.startsWith('path:')) {
      const known = this.#objects.get(object.key)
      if (known === undefined) this.#objects.set(object.key, { owner: verdict.owner, readers: [], binding })
      else if (known.owner !== verdict.owner) {
        // By another claim the same person has another name.
        if (
          known.binding.claim === binding.claim &&
          attributeOf(access.identity, binding.claim) === verdict.owner
        )
          known.everybodys = true
        known.owner = verdict.owner
      }
    }
    if (!verdict.foreign) return []
    return this.#violation({ ...access, owner: verdict.owner, binding })
  }

  /**
   * A caller whose account's name nobody knows yet (its profile was not asked for) has one all the same: of several that its answers
   * name at most one is its own.
   */
  #named(
    { identity }: Access,
    bindings: readonly OwnerBinding[],
    valuesOf: (field: string) => readonly string[],
  ): Identity {
    if (identity.names !== undefined || identity.kind !== 'user') return identity
    const binding = bindings.find(({ claim }) => claim === 'account')
    if (binding === undefined) return identity
    const seen = this.#unnamed.ensure(identity.principal, () => [])
    for (const value of valuesOf(binding.field))
      if (seen.length < 8 && !seen.includes(value)) seen.push(value)
    const [first] = seen
    return first === undefined || seen.length < this.#context.option('unnamedOwners')
      ? identity
      : { ...identity, names: [first] }
  }

  /** A refused call for something that is known to be somebody else's. */
  #attempt(o: Observation, bindings: readonly OwnerBinding[]): readonly Finding[] {
    const path = bindings.find(({ field }) => field.startsWith('path:'))
    const access = accessOf(o, true)
    if (path !== undefined) {
      const verdict = judgeValues([path], o.identity, field =>
        o.match.params.filter(([name]) => name === field.slice(5)).map(([, value]) => value),
      )
      return verdict.foreign ? this.#violation({ ...access, owner: verdict.owner, binding: path }) : []
    }
    if (access.object === undefined) return []
    const known = this.#objects.get(access.object.key)
    if (known === undefined || known.everybodys === true) return []
    const binding = bindings[0] ?? known.binding
    const verdict = judgeValues([binding], o.identity, () => [known.owner])
    return verdict.foreign ? this.#violation({ ...access, owner: known.owner, binding }) : []
  }

  /**
   * A call whose answer names no owner (a change, a deletion), on an object whose owner other endpoints name. Judged
   * where people act on what is theirs, not where acting on others' objects is the purpose (a like, a shipment).
   */
  #byObject(o: Observation): readonly Finding[] {
    const access = accessOf(o, false)
    if (access.object === undefined) return []
    const known = this.#objects.get(access.object.key)
    if (known === undefined || known.everybodys === true) return []
    const actors = this.#actors.ensure(access.endpoint, () => ({ own: new Set(), cross: new Set() }))
    const { foreign } = judgeValues([this.#anywhere(known.binding)], o.identity, () => [known.owner])
    const side = foreign ? actors.cross : actors.own
    if (side.size < 256) side.add(o.identity.principal)
    if (!foreign) return []
    const needed = this.#context.option('ownActors')
    if (actors.own.size < needed || actors.cross.size > Math.max(1, 0.2 * actors.own.size)) return []
    return this.#violation({ ...access, owner: known.owner, binding: known.binding })
  }

  /** Who may cross at one endpoint by what its answers refer to may do so where they say nothing. */
  #anywhere(binding: OwnerBinding): OwnerBinding {
    const { endpoint, field, claim, exemptRoles } = binding
    if (!field.startsWith('via:')) return binding
    return {
      ...binding,
      exemptRoles: [...exemptRoles, ...this.#context.owners.crossersOf(endpoint, field, claim)],
    }
  }

  #violation(violation: Violation): readonly Finding[] {
    const { identity, endpoint } = violation
    const target = targetOf(violation)
    const grant = `${identity.principal}\0${target}`
    if (violation.learning) {
      this.#grants.set(grant, true)
      const known = this.#objects.get(target)
      if (known !== undefined && known.readers.length < 8 && !known.readers.includes(identity.principal))
        known.readers.push(identity.principal)
      const sharing = this.#sharing.ensure(endpoint, () => new Set())
      if (sharing.size < 64) sharing.add(target)
      return []
    }
    if (this.#grants.get(grant) !== undefined) return []
    const record = this.#records.ensure(`${identity.principal}\0${endpoint}`, () => ({
      episode: violation.time,
      last: violation.time,
      objects: new Set(),
      owners: new Set(),
      refused: new Set(),
      firsts: new Map(),
      held: [],
      raised: false,
    }))
    const again = record.firsts.has(target)
    // The same object once more is the same story; only another one after a quiet day begins a new one.
    if (violation.time - record.last > dayMs && record.raised && !again) {
      record.episode = violation.time
      record.objects.clear()
      record.owners.clear()
      record.refused.clear()
      record.raised = false
    }
    if (!again && record.firsts.size < 1_000) record.firsts.set(target, violation.time)
    this.#lightly(violation, record, target)
    record.last = Math.max(record.last, violation.time)
    if (!record.raised && this.#holds(violation, record, target)) return []
    record.raised = true
    const raised = [...record.held, violation]
    record.held = []
    const findings: Finding[] = []
    const done = raised.filter(({ attempt }) => !attempt)
    const refused = raised.filter(({ attempt }) => attempt)
    if (done.length > 0) findings.push(this.#finding(done, record, false))
    if (refused.length > 0) findings.push(this.#finding(refused, record, true))
    return findings
  }

  /** Remembers who keeps returning to one or two objects of others: the mark of a share, not of a raid. */
  #lightly(violation: Violation, record: Taken, target: string): void {
    const { endpoint, identity } = violation
    const light = this.#light.ensure(endpoint, () => new Set())
    if (record.firsts.size > 2) light.delete(identity.principal)
    else if (
      light.size < 1_000 &&
      violation.time - (record.firsts.get(target) ?? violation.time) >= revisitMs
    )
      light.add(identity.principal)
  }

  /**
   * Where people are seen to share such objects, one foreign object read by one person may be the next share: it waits
   * until the same person reaches for another, and counts as shared when a day passes without.
   */
  #holds(violation: Violation, record: Taken, target: string): boolean {
    const { endpoint, time, method } = violation
    if (method !== 'GET' && method !== 'HEAD') return false
    const settled = this.#objects.peek(target)
    const open = settled !== undefined && settled.readers.length >= this.#context.option('openReaders')
    const shares =
      (this.#sharing.peek(endpoint)?.size ?? 0) >= this.#context.option('sharedObjects') ||
      (this.#light.peek(endpoint)?.size ?? 0) >=
        Math.max(this.#context.option('lightReaders'), 0.1 * violation.binding.principals)
    if (!open && !shares) return false
    const first = record.firsts.get(target) ?? time
    if (time - first > dayMs) {
      this.#grants.set(`${violation.identity.principal}\0${target}`, true)
      record.held = record.held.filter(held => targetOf(held) !== target)
      return true
    }
    let recent = 0
    let total = 0
    for (const at of record.firsts.values()) {
      if (time - at <= dayMs) recent += 1
      if (time - at <= this.#context.option('holdDays') * dayMs) total += 1
    }
    if (recent >= this.#context.option('heldRecent') || total >= this.#context.option('heldTotal'))
      return false
    if (record.held.length < 64) record.held.push(violation)
    return true
  }

  #finding(violations: readonly Violation[], record: Taken, attempt: boolean): Finding {
    const objects: string[] = []
    for (const { object, owner } of violations) {
      const target = object?.key ?? owner
      const seen = attempt ? record.refused : record.objects
      if (seen.size < 10_000) seen.add(target)
      if (!attempt && record.owners.size < 10_000) record.owners.add(owner)
      objects.push(object === undefined ? `owner:${owner}` : `${object.type}:${object.id}`)
    }
    const last = violations.at(-1) as Violation
    const count = attempt ? record.refused.size : record.objects.size
    const noun = last.noun
    return {
      message: attempt ? 'attempted' : 'took',
      observed: {
        who: whoIs(last.identity),
        verb: attempt ? tryOf(last.method) : verbOf(last.method),
        what: counted(count, noun),
        belong: count === 1 ? 'belongs' : 'belong',
        whom:
          attempt || record.owners.size === 1
            ? `user ${last.owner}`
            : counted(record.owners.size, 'other user'),
        objects: count,
        owners: attempt ? 1 : record.owners.size,
        noun: count === 1 ? singular(noun) : plural(noun),
      },
      expected: {
        owner: `${last.binding.field} is the caller's own ${last.binding.claim}`,
        agreement: last.binding.agreement,
        calls: last.binding.seen,
        principals: last.binding.principals,
      },
      attempt,
      confidence: attempt ? Math.min(0.8, 0.5 + 0.05 * count) : Math.min(0.99, 0.85 + 0.02 * count),
      severity: attempt
        ? count >= 5
          ? 'medium'
          : 'low'
        : count >= 20 || last.method !== 'GET'
          ? 'critical'
          : 'high',
      principal: last.identity.principal,
      ...(last.identity.tenant === undefined ? {} : { tenant: last.identity.tenant }),
      endpoint: last.endpoint,
      evidence: violations.map(({ call }) => call),
      objects,
      key: `${last.identity.principal}\0${last.endpoint}\0${record.episode}\0${attempt ? 'attempt' : 'success'}`,
    }
  }

  save() {
    return {
      unjudged: this.#unjudged,
      objects: this.#objects,
      grants: this.#grants,
      records: this.#records,
      sharing: this.#sharing,
      light: this.#light,
      actors: this.#actors,
      unnamed: this.#unnamed,
    }
  }

  load(saved: ReturnType<OwnerBindingRun['save']>): void {
    this.#unjudged = saved.unjudged
    this.#objects = saved.objects
    this.#grants = saved.grants
    this.#records = saved.records
    this.#sharing = saved.sharing
    this.#light = saved.light
    this.#actors = saved.actors
    this.#unnamed = saved.unnamed
  }
}

/** What somebody may have been given: the object, what it belongs to, or all of an owner at an endpoint. */
const targetOf = ({ through, object, endpoint, owner }: Violation): string =>
  through ?? object?.key ?? `${endpoint}\0${owner}`

const tryOf = (method: string): string =>
  method === 'GET' || method === 'HEAD'
    ? 'read'
    : method === 'PUT' || method === 'PATCH'
      ? 'change'
      : method === 'DELETE'
        ? 'delete'
        : 'act on'

function accessOf(o: Observation, attempt: boolean): Access {
  return {
    call: o.call.id,
    time: o.call.time,
    endpoint: o.match.endpoint,
    noun: subjectOf(o.match),
    method: methodOf(o),
    identity: o.identity,
    object: objectOf(o.match),
    attempt,
    learning: o.learning,
  }
}

/** People read their own record and what refers to it; staff read some of what nobody else opens, and delete. */
const people = 'alice,bob,carol,dave'
const clinic = `learn ${people} roles=patient GET /Patient/{self} every 5s x 3 -> 200 {"id":"{self}","owner":"{self}"}
learn ${people} roles=patient GET /Patient/{self} every 5s x 3 -> 200 {"id":"{self}","owner":"{self}"}
learn ${people} roles=patient GET /Prescription/{self}-{1..5} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/{self}"}}
learn ${people} roles=patient GET /Observation every 5s x 5 -> 200 {"entry":[{"id":"{self}-o1","subject":{"reference":"Patient/{self}"}}]}
learn nina,nils,nora roles=nurse GET /Prescription/{alice-1|bob-2|carol-3} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/alice"}}
learn nina,nils,nora roles=nurse DELETE /Observation/{dave-o1} every 5s -> 204
learn quin roles=quality GET /Encounter/{bob}-{1..3} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/bob"}}`

export const ownerBinding = defineDetector({
  id: 'owner-binding',
  title: 'Objects of other users',
  summary:
    "Learns which field of an answer names its owner, and that it is always the caller. A call whose answer (or path) names somebody else is an access to another user's object, from the first one on.",
  family: 'authorization',
  severity: 'high',
  owasp: ['API1:2023'],
  attack: ['T1213', 'T1530', 'T1190'],
  options: {
    principals: { default: 50_000, reason: 'Principals with foreign accesses remembered; about 1 KiB each.' },
    objects: {
      default: 200_000,
      reason: 'Objects whose owner, and pairs whose sharing, is remembered; about 100 bytes each.',
    },
    buffered: {
      default: 128,
      reason: 'Answers kept per endpoint until its owner is learned: learning takes 8 to 200.',
    },
    patience: {
      default: 1_000,
      reason: 'An owner that was not learned from a thousand answers is not about to be.',
    },
    bufferedEndpoints: { default: 2_000, reason: 'Endpoints that wait for their owner to be learned.' },
    ownActors: {
      default: 3,
      reason: 'Three people who change what is theirs show that this endpoint is for the owner.',
    },
    openReaders: {
      default: 3,
      reason: 'An object that this many others read in settled history is shared, not private.',
    },
    sharedObjects: {
      default: 3,
      reason: 'Three shared objects in settled history show that people share here.',
    },
    lightReaders: {
      default: 4,
      reason:
        'Four people, and a tenth of all, who keep returning to one or two objects of others: sharing is part of the product.',
    },
    unnamedOwners: {
      default: 3,
      reason:
        'Three owners in answers to a caller whose own account is not known yet: two of them are others.',
    },
    heldRecent: {
      default: 2,
      reason: 'Where people share, two foreign objects within a day are no longer one new share.',
    },
    heldTotal: { default: 3, reason: 'Nor are three within the hold.' },
    holdDays: { default: 7, reason: 'A week: a slow reader takes more than one object in it.' },
  },
  messages: {
    took: '{who} {verb} {what} that {belong} to {whom}.',
    attempted: '{who} tried to {verb} {what} that {belong} to {whom}, and was refused.',
  },
  whenNotAnAttack:
    'The caller was given access by the owner in a way the answers do not show (a share, a delegation, a support case), or the field names an author rather than an owner.',
  examples: {
    fires: [
      `learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}
mallory GET /orders/{bob}-{1..3} every 5s -> 200 {"id":"{id}","owner":"bob"}`,
      `learn alice,bob,carol,dave GET /Patient/{self} every 5s x 3 -> 200 {"id":"{self}","telecom":[{"value":"+1555"},{"value":"{self}@mail.example"}],"owner":"{self}"}
learn alice,bob,carol,dave GET /Patient/{self} every 5s x 3 -> 200 {"id":"{self}","telecom":[{"value":"+1555"},{"value":"{self}@mail.example"}],"owner":"{self}"}
learn alice,bob,carol,dave GET /Observation/{self}-{1..5} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/{self}"}}
mallory GET /Observation/{bob}-{1..3} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/bob"}}`,
      `learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}
learn alice,bob,carol,dave DELETE /orders/{self}-{5} -> 204
mallory DELETE /orders/{bob}-{1} -> 204`,
      `${clinic}
mallory roles=patient GET /Encounter/{bob}-{1..3} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/bob"}}`,
      `${clinic}
mallory roles=patient DELETE /Observation/{dave-o1} -> 204`,
    ],
    quiet: [
      `${clinic}
quin roles=quality GET /Encounter/{carol}-{1..3} every 5s -> 200 {"id":"{id}","subject":{"reference":"Patient/carol"}}
nina roles=nurse GET /Encounter/{carol}-{4} -> 200 {"id":"{id}","subject":{"reference":"Patient/carol"}}
carol roles=patient GET /Encounter/{carol}-{4} -> 200 {"id":"{id}","subject":{"reference":"Patient/carol"}}
nora roles=nurse DELETE /Observation/{dave-o1} -> 204`,
      `learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}
alice GET /orders/{alice}-{1..5} every 5s -> 200 {"id":"{id}","owner":"alice"}`,
      `learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}
sam roles=support GET /orders/{bob}-{1..5} every 5s -> 200 {"id":"{id}","owner":"bob"}`,
      `learn alice,bob,carol,dave GET /teams/{self}-{1..5} every 5s -> 200 {"id":"{id}","email":"{self}"}
learn carol GET /teams/{dave}-{1} -> 200 {"id":"{id}","email":"carol"}
learn dave GET /teams/{dave}-{1} -> 200 {"id":"{id}","email":"dave"}
alice,bob,dave GET /teams/{self}-{2}/roadmap every 5s -> 200 {"quarter":"2026-Q2"}
carol GET /teams/{dave}-{1}/roadmap -> 200 {"quarter":"2026-Q2"}`,
    ],
  },
  create: context => new OwnerBindingRun(context),
})
