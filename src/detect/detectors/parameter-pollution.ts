import { longestList, recordsOf } from '../../baseline/answer-size.ts'
import { isOwnName } from '../../baseline/attributes.ts'
import { eachLeaf, fieldHint } from '../../baseline/fields.ts'
import { judgeOwner } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import { recordIdOf } from '../../baseline/record-id.ts'
import { isPrivileged } from '../../baseline/role-matrix.ts'
import type { Json } from '../../call/content.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { memo } from '../../kit/memo.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

/** Records of an answer that are looked up. */
const mostLooked = 20

/** One name with values that differ, and where they stood. */
interface Conflict {
  readonly name: string
  readonly places: readonly string[]
  readonly values: readonly string[]
}

class ParameterPollutionRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Endpoint and name → who sent it with several values: some make it a list. */
  readonly #ordinary: BoundedMap<string, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('principals') })
    this.#ordinary = new BoundedMap(context.option('places'))
  }

  observe(o: Observation): readonly Finding[] {
    const conflict = conflictOf(o)
    if (conflict === undefined) return this.#inName(o)
    const senders = this.#ordinary.ensure(
      `${o.match.endpoint}\0${conflict.name}\0${conflict.places.join()}`,
      () => new Set(),
    )
    const ordinary = senders.size >= this.#context.option('ordinary')
    if (senders.size < 16 && o.outcome === 'success') senders.add(o.identity.principal)
    if (
      o.learning ||
      ordinary ||
      (o.outcome !== 'success' && o.outcome !== 'refused' && o.outcome !== 'invalid')
    )
      return []
    const followed = o.outcome === 'success' ? this.#followed(o, conflict) : undefined
    const stretch = this.#stretches.step(
      `${o.identity.principal}\0${o.match.endpoint}\0${followed === undefined ? 'tried' : 'followed'}`,
      o.call.time,
      o.call.id,
    )
    return [
      {
        message: followed === undefined ? 'tried' : 'followed',
        observed: {
          who: whoIs(o.identity),
          what: counted(stretch.count, 'call'),
          name: conflict.name,
          places: conflict.places.join(' and '),
          values: conflict.values,
          answered: followed ?? '',
          endpoint: o.match.endpoint,
        },
        expected: { values: `one value for ${conflict.name}` },
        attempt: followed === undefined,
        confidence: followed === undefined ? 0.6 : 0.95,
        severity: followed === undefined ? 'low' : 'high',
        ...blame(o),
        evidence: toTell(stretch),
        objects: conflict.values.map(value => `${conflict.name}:${value}`),
        key: `${o.identity.principal}\0${o.match.endpoint}\0${stretch.from}\0${followed === undefined ? 'tried' : 'followed'}`,
      },
    ]
  }

  /** One value, of somebody whom the caller never heard of, where nobody of its group asks in another's name. */
  #inName(o: Observation): readonly Finding[] {
    const { identity, match, call } = o
    if (o.outcome !== 'success' || identity.kind !== 'user' || match.operation !== undefined) return []
    const group = this.#context.roles.groupOf(o)
    if (isPrivileged(group)) return []
    const asked = call.request.query.find(
      ([name, value]) =>
        fieldHint(name) === 'user' &&
        value !== '' &&
        value.length <= 128 &&
        !isOwnName(identity, value) &&
        this.#context.grants.has(o, value) === false,
    )
    if (asked === undefined) return []
    const [name, value] = asked
    const place = `${match.endpoint}\0${name}\0${group}`
    if (o.learning || this.#context.baseline.trusted(identity.principal)) {
      const senders = this.#ordinary.ensure(place, () => new Set())
      if (o.learning && senders.size < 16) senders.add(identity.principal)
      if (senders.size >= this.#context.option('ordinary')) return []
    }
    if (o.learning) return []
    const key = `${identity.principal}\0${place}`
    const stretch = this.#stretches.step(key, call.time, call.id, value)
    if (!this.#isNew(o) || (!stretch.raised && stretch.things.length < this.#context.option('strangers')))
      return []
    const count = stretch.things.length
    return [
      {
        message: 'named',
        observed: {
          who: whoIs(identity),
          what: counted(count, 'other user'),
          name,
          endpoint: match.endpoint,
          records: recordsOf(call),
        },
        expected: { values: `${name} is the caller's own, or of somebody it was told of` },
        attempt: false,
        confidence: Math.min(0.95, 0.84 + 0.01 * count),
        severity: 'high',
        ...blame(o),
        evidence: toTell(stretch),
        objects: [`${name}:${value}`],
        key: `${key}\0${stretch.from}`,
      },
    ]
  }

  /** Whether what came back had mostly never come to the caller. */
  #isNew(o: Observation): boolean {
    const content = o.call.response?.content
    const list = content?.kind === 'json' ? longestList(content.value) : undefined
    let fresh = 0
    let looked = 0
    for (const record of (list ?? []).slice(0, mostLooked)) {
      const id = recordIdOf(record)
      if (id === undefined) continue
      looked += 1
      if (this.#context.grants.has(o, id) === false) fresh += 1
    }
    return fresh > 0.5 * looked
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, senders] of [...this.#ordinary.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#ordinary.delete(key)
      this.#ordinary.set(`${to}${key.slice(from.length)}`, senders)
    }
  }

  size(): number {
    return this.#stretches.size + this.#ordinary.size
  }

  save(): unknown {
    return [this.#stretches, this.#ordinary]
  }

  load(saved: unknown): void {
    const [stretches, ordinary] = saved as readonly [Stretches, BoundedMap<string, Set<string>>]
    this.#stretches.adopt(stretches)
    this.#ordinary.adopt(ordinary)
  }

  /** The foreign value that the answer is about; undefined where it is about the caller's own, or about neither. */
  #followed(o: Observation, { values }: Conflict): string | undefined {
    const content = o.call.response?.content
    if (content?.kind !== 'json') return undefined
    const bindings = this.#context.owners.of(o.match.endpoint)
    const verdict = judgeOwner(bindings, content, o.identity, o.match.params)
    if (verdict.foreign || verdict.foreignTenant) return verdict.foreign ? verdict.owner : verdict.tenant
    if (bindings.length > 0) return undefined
    const shown = new Set<string>()
    eachLeaf(content.value, (_path, value) => {
      if (values.includes(value)) shown.add(value)
    })
    const own = values.filter(value => isOwnName(o.identity, value))
    const foreign = [...shown].filter(value => !own.includes(value))
    // Both of two foreign values shown is a list; one of them is what was asked for unless the other is the caller's own.
    return own.length > 0 && foreign.length > 0 && !own.some(value => shown.has(value))
      ? foreign[0]
      : undefined
  }
}

/** Names whose value decides whose things are asked for: one call has one. */
const decides = memo((name): boolean => {
  if (/\[\]?$|^(?:ids?|_id)$/i.test(name)) return /^(?:_?id)$/i.test(name)
  return fieldHint(name) !== undefined || /[a-z](?:Id|_id|-id)$/.test(name)
})

const foldName = memo(name => name.toLowerCase().replace(/[-_]/g, ''))

/** The first such name with different values: twice in the query, or in two of path, query and body. */
function conflictOf(o: Observation): Conflict | undefined {
  const { request } = o.call
  /** Few: a request names one or two. */
  const found: {
    readonly folded: string
    readonly places: string[]
    readonly values: string[]
    readonly name: string
  }[] = []
  const note = (name: string, place: string, value: Json | undefined): void => {
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return
    const text = String(value)
    if (text.length > 128 || !decides(name) || found.length >= 64) return
    const folded = foldName(name)
    const entry = found.find(one => one.folded === folded)
    if (entry === undefined) found.push({ folded, places: [place], values: [text], name })
    else if (entry.values.length < 4) {
      if (!entry.places.includes(place)) entry.places.push(place)
      if (!entry.values.includes(text)) entry.values.push(text)
    }
  }
  if (o.match.operation === undefined) for (const [name, value] of o.match.params) note(name, 'path', value)
  for (const [name, value] of request.query) note(name, 'query', value)
  const { content } = request
  if (
    (content.kind === 'json' || content.kind === 'form') &&
    content.value !== null &&
    typeof content.value === 'object' &&
    !Array.isArray(content.value)
  )
    for (const name in content.value as { readonly [key: string]: Json }) {
      const value = (content.value as { readonly [key: string]: Json })[name]
      if (Array.isArray(value) && content.kind === 'form')
        for (const one of value as readonly Json[]) note(name, 'body', one)
      else note(name, 'body', value)
    }
  for (const { name, places, values } of found) if (values.length > 1) return { name, places, values }
  return undefined
}

export const parameterPollution = defineDetector({
  id: 'parameter-pollution',
  title: 'A parameter that speaks for somebody else',
  summary:
    'A parameter that says whose things are asked for comes twice, or in two places of a request, with different values: one for the check, one for the query. When the answer is about the foreign one, the check was passed by. The same where it comes once, with one stranger after the other.',
  family: 'authorization',
  severity: 'medium',
  owasp: ['API1:2023', 'API8:2023'],
  attack: ['T1190'],
  options: {
    ordinary: { default: 3, reason: 'Three callers who send several values there: the parameter is a list.' },
    strangers: {
      default: 2,
      reason: 'Two people whom nothing led to: the first may be an own name that nobody told us.',
    },
    principals: { default: 20_000, reason: 'Callers with such calls remembered; about 400 bytes each.' },
    places: { default: 10_000, reason: 'Endpoints and names with several values remembered.' },
  },
  messages: {
    tried: '{who} sent {name} with different values in {places} in {what} to {endpoint}.',
    followed:
      '{who} sent {name} with different values in {places} in {what} to {endpoint}, and the answer is about {answered}.',
    named:
      '{who} asked {endpoint} in the name of {what} that nothing had led to ({name}), and was given what had never come to them.',
  },
  whenNotAnAttack: 'A client that repeats a parameter by mistake, or an endpoint that takes several.',
  examples: {
    fires: [
      'mallory GET /orders?userId=mallory&userId=alice -> 200 {"userId":"alice","orders":[{"id":7}]}',
      `learn ann,bob,carol GET /notes -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"}]}
wait 1d
mallory GET /notes -> 200 {"items":[{"id":"mallory-a"}]}
mallory GET /notes?ownerId=bob -> 200 {"items":[{"id":"bob-a"},{"id":"bob-b"}]}
mallory GET /notes?ownerId=carol -> 200 {"items":[{"id":"carol-a"},{"id":"carol-b"}]}`,
      'mallory POST /transfers?accountId=alice body={"accountId":"mallory"} -> 403',
    ],
    quiet: [
      `ann GET /members -> 200 {"items":[{"userId":"bob"},{"userId":"carol"}]}
ann GET /notes?userId=bob -> 200 {"items":[{"id":"n-1"}]}
ann GET /notes?userId=carol -> 200 {"items":[{"id":"n-2"}]}`,
      `alice GET /orders?userId=alice&status=open&status=paid -> 200 {"userId":"alice"}
bob GET /orders?userId=bob -> 200 {"userId":"bob"}
carol PUT /users/{carol} body={"userId":"carol"} -> 200 {"userId":"carol"}`,
    ],
  },
  create: context => new ParameterPollutionRun(context),
})
