import type { Claims } from '../../call/credential.ts'
import { certificateOf, dpopOf, type Possession } from '../../call/possession.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Fingerprint, PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenUse } from '../tokens/token-book.ts'
import { tokenFinding } from '../tokens/token-finding.ts'
import type { Why } from '../tuning/why.ts'

type Way = 'dpop' | 'certificate'

/** Who shows a key with a token that asks for one, and who does not, at one host: the first few. */
interface Habit {
  readonly shown: Set<PrincipalId>
  readonly bare: Set<PrincipalId>
}

const nameOf: Readonly<Record<Way, string>> = {
  dpop: 'proof of its key (DPoP)',
  certificate: 'client certificate',
}

/** Tokens that are bound to a key (RFC 9449, RFC 8705) and are used without it, or with another one. */
class TokenBindingRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #hosts = new BoundedMap<string, Habit>(1_000)
  /** Tokens whose own key was seen with them. */
  #proven: BoundedMap<Fingerprint, true>

  constructor(context: DetectContext) {
    this.#context = context
    this.#proven = new BoundedMap(context.option('tokens'))
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o } = use
    const bound = boundTo(claimsOf(use))
    const status = o.call.response?.status
    if (bound === undefined || (o.outcome !== 'success' && status !== 401 && status !== 403)) return []
    const possession = shownIn(use, bound.way)
    if (possession === 'unread') return []
    const finding = this.#judge(use, bound, possession)
    this.#learn(use, bound, possession)
    return finding === undefined || o.learning ? [] : [finding]
  }

  why(o: TokenUse['observation']): Why | undefined {
    const bound = boundTo(o.identity.claims)
    if (bound === undefined) return { state: 'exempt', text: 'Its token is bound to no key.' }
    const { shown, bare } = this.#hosts.peek(placeOf(o.call.destination.host, bound.way)) ?? nobody
    const threshold = this.#context.option('customary')
    const what = nameOf[bound.way]
    if (bare.size >= threshold)
      return {
        state: 'exempt',
        text: `${bare.size} principals use such tokens without a ${what} here: none is asked for, or it is taken off on the way.`,
      }
    if (shown.size < threshold)
      return {
        state: 'learning',
        text: `Too few were seen with a ${what} to miss one.`,
        value: shown.size,
        threshold,
        unit: 'principals',
      }
    return { state: 'below', text: `It came with the ${what} that its token names.` }
  }

  size(): number {
    return this.#hosts.size + this.#proven.size
  }

  save(): unknown {
    const saved: Saved = { hosts: this.#hosts, proven: this.#proven }
    return saved
  }

  load(saved: unknown): void {
    const { hosts, proven } = saved as Saved
    this.#hosts = hosts
    this.#proven = proven
  }

  #judge(use: TokenUse, { way, thumbprint }: Bound, possession: Possession | undefined): Finding | undefined {
    const { observation: o, fingerprint } = use
    if (possession === undefined) {
      const { shown, bare } = this.#hosts.peek(placeOf(o.call.destination.host, way)) ?? nobody
      const customary = this.#context.option('customary')
      if (bare.size >= customary || (shown.size < customary && !this.#proven.has(fingerprint)))
        return undefined
      return this.#finding(use, 'without', 0.9, { what: nameOf[way] }, thumbprint)
    }
    if (possession.thumbprint !== thumbprint)
      return this.#finding(
        use,
        'other',
        0.95,
        { what: nameOf[way], key: possession.thumbprint === '' ? 'unreadable' : possession.thumbprint },
        thumbprint,
      )
    const { method } = possession
    return method === undefined || method === o.call.request.method
      ? undefined
      : this.#finding(use, 'elsewhere', 0.9, { method, used: o.call.request.method }, thumbprint)
  }

  #learn({ observation: o, fingerprint }: TokenUse, { way, thumbprint }: Bound, shown?: Possession): void {
    if (o.outcome !== 'success') return
    const habit = this.#hosts.ensure(placeOf(o.call.destination.host, way), () => ({
      shown: new Set(),
      bare: new Set(),
    }))
    const place = shown === undefined ? habit.bare : habit.shown
    if (shown !== undefined && shown.thumbprint !== thumbprint) return
    if (place.size < 16) place.add(o.identity.principal)
    if (shown !== undefined) this.#proven.set(fingerprint, true)
  }

  #finding(
    use: TokenUse,
    message: string,
    confidence: number,
    observed: Readonly<Record<string, string>>,
    thumbprint: string,
  ): Finding {
    const success = use.observation.outcome === 'success'
    return tokenFinding(use, {
      message,
      attempt: !success,
      confidence,
      severity: success ? 'high' : 'medium',
      observed,
      expected: { key: thumbprint },
    })
  }
}

interface Saved {
  readonly hosts: BoundedMap<string, Habit>
  readonly proven: BoundedMap<Fingerprint, true>
}

interface Bound {
  readonly way: Way
  readonly thumbprint: string
}

const nobody: Habit = { shown: new Set(), bare: new Set() }

const placeOf = (host: string, way: Way): string => `${way}\0${host}`

/** The claims of the very token that is used: whoever the caller is taken for may have been told by another credential. */
function claimsOf({ observation: o, fingerprint }: TokenUse): Claims {
  for (const each of o.call.credentials) if (each.fingerprint === fingerprint) return each.claims ?? {}
  return o.identity.claims
}

function boundTo(claims: Claims): Bound | undefined {
  const key = claims['cnf.jkt']
  if (typeof key === 'string') return { way: 'dpop', thumbprint: key }
  const certificate = claims['cnf.x5t#S256']
  return typeof certificate === 'string' ? { way: 'certificate', thumbprint: certificate } : undefined
}

const shownIn = ({ observation: o }: TokenUse, way: Way): Possession | 'unread' | undefined =>
  way === 'dpop' ? dpopOf(o.call.request.headers) : certificateOf(o.call.request.headers)

const people = 'u1,u2,u3,u4'
const proof = (key: string, method = 'GET'): string =>
  `sends.dpop=[redacted:jwt:00000000000a];jkt=${key};htm=${method}`
const bound = (key: string): string => `claims={"cnf.jkt":"${key}"}`
const certificate = (key: string): string => `claims={"cnf.x5t#S256":"${key}"}`
/** The SHA-256 of the text `a` and of `b`, as a proxy tells it and as a token has it. */
const first = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
const second = '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d'
const firstThumbprint = 'ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs'

export const tokenBinding = defineDetector({
  id: 'token-binding',
  title: 'Bound tokens without their key',
  summary:
    'A token may name the key that whoever uses it must show: by a DPoP proof, or by a client certificate. Finds such tokens that are used with another key, with a proof made for another method, or without any where others show theirs.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1528'],
  options: {
    customary: {
      default: 3,
      reason:
        'Three principals who show their keys: they can be seen here. Three who do not: they are not asked for, or are taken off before.',
    },
    tokens: { default: 50_000, reason: 'Tokens whose key was seen, about 100 bytes each.' },
  },
  messages: {
    other: 'The token of {principal} was accepted from {ip} with another {what} than its own.',
    otherAttempt:
      'The token of {principal} was tried from {ip} with another {what} than its own, and refused.',
    without: 'The token of {principal} was accepted from {ip} without the {what} that it is bound to.',
    withoutAttempt:
      'The token of {principal} was tried from {ip} without the {what} that it is bound to, and refused.',
    elsewhere: 'The token of {principal} was accepted from {ip} with a proof made for {method}, in a {used}.',
    elsewhereAttempt:
      'The token of {principal} was tried from {ip} with a proof made for {method}, in a {used}, and refused.',
  },
  whenNotAnAttack:
    'A client renewed its key and kept an old token, or a proxy on the way puts its own certificate in the place of the caller’s.',
  examples: {
    fires: [
      `alice ${bound('k-alice')} ${proof('k-mallory')} GET /me -> 200 {"name":"alice"}`,
      `alice ${bound('k-alice')} ${proof('k-alice')} GET /me every 5s x 3 -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl ${bound('k-alice')} GET /me -> 401`,
      `${people} ${bound('k-{self}')} ${proof('k-{self}')} GET /me every 5s x 3 -> 200 {"name":"x"}
bob ip=203.0.113.9 agent=curl ${bound('k-bob')} GET /me -> 200 {"name":"bob"}`,
      `alice ${bound('k-alice')} ${proof('k-alice')} POST /transfers body={"amount":5} -> 201`,
      `alice ${certificate(firstThumbprint)} sends.x-forwarded-client-cert=Hash=${second} GET /me -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `${people} ${bound('k-{self}')} ${proof('k-{self}')} GET /me every 5s x 3 -> 200 {"name":"x"}
bob GET /me -> 200 {"name":"bob"}`,
      `${people},bob ${bound('k-{self}')} GET /me every 5s x 3 -> 200 {"name":"x"}`,
      `alice ${bound('k-alice')} sends.dpop=[redacted:jwt:00000000000a] GET /me -> 200 {"name":"alice"}`,
      `alice ${certificate(firstThumbprint)} sends.x-forwarded-client-cert=Hash=${first} GET /me -> 200 {"name":"alice"}`,
      `alice ${certificate(firstThumbprint)} sends.x-forwarded-client-cert=Subject="CN=edge" GET /me -> 200 {"name":"alice"}`,
    ],
  },
  create: context => new TokenBindingRun(context),
})
