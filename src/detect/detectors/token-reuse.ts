import type { Observation } from '../../baseline/observation.ts'
import { headerOf } from '../../call/api-call.ts'
import type { Content } from '../../call/content.ts'
import { maskedSecrets } from '../../identity/login.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, EndpointId, Fingerprint, PrincipalId } from '../../kit/id.ts'
import { ReorderBuffer } from '../../kit/reorder-buffer.ts'
import type { Severity } from '../../kit/severity.ts'
import {
  type DetectContext,
  type DetectorRun,
  type DueFinding,
  defineDetector,
  type Finding,
} from '../detector.ts'
import { Episode } from '../episode.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { counted, span } from '../words.ts'

const minute = 60_000

/** Where and with what a token is used. */
interface Client {
  readonly ip: string
  readonly software: string
  last: number
  calls: number
  /** Calls since another client was last seen, for evidence once this one turns out to be the thief. */
  recent: CallId[]
  /** Refused calls after the token had expired. */
  late: CallId[]
}

interface Token {
  readonly first: number
  readonly episode: Episode
  readonly clients: Client[]
  current: number
  /** When the first client used it last. */
  lastHome: number
  stolenBy: Set<number>
  uses: number
}

interface Ending {
  readonly time: number
  readonly how: 'logout' | 'revocation'
  readonly ip: string
}

/** Where and with what a principal is at work, over all its tokens. */
interface Habit {
  readonly ips: Set<string>
  readonly software: Set<string>
  calls: number
}

/** Whether an application's tokens are seen when they are handed out. */
interface Issuance {
  readonly since: number
  readonly issued: BoundedMap<string, true>
  known: number
  readonly principals: Set<string>
  unknown: number
}

/** A call, and the beginnings of the fingerprints of the tokens that its bodies hand out and name. */
interface Use {
  readonly observation: Observation
  readonly issued: readonly string[]
  readonly ends: Ending['how'] | undefined
  readonly named: readonly string[]
}

type Reason = 'expired' | 'ended' | 'concurrent' | 'unissued'

class TokenReuseRun implements DetectorRun {
  readonly #context: DetectContext
  #tokens: BoundedMap<Fingerprint, Token>
  /** First 12 digits of a token → how it was ended. */
  #endings: BoundedMap<string, Ending>
  /** Host → principals whose own client went on after a logout. */
  #surviving = new BoundedMap<string, Set<PrincipalId>>(1_000)
  #habits: BoundedMap<PrincipalId, Habit>
  #issuance = new BoundedMap<string, Issuance>(50)
  /** Calls that wait for others of their time; what is judged here depends on which came first. */
  #late: ReorderBuffer<Use>
  /** Some calls come late: those of the gateway alone come in order and need not wait. */
  #waits = false
  /** Endpoints that were folded into others while calls waited. */
  #renamed = new BoundedMap<EndpointId, EndpointId>(1_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#tokens = new BoundedMap(context.option('tokens'))
    this.#endings = new BoundedMap(context.option('tokens'))
    this.#habits = new BoundedMap(context.option('tokens'))
    this.#late = new ReorderBuffer(context.option('waiting'))
  }

  observe(o: Observation): readonly Finding[] {
    const { sensor } = o.call
    if (sensor !== undefined && sensor !== 'gateway') this.#waits = true
    const use = useOf(o)
    if (!this.#waits) return this.#judge(use)
    // Without a token it matters only for what it hands out.
    if (o.identity.token !== undefined || use.issued.length > 0)
      this.#late.push(o.call.time, o.call.id, { ...use, observation: withoutBodies(o) })
    return []
  }

  due(now: number): readonly DueFinding[] {
    if (this.#late.size === 0) return []
    const found: DueFinding[] = []
    for (const use of this.#late.before(now - this.#context.option('lateSeconds') * 1_000)) {
      const { match } = use.observation
      const observation = {
        ...use.observation,
        match: { ...match, endpoint: this.#renamed.peek(match.endpoint) ?? match.endpoint },
      }
      for (const finding of this.#judge({ ...use, observation })) found.push({ finding, observation })
    }
    return found
  }

  merged(from: EndpointId, to: EndpointId): void {
    if (this.#refusals.delete(from)) this.#refusals.set(to, true)
    if (this.#late.size > 0) this.#renamed.set(from, to)
  }

  #judge({ observation: o, issued, ends, named }: Use): readonly Finding[] {
    const host = o.call.destination.host
    const issuance = this.#issuance.ensure(host, () => ({
      since: o.call.time,
      issued: new BoundedMap(this.#context.option('tokens')),
      known: 0,
      principals: new Set(),
      unknown: 0,
    }))
    for (const mask of issued) issuance.issued.set(mask, true)
    const { token: fingerprint } = o.identity
    if (fingerprint === undefined || o.identity.kind === 'service' || o.identity.kind === 'apikey') return []
    const { time } = o.call
    const before = this.#tokens.get(fingerprint)
    const token = before ?? newToken(time)
    if (before === undefined) this.#tokens.set(fingerprint, token)
    token.uses += 1
    const findings: Finding[] = []
    const ended = this.#ended(o, token, fingerprint)
    if (ended !== undefined) findings.push(ended)
    const client = this.#client(o, token)
    const habit = this.#habits.ensure(o.identity.principal, () => ({
      ips: new Set(),
      software: new Set(),
      calls: 0,
    }))
    const stranger = isStranger(token, client, habit)
    const expired = this.#expired(o, token, stranger ? token.clients[client] : undefined)
    if (expired !== undefined) findings.push(expired)
    const concurrent = this.#concurrent(o, token, client, stranger, habit)
    if (concurrent !== undefined) findings.push(concurrent)
    const unissued = this.#unissued(o, fingerprint, issuance, token)
    if (unissued !== undefined) findings.push(unissued)
    if (o.outcome === 'success' && !stranger) {
      habit.calls += 1
      const used = token.clients[client]
      if (used !== undefined && habit.ips.size < 64) habit.ips.add(used.ip)
      if (used !== undefined && habit.software.size < 16) habit.software.add(used.software)
    }
    if (ends !== undefined) this.#end(o, fingerprint, ends, named)
    return findings
  }

  size(): number {
    let issued = 0
    for (const { issued: tokens } of this.#issuance.values()) issued += tokens.size
    return (
      this.#tokens.size +
      this.#habits.size +
      this.#endings.size +
      this.#refusals.size +
      this.#late.size +
      issued
    )
  }

  /** The place of this call among the token's clients; -1 where there are too many to follow. */
  #client(o: Observation, token: Token): number {
    const { ip = '' } = o.call.source
    const software = o.call.source.ja4 ?? headerOf(o.call.request.headers, 'user-agent') ?? ''
    let index = token.clients.findIndex(client => client.ip === ip && client.software === software)
    if (index < 0) {
      if (token.clients.length >= 16) return -1
      index = token.clients.length
      token.clients.push({ ip, software, last: o.call.time, calls: 0, recent: [], late: [] })
    }
    const client = token.clients[index]
    if (client !== undefined) {
      client.last = o.call.time
      if (index === 0) token.lastHome = o.call.time
      client.calls += 1
      client.recent.push(o.call.id)
      if (client.recent.length > 100) client.recent.shift()
    }
    return index
  }

  /** Remembers which tokens this call ended: those it names, or the one that carried it. */
  #end(o: Observation, fingerprint: Fingerprint, how: Ending['how'], named: readonly string[]): void {
    if (how === 'logout' || named.length === 0) this.#mark(fingerprint.slice(0, 12), o, how)
    for (const mask of named) this.#mark(mask, o, how)
  }

  #mark(mask: string, o: Observation, how: Ending['how']): void {
    if (this.#endings.peek(mask) === undefined)
      this.#endings.set(mask, { time: o.call.time, how, ip: o.call.source.ip ?? '' })
  }

  #ended(o: Observation, token: Token, fingerprint: Fingerprint): Finding | undefined {
    const ending = this.#endings.peek(fingerprint.slice(0, 12))
    if (ending === undefined) return undefined
    const after = o.call.time - ending.time
    const success = o.outcome === 'success'
    if (!success && o.outcome !== 'refused') return undefined
    if (after <= (success ? 5_000 : minute)) return undefined
    const host = o.call.destination.host
    if ((o.call.source.ip ?? '') === ending.ip) {
      // Where several people's own clients go on after a logout, the logout ends nothing: a flaw, not an abuse.
      const surviving = this.#surviving.ensure(host, () => new Set())
      if (surviving.size >= this.#context.option('survivors')) return undefined
      if (success) surviving.add(o.identity.principal)
    }
    return this.#finding(
      o,
      token,
      'ended',
      !success,
      success ? 0.95 : 0.6,
      success ? 'high' : 'low',
      [o.call.id],
      { after: span(after), how: ending.how },
    )
  }

  #expired(o: Observation, token: Token, stranger: Client | undefined): Finding | undefined {
    const { exp } = o.identity.claims
    if (typeof exp !== 'number') return undefined
    const after = o.call.time - exp * 1_000
    if (after <= this.#context.option('skewSeconds') * 1_000) return undefined
    if (o.outcome === 'success') {
      // An endpoint that asks nobody who they are answers an expired token too.
      if (!this.#asks(o)) return undefined
      return this.#finding(o, token, 'expired', false, 0.95, 'high', [o.call.id], { after: span(after) })
    }
    if (o.call.response?.status !== 401 && o.call.response?.status !== 403) return undefined
    // Clients find out that a token is old by trying it, once: only a stranger who goes on is worth a word.
    if (stranger === undefined) return undefined
    stranger.late.push(o.call.id)
    if (stranger.late.length < 2) return undefined
    const evidence = stranger.late
    stranger.late = [o.call.id]
    return this.#finding(o, token, 'expired', true, 0.75, 'medium', evidence, { after: span(after) })
  }

  #refusals = new BoundedMap<string, true>(20_000)

  /** Whether this endpoint was ever seen to refuse a token: only then does its success mean the token was accepted. */
  #asks(o: Observation): boolean {
    if (o.call.response?.status === 401) this.#refusals.set(o.match.endpoint, true)
    return (
      this.#refusals.peek(o.match.endpoint) !== undefined ||
      this.#context.owners.of(o.match.endpoint).length > 0
    )
  }

  #concurrent(
    o: Observation,
    token: Token,
    index: number,
    stranger: boolean,
    habit: Habit,
  ): Finding | undefined {
    this.#asks(o)
    if (index < 0 || o.learning) return undefined
    const { time } = o.call
    const previous = token.current
    token.current = index
    const overlap = this.#context.option('overlapMinutes') * minute
    if (token.stolenBy.has(index))
      return this.#finding(
        o,
        token,
        'concurrent',
        o.outcome !== 'success',
        0.9,
        'high',
        [o.call.id],
        this.#where(token, index),
      )
    const home = token.clients[0]
    if (home === undefined || o.outcome !== 'success' || previous === index) return undefined
    if (index === 0) {
      // The first client came back while a stranger is at work with the same token: both are real.
      const other = token.clients[previous]
      if (
        other === undefined ||
        token.stolenBy.has(previous) ||
        time - other.last > overlap ||
        !isStranger(token, previous, habit)
      )
        return undefined
      token.stolenBy.add(previous)
      return this.#finding(
        o,
        token,
        'concurrent',
        false,
        0.9,
        'high',
        other.recent,
        this.#where(token, previous),
      )
    }
    // Of someone whose habits are known, the stranger's first call with a token in use elsewhere is enough.
    if (!stranger || habit.calls < this.#context.option('habitCalls') || time - token.lastHome > overlap)
      return undefined
    token.stolenBy.add(index)
    return this.#finding(o, token, 'concurrent', false, 0.85, 'high', [o.call.id], this.#where(token, index))
  }

  #where(token: Token, thief: number): Readonly<Record<string, string>> {
    return { first: token.clients[0]?.ip ?? '', second: token.clients[thief]?.ip ?? '' }
  }

  #unissued(o: Observation, fingerprint: Fingerprint, issuance: Issuance, token: Token): Finding | undefined {
    if (o.identity.kind !== 'user' || o.outcome === 'unknown') return undefined
    const { iat } = o.identity.claims
    if (typeof iat !== 'number' || iat * 1_000 < issuance.since) return undefined
    if (issuance.issued.peek(fingerprint.slice(0, 12)) !== undefined) {
      if (token.uses === 1) {
        issuance.known += 1
        if (issuance.principals.size < 64) issuance.principals.add(o.identity.principal)
      }
      return undefined
    }
    if (token.uses === 1) issuance.unknown += 1
    // Only where practically every token was seen on its way out is one that was not a forgery.
    const covered =
      issuance.known >= this.#context.option('issuedTokens') &&
      issuance.principals.size >= 5 &&
      issuance.known >= 0.9 * (issuance.known + issuance.unknown)
    if (!covered || o.learning) return undefined
    const success = o.outcome === 'success'
    return this.#finding(o, token, 'unissued', !success, 0.88, success ? 'high' : 'medium', [o.call.id], {
      issued: issuance.known,
    })
  }

  #finding(
    o: Observation,
    token: Token,
    reason: Reason,
    attempt: boolean,
    confidence: number,
    severity: Severity,
    evidence: readonly CallId[],
    facts: Readonly<Record<string, string | number>>,
  ): Finding {
    token.episode.touch(o.call.time)
    const expectations: Readonly<Record<Reason, string>> = {
      expired: 'a token is not accepted after its exp claim',
      ended: 'a token is not accepted after logout or revocation',
      concurrent: 'a token stays with the client it was given to',
      unissued: 'every token was handed out in an answer seen before',
    }
    return {
      message: attempt ? `${reason}Attempt` : reason,
      observed: {
        principal: o.identity.principal,
        uses: counted(token.uses, 'call'),
        ip: o.call.source.ip ?? 'an unknown address',
        ...facts,
      },
      expected: { token: expectations[reason] },
      attempt,
      confidence,
      severity,
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence,
      objects: [`token:${(o.identity.token ?? '').slice(0, 12)}`],
      key: `${reason}\0${o.identity.token ?? ''}\0${attempt ? 'attempt' : 'success'}\0${token.episode.from}`,
      actor: reason === 'ended' ? `token:${o.identity.token ?? ''}` : `device:${o.identity.device}`,
    }
  }

  save() {
    return {
      tokens: this.#tokens,
      endings: this.#endings,
      surviving: this.#surviving,
      habits: this.#habits,
      issuance: this.#issuance,
      late: this.#late,
      waits: this.#waits,
      renamed: this.#renamed,
      refusals: this.#refusals,
    }
  }

  load(saved: ReturnType<TokenReuseRun['save']>): void {
    this.#tokens = saved.tokens
    this.#endings = saved.endings
    this.#surviving = saved.surviving
    this.#habits = saved.habits
    this.#issuance = saved.issuance
    this.#late = saved.late
    this.#waits = saved.waits
    this.#renamed = saved.renamed
    this.#refusals = saved.refusals
  }
}

const empty: Content = Object.freeze({ kind: 'empty' })

function useOf(o: Observation): Use {
  const answer = o.call.response?.content
  const { content } = o.call.request
  const ends = o.outcome === 'success' && o.identity.token !== undefined ? endingOf(o) : undefined
  return {
    observation: o,
    issued: o.outcome === 'success' && answer?.kind === 'json' ? maskedSecrets(answer.value) : [],
    ends,
    named:
      ends !== undefined && (content.kind === 'json' || content.kind === 'form')
        ? maskedSecrets(content.value)
        : [],
  }
}

/** Bodies are most of a call, and nothing here reads them any more. */
function withoutBodies(o: Observation): Observation {
  const { request, response } = o.call
  const agent = headerOf(request.headers, 'user-agent')
  return {
    ...o,
    call: {
      ...o.call,
      request: {
        ...request,
        headers: agent === undefined ? [] : [['user-agent', agent]],
        content: empty,
      },
      ...(response === undefined ? {} : { response: { ...response, headers: [], content: empty } }),
    },
  }
}

const newToken = (time: number): Token => ({
  first: time,
  episode: new Episode(time),
  clients: [],
  current: -1,
  lastHome: time,
  stolenBy: new Set(),
  uses: 0,
})

/**
 * A client in another network and with other software than the token's first one, and than any its principal is known
 * by: neither a phone on the move, nor an update, nor a second device.
 */
function isStranger(token: Token, index: number, habit: Habit): boolean {
  const client = token.clients[index]
  const home = token.clients[0]
  if (client === undefined || home === undefined || index === 0) return false
  if (client.ip === home.ip || client.software === home.software) return false
  return token.stolenBy.has(index) || (!habit.ips.has(client.ip) && !habit.software.has(client.software))
}

const logoutPath = /(?:^|[/_.-])(?:log-?out|sign-?out|logoff)(?:$|[/_.-])/i
const revokePath = /(?:^|[/_.-])revoke(?:$|[/_.-])/i
const sessionPath = /\/(?:sessions?|tokens?)(?:\/(?:me|current|self))?\/?$/i

/** Whether this successful call ends the token that carried it. */
function endingOf(o: Observation): Ending['how'] | undefined {
  const { method, path } = o.call.request
  if (loginAttemptOf(o) !== undefined) return undefined
  if (logoutPath.test(path) && method !== 'OPTIONS' && method !== 'HEAD') return 'logout'
  if (revokePath.test(path) && method === 'POST') return 'revocation'
  return method === 'DELETE' && sessionPath.test(path) ? 'logout' : undefined
}

export const tokenReuse = defineDetector({
  id: 'token-reuse',
  title: 'Tokens where they should not be',
  summary:
    'Follows each token from its issue to its end: used after expiry, logout or revocation, used by a second client in another network while the first goes on, or never handed out by anyone.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1539', 'T1606.001'],
  options: {
    tokens: { default: 50_000, reason: 'Tokens followed, about 500 bytes each.' },
    skewSeconds: { default: 60, reason: 'Clocks differ by less than a minute.' },
    overlapMinutes: { default: 30, reason: 'Half an hour between the two clients: both are at work.' },
    survivors: {
      default: 3,
      reason: 'Three people whose own clients go on after a logout: the logout ends nothing here.',
    },
    habitCalls: {
      default: 30,
      reason: 'After thirty calls it is known from where and with what somebody works.',
    },
    lateSeconds: {
      default: 10,
      reason:
        'Sensors beside the request path tell a call up to ten seconds late; once there are any, calls are judged in order of time.',
    },
    waiting: { default: 20_000, reason: 'Calls that wait to be put in order, about a kilobyte each.' },
    issuedTokens: { default: 20, reason: 'Twenty tokens seen on their way out show that they can be seen.' },
  },
  messages: {
    expired: 'The token of {principal} was accepted {after} after it had expired, from {ip}.',
    expiredAttempt:
      'The token of {principal} was tried {after} after it had expired, from {ip}, and refused.',
    ended: 'The token of {principal} was accepted {after} after its {how}, from {ip}.',
    endedAttempt: 'The token of {principal} was tried {after} after its {how}, from {ip}, and refused.',
    concurrent:
      'The token of {principal} is used from {second} while its owner goes on using it from {first}.',
    concurrentAttempt:
      'The token of {principal} was tried from {second} while its owner goes on using it from {first}.',
    unissued: 'A token in the name of {principal} that was never handed out was accepted from {ip}.',
    unissuedAttempt:
      'A token in the name of {principal} that was never handed out was tried from {ip}, and refused.',
  },
  whenNotAnAttack:
    'The owner works through a proxy or moves a session between devices, or tokens are issued on a way that is not observed.',
  examples: {
    fires: [
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice POST /logout -> 204
wait 5m
alice GET /me -> 200 {"name":"alice"}`,
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl GET /me every 10s x 2 -> 200 {"name":"alice"}
alice GET /me every 10s x 2 -> 200 {"name":"alice"}`,
      `bob exp=+10m GET /me -> 401
wait 20m
alice exp=+10m GET /me -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `alice exp=+10m GET /me -> 200 {"name":"alice"}
wait 20m
alice exp=+10m GET /me -> 401`,
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice ip=203.0.113.9 GET /me every 10s x 2 -> 200 {"name":"alice"}
alice GET /me every 10s x 2 -> 200 {"name":"alice"}`,
    ],
  },
  create: context => new TokenReuseRun(context),
})
