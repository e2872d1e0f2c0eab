import { FieldValues, type UnusualValue } from '../../baseline/field-values.ts'
import type { Observation } from '../../baseline/observation.ts'
import { defaultDecodeLimits } from '../../call/content-limits.ts'
import type { PlacedHit } from '../../call/inspection.ts'
import { inspectText } from '../../call/payload/index.ts'
import { inspectHits, inspectValue } from '../../call/payload/inspect-message.ts'
import { MessageInspector } from '../../call/payload/message-inspector.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { type EndpointId, type PrincipalId, principalId } from '../../kit/id.ts'
import type { Severity } from '../../kit/severity.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Episode } from '../episode.ts'
import { effectOf } from '../injection-effect.ts'
import type { Why } from '../tuning/why.ts'
import { counted, whoIs } from '../words.ts'

interface Campaign {
  readonly episode: Episode
  carried: number
  effective: number
}

/** What is found, and by what: a payload's grammar, the field's model, or both. */
interface Found extends PlacedHit {
  readonly unusual?: UnusualValue
  /** It stands among sentences, where people write them: who talks of it quotes it. */
  readonly quoted?: boolean
}

const severe: Readonly<Record<string, Severity>> = {
  jndi: 'critical',
  deserialisation: 'critical',
  'command-injection': 'critical',
  'php-injection': 'critical',
  'java-injection': 'critical',
  'node-injection': 'critical',
  scanner: 'low',
  'graphql-introspection': 'low',
  'sensitive-file': 'medium',
  fuzz: 'medium',
}

/** From here on a value is outside of its field, and from there so far that it needs no sign of an attack language. */
const outsideDegree = 0.3
const farDegree = 0.6

/** What a value of a field that was learned is, where no grammar says more. */
const unusualKind = 'fuzz'

class InjectionPayloadRun implements DetectorRun {
  readonly #context: DetectContext
  #campaigns: BoundedMap<string, Campaign>
  /** Endpoint, place and kind → principals for whom such text was ordinary in settled history. */
  #ordinary: BoundedMap<string, PrincipalId[]>

  readonly #inspector = new MessageInspector(defaultDecodeLimits)
  /** Plain paths that answered → who was answered there. */
  #answered = new BoundedMap<EndpointId, Set<PrincipalId>>(20_000)

  #sprayed = new BoundedMap<string, Set<EndpointId>>(20_000)
  readonly #values: FieldValues

  constructor(context: DetectContext) {
    this.#context = context
    this.#values = new FieldValues({
      fields: context.option('fields'),
      history: context.option('fieldValues'),
      principals: context.option('fieldPrincipals'),
      days: context.option('fieldDays'),
      values: context.option('fieldLiveValues'),
    })
    this.#campaigns = new BoundedMap(context.option('campaigns'))
    this.#ordinary = new BoundedMap(context.option('campaigns'))
  }

  observe(o: Observation): readonly Finding[] {
    const hit = this.#inspect(o)
    const own = this.#isOwnPath(o)
    const least = this.#context.option('confidence')
    const hostile = hit !== undefined && hit.confidence >= least
    if (o.learning) {
      if (
        hostile &&
        (o.outcome === 'success' || o.outcome === 'unknown') &&
        o.identity.kind !== 'anonymous'
      ) {
        for (const each of inspectHits(o.call.request, defaultDecodeLimits)) {
          const principals = this.#ordinary.ensure(placeOf(o, each), () => [])
          if (principals.length < 16 && !principals.includes(o.identity.principal))
            principals.push(o.identity.principal)
        }
      }
      this.#values.learn(o, hostile)
      return []
    }
    const found = hostile ? this.#notOrdinary(o, hit, own, least) : this.#outside(o, least)
    this.#values.learn(o, hostile)
    return found === undefined ? [] : [this.#finding(o, found)]
  }

  /** The surest hit that is neither at a place meant for such text nor in a path of the application's own. */
  #notOrdinary(o: Observation, hit: PlacedHit, own: boolean, least: number): Found | undefined {
    const counts = (each: PlacedHit): boolean =>
      each.confidence >= least && !(each.at === 'path' && own) && !this.#isOrdinary(o, each)
    if (counts(hit) && !this.#isQuoted(o, hit, least)) return hit
    const hits = inspectHits(o.call.request, defaultDecodeLimits).filter(counts)
    const plain = hits.find(each => !this.#isQuoted(o, each, least))
    if (plain !== undefined || hits[0] === undefined) return plain
    return { ...hits[0], quoted: true }
  }

  #isQuoted(o: Observation, hit: PlacedHit, least: number): boolean {
    return this.#values.quotes(
      o,
      hit.at,
      value => (inspectValue(value, defaultDecodeLimits)?.confidence ?? 0) >= least,
    )
  }

  /** A field where several known people write such text every day is meant for it (a query console, a code review). */
  #isOrdinary(o: Observation, hit: PlacedHit): boolean {
    return (this.#ordinary.get(placeOf(o, hit))?.length ?? 0) >= this.#context.option('ordinaryPrincipals')
  }

  /**
   * A value outside of what its field holds: with a sign of an attack language in it, or so far outside that it needs none.
   */
  #outside(o: Observation, least: number): Found | undefined {
    let best: Found | undefined
    for (const unusual of this.#values.judge(o)) {
      if (unusual.degree < outsideDegree) continue
      const sign = inspectValue(unusual.value, defaultDecodeLimits)
      const far =
        unusual.degree >= farDegree &&
        unusual.signs !== '' &&
        (unusual.kind !== undefined || unusual.signs.length > 2)
      const confidence =
        sign !== undefined
          ? Math.min(0.9, sign.confidence + 0.5 * unusual.degree + (far ? 0.1 : 0))
          : far
            ? 0.5 + 0.15 * unusual.degree
            : 0
      if (confidence < least || confidence <= (best?.confidence ?? 0)) continue
      const { kind, rule } = sign ?? { kind: unusualKind, rule: 'outside-of-field' }
      const found = { kind, rule, confidence, at: unusual.at, unusual } as const
      if (this.#isOrdinary(o, found) || this.#values.quotes(o, unusual.at, value => value === unusual.value))
        continue
      best = found
    }
    return best
  }

  #inspect({ call: { request, inspection } }: Observation): PlacedHit | undefined {
    if (inspection !== undefined) return inspection === 'clean' ? undefined : inspection
    return this.#inspector.inspect(request)
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, principals] of [...this.#ordinary.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#ordinary.delete(key)
      this.#ordinary.set(`${to}${key.slice(from.length)}`, principals)
    }
    this.#values.merged(from, to)
  }

  why(o: Observation): Why | undefined {
    const [hit] = [...inspectHits(o.call.request, defaultDecodeLimits)].sort(
      (a, b) => b.confidence - a.confidence,
    )
    const threshold = this.#context.option('confidence')
    if (hit === undefined)
      return { state: 'below', text: 'No value of the request has the shape of an attack language in it.' }
    const numbers = { value: hit.confidence, threshold, unit: 'confidence' }
    const what = `${hit.kind.replaceAll('-', ' ')} at ${hit.at}`
    if (hit.confidence < threshold)
      return { state: 'below', text: `There is a sign of ${what}, more often text than attack.`, ...numbers }
    if (this.#isOrdinary(o, hit))
      return {
        state: 'exempt',
        text: `There is ${what}, but ${this.#context.option('ordinaryPrincipals')} people wrote such text there in settled history: the field is meant for it.`,
        ...numbers,
      }
    return undefined
  }

  size(): number {
    return (
      this.#campaigns.size +
      this.#ordinary.size +
      this.#inspector.size +
      this.#answered.size +
      this.#values.size
    )
  }

  /** A scanner sprays: its first endpoints have a signal each, the rest share one. */
  #placeOf(series: string, endpoint: EndpointId): EndpointId | undefined {
    const places = this.#sprayed.ensure(series, () => new Set())
    if (places.has(endpoint)) return endpoint
    if (places.size >= this.#context.option('signalsPerActor')) return undefined
    places.add(endpoint)
    return endpoint
  }

  /**
   * A path of the application's own that merely reads like a payload (`/bin/query.json`, `/org.apache.x`): plain
   * characters, nothing hostile in its placeholders, and answered to several callers or in settled history.
   */
  #isOwnPath(o: Observation): boolean {
    const { path } = o.call.request
    if (!/[.]|\/(?:bin|etc|proc|usr|var|dev)\//.test(path) || !/^[\w./~:@-]*$/.test(path)) return false
    const callers = this.#answered.get(o.match.endpoint)
    if (o.outcome === 'success') {
      const seen = callers ?? new Set<PrincipalId>()
      if (callers === undefined) this.#answered.set(o.match.endpoint, seen)
      if (seen.size < 16)
        seen.add(o.learning ? principalId('anonymous', `history-${seen.size}`) : o.identity.principal)
    }
    if ((callers?.size ?? 0) < this.#context.option('ownPathCallers')) return false
    return !o.match.params.some(([, value]) => inspectText(value) !== undefined)
  }

  #finding(o: Observation, hit: Found): Finding {
    const milliseconds = this.#context.baseline.endpoint(o.match.endpoint)?.milliseconds
    const trace = effectOf(
      o,
      hit,
      milliseconds === undefined || milliseconds.count < 20 ? undefined : milliseconds.quantile(0.99),
    )
    // What the server said decides: an error that quotes the payload's language means it was executed.
    const attempt =
      trace === undefined &&
      // A page that is served as ever does not mean that anybody read the header.
      (hit.at.startsWith('header:') ||
        o.outcome === 'refused' ||
        o.outcome === 'invalid' ||
        o.outcome === 'failed' ||
        o.outcome === 'unknown')
    const quoted = hit.quoted === true && trace === undefined
    const outcome = quoted ? 'quoted' : attempt ? 'attempt' : 'success'
    const series = `${o.identity.principal}\0${hit.kind}\0${outcome}`
    const place = this.#placeOf(series, o.match.endpoint)
    const key = `${series}\0${place ?? 'elsewhere'}`
    const campaign = this.#campaigns.ensure(key, () => ({
      episode: new Episode(o.call.time),
      carried: 0,
      effective: 0,
    }))
    if (campaign.episode.touch(o.call.time)) {
      campaign.carried = 0
      campaign.effective = 0
    }
    campaign.carried += 1
    if (trace !== undefined) campaign.effective += 1
    const confidence = Math.min(
      quoted ? 0.5 : 0.99,
      hit.confidence + (trace === undefined ? 0 : 0.15) + 0.01 * Math.min(5, campaign.carried - 1),
    )
    return {
      message: attempt ? 'attempted' : trace === undefined ? 'passed' : 'reached',
      observed: {
        who: whoIs(o.identity),
        what: counted(campaign.carried, 'call'),
        kind: hit.kind.replaceAll('-', ' '),
        rule: hit.rule,
        at: hit.at,
        endpoint: place ?? 'further endpoints',
        status: o.call.response?.status ?? 0,
        ...(trace === undefined ? {} : { trace }),
        ...(hit.unusual === undefined ? {} : { unusual: wordsOf(hit.unusual) }),
        ...(quoted ? { quoted: 'among sentences, in a field that holds them' } : {}),
      },
      expected:
        hit.unusual === undefined
          ? { values: 'no attack language in this value' }
          : { values: `as in ${hit.unusual.values} values of this field before` },
      attempt,
      confidence,
      severity: quoted
        ? hit.kind === 'jndi'
          ? 'medium'
          : 'low'
        : attempt
          ? 'medium'
          : trace !== undefined
            ? 'critical'
            : hit.confidence >= 0.8
              ? (severe[hit.kind] ?? 'high')
              : 'medium',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      ...(place === undefined ? {} : { endpoint: place }),
      evidence: [o.call.id],
      key: `${key}\0${campaign.episode.from}`,
    }
  }

  save() {
    return {
      values: this.#values.save(),
      campaigns: this.#campaigns,
      ordinary: this.#ordinary,
      answered: this.#answered,
      sprayed: this.#sprayed,
    }
  }

  load(saved: ReturnType<InjectionPayloadRun['save']>): void {
    this.#campaigns = saved.campaigns
    this.#ordinary = saved.ordinary
    this.#answered = saved.answered
    this.#sprayed = saved.sprayed
    this.#values.load(saved.values)
  }
}

const placeOf = (o: Observation, hit: PlacedHit): string => `${o.match.endpoint}\0${hit.at}\0${hit.kind}`

/** How a value differs from those of its field, in words. */
function wordsOf({ signs, kind, long }: UnusualValue): string {
  const said = [
    ...(kind === undefined ? [] : [`no ${kind}, as it always was`]),
    ...(signs === ''
      ? []
      : [`signs that it never held: ${[...new Set(signs)].join(' ').replace('\n', 'line breaks')}`]),
    ...(long ? ['much longer than ever'] : []),
  ]
  return said.length === 0 ? 'unlike the values before' : said.join('; ')
}

export const injectionPayload = defineDetector({
  id: 'injection-payload',
  title: 'Attack language in a value',
  summary:
    'Reads every value an application would read, nested encodings undone, and recognises SQL, shell, script, template, path and other attack languages in it; what is only a sign counts where the value is outside of what its field was learned to hold. The answer decides whether it was an attempt or reached an interpreter.',
  family: 'injection',
  severity: 'high',
  owasp: ['API8:2023', 'API10:2023'],
  attack: ['T1190', 'T1059'],
  options: {
    confidence: { default: 0.5, reason: 'Below one half a construct is more often text than attack.' },
    ordinaryPrincipals: {
      default: 3,
      reason: 'Three people who write such text into a field in settled history: the field is meant for it.',
    },
    signalsPerActor: {
      default: 10,
      reason:
        "Ten endpoints of one actor, kind and outcome stand apart; a scanner's hundreds share a signal.",
    },
    ownPathCallers: {
      default: 3,
      reason:
        "A plain path that answered three callers (or as many times in settled history) is the application's own.",
    },
    fields: {
      default: 50_000,
      reason: 'Fields of all endpoints whose values are learned; about 700 bytes each.',
    },
    fieldValues: {
      default: 20,
      reason:
        'By the rule of three, what 20 values of settled history never showed is in less than one of seven.',
    },
    fieldPrincipals: { default: 5, reason: 'No four accounts decide what a field may hold.' },
    fieldDays: { default: 3, reason: 'What is written on three days is not one morning’s work.' },
    fieldLiveValues: { default: 200, reason: 'As good as three days: many values of many people.' },
    campaigns: { default: 20_000, reason: 'Actor, endpoint and kind remembered; about 200 bytes each.' },
  },
  messages: {
    attempted: '{who} sent {what} with {kind} to {endpoint} (last in {at}); none came through.',
    passed: '{who} sent {what} with {kind} to {endpoint} (last in {at}), and the server accepted them.',
    reached:
      '{who} sent {what} with {kind} to {endpoint} (last in {at}), and the answer shows that it reached an interpreter.',
  },
  whenNotAnAttack:
    'The field is meant for such text (a query console, a template editor, a security forum), or a scanner of your own is running.',
  examples: {
    fires: [
      `mallory GET /products?q=1'%20UNION%20SELECT%20username,password%20FROM%20users-- -> 200 {"items":[]}`,
      `anonymous GET /files/{..%2f..%2f..%2fetc%2fpasswd} -> 404`,
    ],
    quiet: [
      `alice GET /users/{o'connor} -> 500 {"error":"internal"}
alice GET /products?q=select%20a%20table%20from%20our%20union%20of%20brands -> 200 {"items":[]}`,
      `learn ann,bob,carol POST /tickets body={"text":"Hello, my parcel has not arrived yet and nobody answers."} x 8 -> 201
ann POST /tickets body={"text":"Hello, the guide says to run java.io.File and (select) there: what does it mean?"} -> 201`,
    ],
  },
  create: context => new InjectionPayloadRun(context),
})
