import type { Observation } from '../../baseline/observation.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { type AccountLogins, type LoginMoment, passwordsTried, type Try } from '../logins/login-book.ts'
import type { Why } from '../tuning/why.ts'
import { counted } from '../words.ts'

/** Passwords tried on one account, whoever tries them. Everything it knows is in the book of logins. */
class BruteForceRun implements DetectorRun {
  readonly #context: DetectContext

  constructor(context: DetectContext) {
    this.#context = context
  }

  observe(o: Observation): readonly Finding[] {
    const { moment } = this.#context.logins
    if (moment === undefined || moment.attempt.outcome === 'success' || o.learning) return []
    const { account, one } = moment
    if (one.familiar)
      return this.#isGuessedAtHome(account, one) ? [this.#finding(o, moment, [one], true)] : []
    const first = account.attack?.how !== 'guessed'
    if (first && !this.#isGuessed(account, one.time)) return []
    if (first) {
      account.attack = {
        how: 'guessed',
        key: `brute\0${one.host}\0${one.account}\0${account.episode.from}`,
        actor: account.sources.size > 1 ? `account:${one.host}/${one.account}` : one.principal,
      }
    }
    return [this.#finding(o, moment, first ? account.recent : [one], false)]
  }

  why(o: Observation): Why | undefined {
    const attempt = loginAttemptOf(o)
    if (attempt === undefined) return undefined
    const account = this.#context.logins.accountOf(o.call.destination.host, attempt.account)
    if (account === undefined || attempt.outcome === 'success') return undefined
    const value = account.soon.count(o.call.time)
    const threshold = this.#context.option('failures')
    const passwords = Math.round(passwordsTried(account))
    return {
      state: 'below',
      text: `${counted(value, 'login')} to ${attempt.account} failed in ten minutes with ${counted(passwords, 'password')} (from ${threshold} with ${this.#context.option('passwords')} on), ${account.day.count(o.call.time)} in a day (from ${this.#context.option('dayFailures')} on).`,
      ...{ value, threshold, unit: 'failures in ten minutes' },
    }
  }

  size(): number {
    return 0
  }

  #isGuessed(account: AccountLogins, time: number): boolean {
    const tried = passwordsTried(account)
    const passwords = this.#context.option('passwords')
    return (
      (account.soon.count(time) >= this.#context.option('failures') && tried >= passwords) ||
      (account.day.count(time) >= this.#context.option('dayFailures') && tried >= 1.5 * passwords) ||
      (account.failures >= this.#context.option('stretchFailures') && tried >= 3 * passwords)
    )
  }

  /** The owner's place may be a colleague's: there it takes three times as much. */
  #isGuessedAtHome(account: AccountLogins, { time }: Try): boolean {
    return (
      account.home.count(time) >= 3 * this.#context.option('failures') &&
      account.homePasswords.size >= 3 * this.#context.option('passwords')
    )
  }

  #finding(o: Observation, { account, one }: LoginMoment, tries: readonly Try[], home: boolean): Finding {
    const sources = home ? 1 : account.sources.size
    const failures = home ? account.home.count(one.time) : account.failures
    return {
      message: 'guessed',
      observed: {
        who: sources > 1 ? `Clients at ${counted(sources, 'address')}` : one.who,
        account: one.account,
        what: counted(failures, 'failed login'),
        passwords: home ? account.homePasswords.size : Math.round(passwordsTried(account)),
        sources,
      },
      expected: {
        failures: `fewer than ${this.#context.option('failures')} in ten minutes, with the same few passwords`,
      },
      attempt: true,
      confidence: Math.min(0.97, 0.85 + failures / 1_000),
      severity: failures >= this.#context.option('dayFailures') ? 'high' : 'medium',
      principal: one.principal,
      endpoint: o.match.endpoint,
      evidence: tries.map(({ call }) => call),
      objects: [`account:${one.account}`],
      key: account.attack?.key ?? `brute\0${one.host}\0${one.account}\0home\0${account.episode.from}`,
      actor: account.attack?.actor ?? one.principal,
    }
  }
}

export const bruteForce = defineDetector({
  id: 'brute-force',
  title: 'Guessed passwords of one account',
  summary:
    'Counts failed logins to one account from places where its name never logged in, and how many different passwords they try, over ten minutes, a day and a whole stretch of days. From the places its owner uses it takes three times as much.',
  family: 'authentication',
  concern: 'logins',
  severity: 'medium',
  owasp: ['API2:2023'],
  attack: ['T1110', 'T1110.001'],
  options: {
    failures: { default: 10, reason: 'Ten failures in ten minutes: people give up or reset earlier.' },
    passwords: {
      default: 5,
      reason: 'Five different passwords: people repeat the two or three they know.',
    },
    dayFailures: {
      default: 20,
      reason: 'Twenty failures in a day from places this name never logged in from.',
    },
    stretchFailures: {
      default: 30,
      reason:
        'Thirty failures with fifteen passwords without a success or a quiet day and a half in between: a few a day add up.',
    },
  },
  messages: {
    guessed: '{who} tried {passwords} passwords on the account {account} in {what}.',
  },
  whenNotAnAttack:
    'Somebody tries all the passwords they ever had from a new device, or a client retries with generated ones.',
  examples: {
    fires: [
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 2s x 15 -> 401 {"error":"wrong password"}`,
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 4h x 40 -> 401 {"error":"wrong password"}`,
    ],
    quiet: [
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} every 20s x 4 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000b]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 40s x 8 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000b]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
      `anonymous POST /login body={"username":"sync-job","password":"[redacted:password:00000000000a]"} every 30s x 200 -> 401 {"error":"wrong password"}`,
    ],
  },
  create: context => new BruteForceRun(context),
})
