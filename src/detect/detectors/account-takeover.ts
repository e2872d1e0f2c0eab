import type { Observation } from '../../baseline/observation.ts'
import { challengesIn } from '../../identity/login.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId } from '../../kit/id.ts'
import type { Severity } from '../../kit/severity.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type Attack, handedOut, type LoginMoment, type Try } from '../logins/login-book.ts'
import {
  changedContact,
  locksOut,
  noteContacts,
  sendsMoney,
  sensitiveChange,
} from '../logins/sensitive-change.ts'
import { span } from '../words.ts'

const minute = 60_000
const day = 86_400_000

/** What a takeover got: a token, or the session of a principal. */
interface Spoil {
  readonly finding: Finding
}

/** A login from where its owner never was, and what was changed since. */
interface NewPlace {
  readonly one: Try
  /** Nor with this kind of software. */
  readonly stranger: boolean
  /** Wrong passwords for this account from there in the hour before. */
  readonly guesses: number
  readonly changes: Map<string, CallId>
  /** Hashes of the addresses and numbers that its answers showed. */
  readonly contacts: Set<number>
}

/** How often, in an application, people change who they are reached by right after a login from a new place. */
interface Custom {
  logins: number
  followed: number
}

class AccountTakeoverRun implements DetectorRun, Component {
  readonly #context: DetectContext
  /** First twelve digits of a token that a takeover got. */
  #spoils: BoundedMap<string, Spoil>
  /** Token → the login from a new place that brought it. */
  #newPlaces: BoundedMap<string, NewPlace>
  #customs: BoundedMap<string, Custom> = new BoundedMap(1_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#spoils = new BoundedMap(context.option('logins'))
    this.#newPlaces = new BoundedMap(context.option('logins'))
  }

  observe(o: Observation): readonly Finding[] {
    const { logins } = this.#context
    const { moment } = logins
    const revealed = logins.drainRevealed()
    const findings = revealed.map(({ success, attack }) => this.#taken(success, attack))
    if (moment?.attempt.outcome === 'success') findings.push(...this.#success(moment))
    else if (moment === undefined) findings.push(...this.#use(o))
    return o.learning ? [] : findings
  }

  size(): number {
    return this.#spoils.size + this.#newPlaces.size + this.#customs.size
  }

  save(): unknown {
    const saved: Saved = { spoils: this.#spoils, newPlaces: this.#newPlaces, customs: this.#customs }
    return saved
  }

  load(saved: unknown): void {
    const { spoils, newPlaces, customs } = saved as Saved
    this.#spoils = spoils
    this.#newPlaces = newPlaces
    this.#customs = customs
  }

  #success(moment: LoginMoment): readonly Finding[] {
    const { account, sources, one, tokens, learning } = moment
    if (one.familiar) return []
    const attack =
      account.attack !== undefined && account.sources.has(one.source)
        ? account.attack
        : this.#context.logins.failedBeside(one)
          ? sources.find(source => source.attack !== undefined)?.attack
          : undefined
    if (attack !== undefined && !learning) {
      moment.stolen = true
      const finding = this.#taken(one, attack)
      for (const token of tokens) this.#spoils.set(token, { finding })
      return [finding]
    }
    // A first login has no usual place yet.
    const settled =
      account.since !== undefined && one.time - account.since >= this.#context.option('settledDays') * day
    if (settled) {
      this.#customOf(one.host).logins += 1
      const stranger = !account.software.has(one.software)
      const guesses = account.recent.filter(
        each =>
          one.time - each.time <= this.#context.option('withinMinutes') * minute &&
          (each.source === one.source || each.device === one.device),
      ).length
      const place: NewPlace = { one, stranger, guesses, changes: new Map(), contacts: new Set() }
      for (const token of tokens) this.#newPlaces.set(token, place)
    }
    return []
  }

  /** What is done with a token: by whoever took an account over, or after a login from a new place. */
  #use(o: Observation): readonly Finding[] {
    this.#inherit(o)
    const token = o.identity.token?.slice(0, 12)
    if (token === undefined) return []
    const spoil = this.#spoils.peek(token)
    if (spoil !== undefined) return [{ ...spoil.finding, evidence: [o.call.id] }]
    const place = this.#newPlaces.peek(token)
    if (place === undefined || o.outcome !== 'success') return []
    const change =
      sensitiveChange(o) ??
      changedContact(o, place.contacts) ??
      (place.changes.size > 0 && sendsMoney(o) ? 'where money is' : undefined)
    noteContacts(o, place.contacts)
    if (change === undefined) return []
    const after = o.call.time - place.one.time
    if (after > this.#context.option('withinMinutes') * minute) return []
    const custom = this.#customOf(place.one.host)
    if (place.changes.size === 0) custom.followed += 1
    place.changes.set(change, o.call.id)
    // A new payee alone is what banks are for.
    if (!place.stranger && place.changes.size === 1 && change === 'where money goes') return []
    // Where people do so every day it says nothing.
    const customary =
      custom.followed > this.#context.option('customary') && custom.followed > 0.2 * custom.logins
    return customary || o.learning ? [] : [this.#changed(o, place, after)]
  }

  /** The second step of a login brings the token. */
  #inherit(o: Observation): void {
    const { content, method } = o.call.request
    if (method === 'GET' || o.outcome !== 'success') return
    if (content.kind !== 'json' && content.kind !== 'form') return
    for (const challenge of challengesIn(content.value)) {
      const spoil = this.#spoils.peek(challenge)
      const place = this.#newPlaces.peek(challenge)
      if (spoil === undefined && place === undefined) continue
      for (const token of handedOut(o)) {
        if (spoil !== undefined) this.#spoils.set(token, spoil)
        if (place !== undefined) this.#newPlaces.set(token, place)
      }
    }
  }

  #changed(o: Observation, { one, changes, stranger, guesses }: NewPlace, after: number): Finding {
    const several = changes.size > 1
    const guessed = guesses >= this.#context.option('guesses')
    const locked = [...changes.keys()].some(locksOut)
    const [severity, confidence]: readonly [Severity, number] = stranger
      ? several || guessed
        ? ['high', 0.86]
        : locked
          ? ['high', 0.75]
          : ['medium', 0.8]
      : (several && locked) || guessed
        ? ['medium', 0.7]
        : ['low', 0.6]
    return {
      message: 'changed',
      observed: {
        account: one.account,
        place: one.source,
        changes: [...changes.keys()].join(' and '),
        after: span(after),
        guesses,
      },
      expected: {
        place: 'an address or a device this account logged in with before',
        ...(stranger ? { client: 'software this account logged in with before' } : {}),
      },
      attempt: false,
      confidence,
      severity,
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [one.call, ...changes.values()],
      objects: [`account:${one.account}`],
      key: `changed\0${one.host}\0${one.account}\0${one.time}`,
    }
  }

  #taken(one: Try, { how, key, actor }: Attack): Finding {
    return {
      message: 'taken',
      observed: { who: one.who, account: one.account, how },
      expected: { login: 'after so many failures, none from the same source' },
      attempt: false,
      confidence: 0.93,
      severity: 'critical',
      principal: one.principal,
      endpoint: one.endpoint,
      evidence: [one.call],
      objects: [`account:${one.account}`],
      key: `taken\0${key}\0${one.account}`,
      actor,
    }
  }

  #customOf(host: string): Custom {
    return this.#customs.ensure(host, () => ({ logins: 0, followed: 0 }))
  }
}

interface Saved {
  readonly spoils: BoundedMap<string, Spoil>
  readonly newPlaces: BoundedMap<string, NewPlace>
  readonly customs: BoundedMap<string, Custom>
}

export const accountTakeover = defineDetector({
  id: 'account-takeover',
  title: 'Accounts taken over',
  summary:
    'A login that works where passwords were guessed, stuffed or sprayed before, and all that is done with what it got. Also a login from a place new to the account that is followed within the hour by a change of how its owner is reached or paid.',
  family: 'authentication',
  severity: 'critical',
  owasp: ['API2:2023'],
  attack: ['T1078', 'T1098'],
  options: {
    logins: {
      default: 20_000,
      reason: 'Logins from new places and their tokens remembered, about 500 bytes each.',
    },
    settledDays: {
      default: 1,
      reason: 'A day after its first login an account has a place it is known by.',
    },
    withinMinutes: {
      default: 60,
      reason: 'Who takes an account over locks its owner out at once; people who move do so some day.',
    },
    guesses: { default: 2, reason: 'Two wrong passwords from there just before: its owner knows it.' },
    customary: {
      default: 3,
      reason:
        'Where it happened three times, and after every fifth such login, it is how the application is used.',
    },
  },
  messages: {
    taken: '{who} logged in as {account} after {how} passwords.',
    changed:
      'After a login as {account} from {place}, where it never logged in before, {changes} changed within {after}.',
  },
  whenNotAnAttack:
    'The owner has a new telephone and a new number, or forgot the password and remembers it at last from a friend’s computer.',
  examples: {
    fires: [
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 2s x 25 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"carol","password":"[redacted:password:aaaaaaaaaaaa]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 2s x 15 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"alice","password":"[redacted:password:aaaaaaaaaaaa]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
      `anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:00000000000a]"}
wait 2d
anonymous ip=203.0.113.9 agent=curl POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]"}
alice ip=203.0.113.9 agent=curl PUT /me/email body={"email":"m@mail.example"} -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl PUT /me/payout body={"iban":"[redacted:iban:00000000000b]"} -> 200 {"name":"alice"}`,
      `anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:00000000000a]"}
wait 2d
anonymous ip=203.0.113.9 agent=curl POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]"}
alice ip=203.0.113.9 agent=curl GET /Patient/7 -> 200 {"id":"7","gender":"x","birth":"x","city":"x","telecom":[{"system":"phone","value":"+15550100"}]}
alice ip=203.0.113.9 agent=curl PUT /Patient/7 body={"id":"7","gender":"x","birth":"x","city":"x","telecom":[{"system":"phone","value":"+15550199"}]} -> 200 {"id":"7"}`,
    ],
    quiet: [
      `anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:00000000000a]"}
wait 2d
anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000b]"} every 9s x 8 -> 401 {"error":"wrong password"}
anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]"}
alice ip=198.51.100.4 PUT /me/email body={"email":"a@mail.example"} -> 200 {"name":"alice"}`,
      `anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:00000000000a]"}
wait 2d
anonymous ip=203.0.113.9 agent=phone POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]"}
alice ip=203.0.113.9 agent=phone GET /me every 5s x 20 -> 200 {"name":"alice"}`,
      `anonymous ip=198.51.100.4 POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:00000000000a]"}
wait 2d
anonymous ip=203.0.113.9 agent=phone POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} -> 200 {"token":"[redacted:token:{token:alice}]"}
alice ip=203.0.113.9 agent=phone GET /Patient/7 -> 200 {"id":"7","gender":"x","birth":"x","city":"x","telecom":[{"system":"phone","value":"+15550100"}]}
alice ip=203.0.113.9 agent=phone PUT /Patient/7 body={"id":"7","gender":"y","birth":"x","city":"x","telecom":[{"system":"phone","value":"+15550100"}]} -> 200 {"id":"7"}`,
    ],
  },
  create: context => new AccountTakeoverRun(context),
})
