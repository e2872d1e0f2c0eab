import { eachField, fieldAt, othersWho, type SideRecord, typeBit } from '../../baseline/field-use.ts'
import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const hourMs = 3_600_000

/** Names of the parameters of answered calls. Plain data. */
interface Queries {
  calls: number
  readonly names: Set<number>
}

class SchemaViolationRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #queries: BoundedMap<EndpointId, Queries>
  /** Different violations by caller, those that broke the server, and what else the caller did meanwhile. */
  readonly #violations: Stretches
  readonly #broken: Stretches
  readonly #accepted: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#queries = new BoundedMap(context.option('endpoints'))
    const limits = { most: context.option('callers'), gapMs: hourMs, lengthMs: 24 * hourMs, things: 128 }
    this.#violations = new Stretches(limits)
    this.#broken = new Stretches(limits)
    this.#accepted = new Stretches({ ...limits, calls: 2 })
  }

  observe(o: Observation): readonly Finding[] {
    const found = o.learning || o.match.operation !== undefined ? [] : this.#violationsOf(o)
    this.#learn(o)
    if (found.length === 0) return []
    const caller = callerOf(o)
    let stretch: Stretch | undefined
    for (const what of found.slice(0, 8))
      stretch = this.#violations.step(caller, o.call.time, o.call.id, `${o.match.endpoint}\0${what}`)
    if (stretch === undefined) return []
    const broken =
      o.outcome === 'failed'
        ? this.#broken.step(caller, o.call.time, o.call.id, `${o.match.endpoint}\0${found[0]}`)
        : this.#broken.at(caller, o.call.time)
    if (o.outcome === 'success') this.#accepted.step(caller, o.call.time, o.call.id)
    if (stretch.things.length < this.#context.option('violations')) return []
    const breaks = broken.things.length >= this.#context.option('broken')
    const calls = toTell(stretch)
    // What breaks the schema and is accepted all the same is stored.
    const accepted = this.#accepted.peek(caller)?.count ?? 0
    return [
      {
        message: breaks ? 'broke' : accepted > 0 ? 'accepted' : 'tried',
        observed: {
          who: whoIs(o.identity),
          violations: stretch.things.length,
          what: counted(stretch.things.length, 'different way'),
          errors: counted(broken.things.length, 'server error'),
          last: found[0] ?? '',
          endpoint: o.match.endpoint,
        },
        expected: { violations: 'none: callers send what others send' },
        attempt: !breaks && accepted === 0,
        confidence: Math.min(0.95, 0.7 + 0.005 * stretch.things.length),
        severity: breaks || accepted > 0 ? 'medium' : 'low',
        ...blame(o),
        evidence: calls,
        key: `${caller}\0${stretch.from}`,
      },
    ]
  }

  merged(from: EndpointId, to: EndpointId): void {
    const queries = this.#queries.peek(from)
    if (queries === undefined || from === to) return
    this.#queries.delete(from)
    if (!this.#queries.has(to)) this.#queries.set(to, queries)
  }

  size(): number {
    return this.#queries.size + this.#violations.size + this.#broken.size + this.#accepted.size
  }

  save(): unknown {
    return [this.#queries, this.#violations, this.#broken, this.#accepted]
  }

  load(saved: unknown): void {
    const [queries, violations, broken, accepted] = saved as readonly [
      BoundedMap<EndpointId, Queries>,
      Stretches,
      Stretches,
      Stretches,
    ]
    this.#queries.adopt(queries)
    this.#violations.adopt(violations)
    this.#broken.adopt(broken)
    this.#accepted.adopt(accepted)
  }

  /** How this request differs from those that were answered: unknown fields and query names, other types, missing bodies. */
  #violationsOf(o: Observation): readonly string[] {
    const { request } = o.call
    const found: string[] = []
    const side = this.#context.fields.request(o.match.endpoint)
    if (this.#knows(side, o)) {
      const { content } = request
      if (content.kind === 'json' || content.kind === 'form')
        eachField(content.value, (path, value) => {
          const known = fieldAt(side, path)
          if (known === undefined) found.push(`unknown field ${path}`)
          else {
            const bit = typeBit(value)
            if (bit !== 0 && (known.types & bit) === 0 && known.seen >= 10)
              found.push(`${path} is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`)
          }
        })
      else if (content.kind === 'malformed') found.push('malformed body')
      else if (content.kind === 'empty') found.push('no body')
    }
    const queries = this.#queries.peek(o.match.endpoint)
    if (queries !== undefined && queries.calls >= this.#context.option('messages'))
      for (const [name] of request.query)
        if (!queries.names.has(hash32(name))) found.push(`unknown parameter ${name.slice(0, 64)}`)
    // A caller that is answered sends what a new version of a client sends; nobody refuses it.
    return o.outcome === 'success' && found.length < 3 ? [] : found
  }

  #knows(side: SideRecord | undefined, o: Observation): boolean {
    return (
      side !== undefined &&
      side.messages >= this.#context.option('messages') &&
      othersWho(side, o) >= this.#context.option('senders')
    )
  }

  #learn(o: Observation): void {
    if (o.outcome !== 'success') return
    const queries = this.#queries.ensure(o.match.endpoint, () => ({ calls: 0, names: new Set() }))
    queries.calls += 1
    for (const [name] of o.call.request.query) {
      const mark = hash32(name)
      if (queries.names.has(mark) || queries.names.size < 128) queries.names.add(mark)
    }
  }
}

export const schemaViolation = defineDetector({
  id: 'schema-violation',
  title: 'One caller breaks the schema in many ways',
  summary:
    'Compares what a caller sends with what others sent and were answered: unknown fields and parameters, other types, broken bodies. Many different violations by one caller are a fuzzer; when the server breaks over them, it found something.',
  family: 'automation',
  severity: 'low',
  owasp: ['API8:2023', 'API9:2023'],
  attack: ['T1595.002'],
  options: {
    violations: {
      default: 12,
      reason: 'Twelve different violations: a wrong client repeats the same one or two.',
    },
    broken: { default: 3, reason: 'Three different inputs that the server could not handle.' },
    messages: { default: 20, reason: 'Twenty answered requests show what an endpoint takes.' },
    senders: { default: 3, reason: 'Of three others at least.' },
    callers: { default: 20_000, reason: 'Callers with violations remembered; about 700 bytes each.' },
    endpoints: { default: 20_000, reason: 'Endpoints whose parameters are remembered.' },
  },
  messages: {
    tried: '{who} broke the schema of requests in {what}, the last at {endpoint}: {last}.',
    accepted:
      '{who} broke the schema of requests in {what}, some of it was accepted; the last at {endpoint}: {last}.',
    broke: '{who} broke the schema of requests in {what} and got {errors}, the last at {endpoint}: {last}.',
  },
  whenNotAnAttack: 'Your own tests or a contract checker, or somebody who develops against the API.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave POST /orders body={"sku":"a","count":2} x 6 -> 201 {"id":1}
mallory POST /orders body={"sku":{"$gt":""},"count":[1],"x{n}":1} every 2s x 6 -> 400
mallory POST /orders body={"sku":1,"count":"y","y{n}":[{}]} every 2s x 8 -> 500`,
    ],
    quiet: [
      `learn ann,bob,carol,dave POST /orders body={"sku":"a","count":2} x 6 -> 201 {"id":1}
eve POST /orders body={"sku":"a","count":2,"note":"x"} every 2s x 30 -> 201 {"id":1}
eve POST /orders body={"sku":"a","count":"2"} every 2s x 30 -> 400`,
    ],
  },
  create: context => new SchemaViolationRun(context),
})
