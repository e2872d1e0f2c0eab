import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { attackingSource, sourceOfLogin } from '../logins/attacking-source.ts'
import {
  failedLately,
  failureShare,
  type LoginMoment,
  type SourceLogins,
  type Try,
} from '../logins/login-book.ts'
import type { Why } from '../tuning/why.ts'
import { counted, span } from '../words.ts'

const hour = 3_600_000

/** One password and the accounts it was tried on. */
interface Password {
  readonly from: number
  last: number
  /** Account → the try that failed, the latest. */
  readonly accounts: Map<string, Try>
  readonly sources: Set<string>
  raised: boolean
}

/** The same few passwords on many accounts: from one source, or the same password from many. */
class PasswordSprayingRun implements DetectorRun, Component {
  readonly #context: DetectContext
  /** Host and mask → where it was tried. */
  #passwords: BoundedMap<string, Password>

  constructor(context: DetectContext) {
    this.#context = context
    this.#passwords = new BoundedMap(context.option('remembered'))
  }

  observe(o: Observation): readonly Finding[] {
    const { moment } = this.#context.logins
    if (moment === undefined) return []
    const { one, attempt } = moment
    if (attempt.outcome === 'success') {
      if (!one.familiar) this.#forgive(moment)
      return []
    }
    if (one.familiar) return []
    const password = this.#note(one)
    if (o.learning) return []
    const source = moment.sources.find(each => this.#isSpraying(each, one.time))
    if (source !== undefined)
      return [
        attackingSource(this.#context, o, moment, source, {
          how: 'sprayed',
          name: 'spraying',
          expected: `fewer than ${this.#context.option('accounts')} accounts that fail with the same password`,
        }),
      ]
    return password !== undefined && this.#isSprayed(password) ? [this.#byPassword(o, one, password)] : []
  }

  why(o: Observation): Why | undefined {
    const source = sourceOfLogin(this.#context, o)
    if (source === undefined) return undefined
    const value = source.accounts.size
    const threshold = this.#context.option('accounts')
    return {
      state: 'below',
      text: `${counted(value, 'account')} failed from this source with ${counted(source.passwords.size, 'password')} (from ${threshold} accounts with at most ${this.#context.option('passwords')} passwords on).`,
      ...{ value, threshold, unit: 'accounts' },
    }
  }

  size(): number {
    return this.#passwords.size
  }

  save(): unknown {
    return this.#passwords
  }

  load(saved: unknown): void {
    this.#passwords = saved as BoundedMap<string, Password>
  }

  #note(one: Try): Password | undefined {
    if (one.password === undefined) return undefined
    const key = `${one.host}\0${one.password}`
    const window = this.#context.option('windowHours') * hour
    const known = this.#passwords.get(key)
    const password =
      known === undefined || one.time - known.last > window
        ? {
            from: one.time,
            last: one.time,
            accounts: new Map<string, Try>(),
            sources: new Set<string>(),
            raised: false,
          }
        : known
    if (password !== known) this.#passwords.set(key, password)
    password.last = Math.max(password.last, one.time)
    password.accounts.delete(one.account)
    password.accounts.set(one.account, one)
    if (password.accounts.size > 200) {
      const [oldest] = password.accounts.keys()
      if (oldest !== undefined) password.accounts.delete(oldest)
    }
    if (password.sources.size < 64) password.sources.add(one.source)
    return password
  }

  /** Who mistypes and then knows it was no sprayer: none of what failed just before from there counts. */
  #forgive({ account, one }: LoginMoment): void {
    for (const { password, source, time } of account.recent) {
      if (password === undefined || source !== one.source || one.time - time > hour) continue
      this.#passwords.peek(`${one.host}\0${password}`)?.accounts.delete(one.account)
    }
  }

  #isSpraying(source: SourceLogins, time: number): boolean {
    if (source.attack?.how === 'sprayed') return true
    const passwords = source.passwords.size
    return (
      source.attack === undefined &&
      passwords > 0 &&
      passwords <= this.#context.option('passwords') &&
      source.accounts.size >= this.#context.option('accounts') &&
      source.accounts.size >= 3 * passwords &&
      failedLately(source, time, this.#context.option('windowHours') * hour) >=
        this.#context.option('accounts') &&
      failureShare(source, time) >= this.#context.option('failureRatio')
    )
  }

  #isSprayed({ accounts, raised }: Password): boolean {
    return raised || accounts.size >= this.#context.option('accountsPerPassword')
  }

  #byPassword(o: Observation, one: Try, password: Password): Finding {
    const first = !password.raised
    password.raised = true
    const tries = first ? [...password.accounts.values()] : [one]
    const key = `password\0${one.host}\0${one.password ?? ''}\0${password.from}`
    const actor = password.sources.size > 1 ? `campaign:${one.host}/${one.password ?? ''}` : one.principal
    for (const { source } of tries) {
      const from = this.#context.logins.sourceOf(one.host, source)
      if (from !== undefined && from.attack === undefined)
        this.#context.logins.blame(from, { how: 'sprayed', key, actor })
    }
    return {
      message: 'password',
      observed: {
        accounts: counted(password.accounts.size, 'account'),
        sources: counted(password.sources.size, 'address'),
        time: span(password.last - password.from),
      },
      expected: {
        accounts: `fewer than ${this.#context.option('accountsPerPassword')} accounts that fail with one and the same password`,
      },
      attempt: true,
      confidence: 0.87,
      severity: 'high',
      principal: one.principal,
      endpoint: o.match.endpoint,
      evidence: tries.map(({ call }) => call),
      objects: [`account:${one.account}`],
      key,
      actor,
    }
  }
}

export const passwordSpraying = defineDetector({
  id: 'password-spraying',
  title: 'The same password on many accounts',
  summary:
    'Finds one source that tries a few passwords on many accounts, and one password that fails on many accounts from anywhere, over days. Passwords are compared by keyed marks that say nothing else of them.',
  family: 'authentication',
  concern: 'logins',
  severity: 'medium',
  owasp: ['API2:2023'],
  attack: ['T1110.003'],
  options: {
    remembered: { default: 20_000, reason: 'Marks of failed passwords remembered, about 300 bytes each.' },
    windowHours: { default: 72, reason: 'Sprayers wait out lockouts: rounds come once or twice a day.' },
    accounts: {
      default: 10,
      reason: 'Ten accounts from one source; an office shares an address, not a wrong password.',
    },
    passwords: { default: 3, reason: 'Three passwords: more are stuffing or guessing.' },
    accountsPerPassword: {
      default: 12,
      reason:
        'Twelve people do not mistype the same password without one of them getting it right afterwards.',
    },
    failureRatio: { default: 0.7, reason: "An office's logins mostly succeed." },
  },
  messages: {
    source: '{who} tried the same few passwords on {accounts}; {ratio} % failed.',
    password: 'One and the same password failed on {accounts}, from {sources} within {time}.',
  },
  whenNotAnAttack:
    'A client was shipped with a wrong default password, or a migration gave everybody the same one and did not tell them.',
  examples: {
    fires: [
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:aaaaaaaaaaaa]"} every 2s x 15 -> 401 {"error":"wrong password"}`,
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:aaaaaaaaaaaa]"} every 3h x 18 -> 401 {"error":"wrong password"}`,
      `anonymous ip=192.0.2.{n} POST /login body={"username":"user{n}","password":"[redacted:password:aaaaaaaaaaaa]"} every 1h x 20 -> 401 {"error":"wrong password"}`,
    ],
    quiet: [
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 2m x 8 -> 401 {"error":"wrong password"}`,
      `anonymous ip=192.0.2.8 POST /login body={"username":"a","password":"[redacted:password:aaaaaaaaaaaa]"} every 20s -> 401 {"error":"wrong password"}
anonymous ip=192.0.2.8 POST /login body={"username":"a","password":"[redacted:password:00000000000a]"} every 20s -> 200 {"token":"[redacted:token:00000000000a]"}
anonymous ip=192.0.2.9 POST /login body={"username":"b","password":"[redacted:password:aaaaaaaaaaaa]"} every 20s -> 401 {"error":"wrong password"}
anonymous ip=192.0.2.9 POST /login body={"username":"b","password":"[redacted:password:00000000000b]"} every 20s -> 200 {"token":"[redacted:token:00000000000b]"}`,
    ],
  },
  create: context => new PasswordSprayingRun(context),
})
