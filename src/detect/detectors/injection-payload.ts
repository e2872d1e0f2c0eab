import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { defaultDecodeLimits } from '../../call/content-limits.ts'
import type { PlacedHit } from '../../call/inspection.ts'
import { inspectText } from '../../call/payload/index.ts'
import { MessageInspector } from '../../call/payload/message-inspector.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { type EndpointId, type PrincipalId, principalId } from '../../kit/id.ts'
import type { Severity } from '../../kit/severity.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Episode } from '../episode.ts'
import { counted, whoIs } from '../words.ts'

interface Campaign {
  readonly episode: Episode
  carried: number
  effective: number
}

/** Words that a database, an interpreter or a file system says when a payload reached it. */
const tellTale = [
  'sqlite3.',
  'operationalerror',
  'sql syntax',
  'sqlstate',
  'syntax error at or near',
  'unclosed quotation mark',
  'ora-0',
  'odbc',
  'psqlexception',
  'sequelizedatabaseerror',
  'unrecognized token',
  'mysql_fetch',
  'mysqli',
  'pg_query',
  'root:x:0:0',
  '[boot loader]',
  'uid=0(',
  'uid=33(',
  'traceback (most recent',
  'mongoerror',
  'ldapexception',
  'xmlsyntaxerror',
  'saxparseexception',
  'templatesyntaxerror',
  'freemarker',
  'you have an error in your',
] as const

const severe: Readonly<Record<string, Severity>> = {
  jndi: 'critical',
  deserialisation: 'critical',
  'command-injection': 'critical',
}

class InjectionPayloadRun implements DetectorRun {
  readonly #context: DetectContext
  #campaigns: BoundedMap<string, Campaign>
  /** Endpoint, place and kind → principals for whom such text was ordinary in settled history. */
  #ordinary: BoundedMap<string, PrincipalId[]>

  readonly #inspector = new MessageInspector(defaultDecodeLimits)
  /** Plain paths that answered → who was answered there. */
  #answered = new BoundedMap<EndpointId, Set<PrincipalId>>(20_000)

  #sprayed = new BoundedMap<string, Set<EndpointId>>(20_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#campaigns = new BoundedMap(context.option('campaigns'))
    this.#ordinary = new BoundedMap(context.option('campaigns'))
  }

  observe(o: Observation): readonly Finding[] {
    const hit = this.#inspect(o)
    const own = this.#isOwnPath(o)
    if (
      hit === undefined ||
      hit.confidence < this.#context.option('confidence') ||
      (hit.at === 'path' && own)
    )
      return []
    const place = `${o.match.endpoint}\0${hit.at}\0${hit.kind}`
    if (o.learning) {
      if (o.outcome === 'success' && o.identity.kind !== 'anonymous') {
        const principals = this.#ordinary.ensure(place, () => [])
        if (principals.length < 16 && !principals.includes(o.identity.principal))
          principals.push(o.identity.principal)
      }
      return []
    }
    // A field where several known people write such text every day is meant for it (a query console, a code review).
    if ((this.#ordinary.get(place)?.length ?? 0) >= this.#context.option('ordinaryPrincipals')) return []
    return [this.#finding(o, hit)]
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
  }

  size(): number {
    return this.#campaigns.size + this.#ordinary.size + this.#inspector.size + this.#answered.size
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

  #finding(o: Observation, hit: PlacedHit): Finding {
    const trace = tellTaleOf(o)
    // What the server said decides: an error that quotes the payload's language means it was executed.
    const attempt =
      trace === undefined &&
      // A page that is served as ever does not mean that anybody read the header.
      (hit.at.startsWith('header:') ||
        o.outcome === 'refused' ||
        o.outcome === 'invalid' ||
        o.outcome === 'failed' ||
        o.outcome === 'unknown')
    const series = `${o.identity.principal}\0${hit.kind}\0${attempt ? 'attempt' : 'success'}`
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
      0.99,
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
      },
      expected: { values: 'no attack language in this value' },
      attempt,
      confidence,
      severity: attempt
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
  }
}

function tellTaleOf(o: Observation): string | undefined {
  const content = o.call.response?.content
  if (content === undefined) return undefined
  const text =
    content.kind === 'text' || content.kind === 'malformed'
      ? content.text
      : content.kind === 'json'
        ? stringsOf(content.value)
        : ''
  if (text === '') return undefined
  const lower = text.slice(0, 16_384).toLowerCase()
  return tellTale.find(word => lower.includes(word))
}

/** The strings of an answer, joined; at most 16 kB of them. */
function stringsOf(value: Json): string {
  let text = ''
  const walk = (node: Json, depth: number): void => {
    if (text.length > 16_384 || depth > 6) return
    if (typeof node === 'string') text += `${node}\n`
    else if (node !== null && typeof node === 'object')
      for (const child of Object.values(node) as Json[]) walk(child, depth + 1)
  }
  walk(value, 0)
  return text
}

export const injectionPayload = defineDetector({
  id: 'injection-payload',
  title: 'Attack language in a value',
  summary:
    'Reads every value an application would read, nested encodings undone, and recognises SQL, shell, script, template, path and other attack languages in it. The answer decides whether it was an attempt or reached an interpreter.',
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
    ],
  },
  create: context => new InjectionPayloadRun(context),
})
