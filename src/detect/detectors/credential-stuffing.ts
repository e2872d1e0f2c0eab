import type { Observation } from '../../baseline/observation.ts'
import { maskedSecrets } from '../../identity/login.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { type CallId, type PrincipalId, principalId } from '../../kit/id.ts'
import { RollingCount } from '../../kit/rolling-count.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Episode } from '../episode.ts'
import { type LoginAttempt, loginAttemptOf } from '../login-attempt.ts'
import { counted, whoIs } from '../words.ts'

const minute = 60_000
const hour = 60 * minute

/** A failed or successful login, as far as it is kept. */
interface Try {
  readonly call: CallId
  readonly time: number
  readonly account: string
  readonly source: string
  readonly principal: PrincipalId
  readonly who: string
}

/** Tries under one account name, from anywhere. */
interface Account {
  readonly soon: RollingCount
  readonly day: RollingCount
  readonly episode: Episode
  passwords: Set<string>
  unmasked: number
  readonly sources: Set<string>
  /** Where this name logged in successfully before: its own. */
  readonly homes: Set<string>
  recent: Try[]
  raised: boolean
  failures: number
}

/** Tries from one source, under any name. */
interface Source {
  readonly episode: Episode
  accounts: Map<string, number>
  successes: Map<string, Try>
  failures: RollingCount
  tries: RollingCount
  passwords: Set<string>
  recent: Try[]
  raised: boolean
}

/** Failures of a whole application that no single source or account explains. */
interface Campaign {
  readonly window: RollingCount
  readonly strangers: RollingCount
  readonly episode: Episode
  hourStart: number
  hourCount: number
  mean: number
  hours: number
  recent: Try[]
  successes: Try[]
  active: boolean
  failures: number
  readonly sources: Set<string>
  readonly accounts: Set<string>
}

class CredentialStuffingRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #accounts: BoundedMap<string, Account>
  readonly #sources: BoundedMap<string, Source>
  readonly #campaigns = new BoundedMap<string, Campaign>(1_000)
  /** First 12 digits of a token that a takeover got → the finding its use belongs to. */
  readonly #spoils: BoundedMap<string, Finding>

  constructor(context: DetectContext) {
    this.#context = context
    this.#accounts = new BoundedMap(context.option('accounts'))
    this.#sources = new BoundedMap(context.option('sources'))
    this.#spoils = new BoundedMap(context.option('sources'))
  }

  observe(o: Observation): readonly Finding[] {
    if (actsForOthers(o)) return []
    const attempt = loginAttemptOf(o)
    if (attempt === undefined || attempt.kind !== 'login') return this.#spoilsOf(o)
    const host = o.call.destination.host
    const one: Try = {
      call: o.call.id,
      time: o.call.time,
      account: attempt.account,
      source: o.call.source.ip ?? o.identity.device,
      principal: o.identity.principal,
      who: whoIs(o.identity),
    }
    const account = this.#accounts.ensure(`${host}\0${one.account}`, () => newAccount(one.time))
    const source = this.#sources.ensure(`${host}\0${one.source}`, () => newSource(one.time))
    this.#tidy(account, source, one.time)
    source.tries.add(one.time)
    return attempt.outcome === 'success'
      ? this.#success(o, one, account, source)
      : this.#failure(o, one, attempt, account, source)
  }

  size(): number {
    return this.#accounts.size + this.#sources.size + this.#campaigns.size + this.#spoils.size
  }

  /** A new stretch forgets the old one, or years of forgotten passwords would add up. */
  #tidy(account: Account, source: Source, time: number): void {
    if (account.episode.touch(time)) {
      account.passwords = new Set()
      account.unmasked = 0
      account.sources.clear()
      account.recent = []
      account.raised = false
      account.failures = 0
    }
    if (source.episode.touch(time)) {
      source.accounts = new Map()
      source.successes = new Map()
      source.passwords = new Set()
      source.recent = []
      source.raised = false
    }
  }

  #failure(
    o: Observation,
    one: Try,
    attempt: LoginAttempt,
    account: Account,
    source: Source,
  ): readonly Finding[] {
    const { time } = one
    const findings: Finding[] = []
    // At the place where this name usually logs in, it is its owner who mistypes.
    const athome = account.homes.has(one.source)
    const soon = athome ? account.soon.count(time) : account.soon.add(time)
    const day = athome ? account.day.count(time) : account.day.add(time)
    if (!athome) {
      if (attempt.password === undefined) account.unmasked += 1
      else if (account.passwords.size < 64) account.passwords.add(attempt.password)
      if (account.sources.size < 256) account.sources.add(one.source)
      keep(account.recent, one)
    }
    source.failures.add(time)
    if (!athome) {
      if (source.accounts.size < 2_000 || source.accounts.has(one.account))
        source.accounts.set(one.account, time)
      keep(source.recent, one)
      if (attempt.password !== undefined && source.passwords.size < 256)
        source.passwords.add(attempt.password)
    }
    const variety = account.passwords.size + account.unmasked / 1.5
    const brute =
      !athome &&
      ((soon >= this.#context.option('bruteFailures') && variety >= this.#context.option('brutePasswords')) ||
        (day >= this.#context.option('slowFailures') &&
          variety >= 1.5 * this.#context.option('brutePasswords')))
    if (brute || (account.raised && !athome)) findings.push(this.#brute(o, one, account))
    const distinct = athome ? 0 : recentAccounts(source, time, hour)
    const ratio = source.failures.count(time) / Math.max(1, source.tries.count(time))
    const stuffing =
      (distinct >= this.#context.option('stuffedAccounts') &&
        ratio >= this.#context.option('failureRatio')) ||
      (!athome &&
        source.accounts.size >= 3 * this.#context.option('stuffedAccounts') &&
        ratio >= this.#context.option('failureRatio'))
    if (!athome && (stuffing || source.raised)) findings.push(...this.#stuffing(o, one, source))
    if (!athome && findings.length === 0) findings.push(...this.#distributed(o, one, account))
    else this.#closeHour(this.#campaign(o), time)
    return findings
  }

  #brute(o: Observation, one: Try, account: Account): Finding {
    const first = !account.raised && !o.learning
    const tries = first ? account.recent : [one]
    if (!o.learning) account.raised = true
    account.failures += tries.length
    const sources = account.sources.size
    return {
      message: 'brute',
      observed: {
        who: sources > 1 ? `Clients at ${counted(sources, 'address')}` : one.who,
        account: one.account,
        what: counted(account.failures, 'failed login'),
        passwords: account.passwords.size,
        sources,
      },
      expected: {
        failures: `fewer than ${this.#context.option('bruteFailures')} in ten minutes, with the same few passwords`,
      },
      attempt: true,
      confidence: Math.min(0.97, 0.85 + account.failures / 1_000),
      severity: account.failures >= 50 ? 'high' : 'medium',
      principal: one.principal,
      endpoint: o.match.endpoint,
      evidence: tries.map(({ call }) => call),
      objects: [`account:${one.account}`],
      key: `brute\0${o.call.destination.host}\0${one.account}\0${account.episode.from}`,
      actor: sources > 1 ? `account:${o.call.destination.host}/${one.account}` : one.principal,
    }
  }

  #stuffing(o: Observation, one: Try, source: Source): readonly Finding[] {
    const first = !source.raised && !o.learning
    const tries = first ? source.recent : [one]
    if (!o.learning) source.raised = true
    const spraying = source.passwords.size > 0 && source.passwords.size <= 3 && source.accounts.size >= 10
    const findings: Finding[] = [
      {
        message: spraying ? 'sprayed' : 'stuffed',
        observed: {
          who: one.who,
          accounts: counted(source.accounts.size, 'account'),
          what: counted(source.recent.length, 'failed login'),
          passwords: source.passwords.size,
          ratio: Math.round(
            (100 * source.failures.count(one.time)) / Math.max(1, source.tries.count(one.time)),
          ),
        },
        expected: {
          accounts: `fewer than ${this.#context.option('stuffedAccounts')} accounts that fail from one source in an hour`,
        },
        attempt: true,
        confidence: Math.min(0.97, 0.8 + source.accounts.size / 500),
        severity: source.accounts.size >= 50 ? 'high' : 'medium',
        principal: one.principal,
        endpoint: o.match.endpoint,
        evidence: tries.map(({ call }) => call),
        objects: [`account:${one.account}`],
        key: `stuffing\0${o.call.destination.host}\0${one.source}\0${source.episode.from}`,
        actor: one.principal,
      },
    ]
    // What worked before it was clear what this is.
    if (first)
      for (const success of source.successes.values())
        findings.push(this.#takeover(o, success, 'stuffing', `stuffing\0${one.source}`, one.principal))
    return findings
  }

  #success(o: Observation, one: Try, account: Account, source: Source): readonly Finding[] {
    const known = account.homes.has(one.source)
    const tokens = maskedSecrets(
      o.call.response?.content.kind === 'json' ? o.call.response.content.value : undefined,
    )
    const findings: Finding[] = []
    if (!known && !o.learning) {
      if (account.raised && account.sources.has(one.source)) {
        const sources = account.sources.size
        findings.push(
          this.#takeover(
            o,
            one,
            'guessing',
            `brute\0${one.account}`,
            sources > 1 ? `account:${o.call.destination.host}/${one.account}` : one.principal,
          ),
        )
      } else if (source.raised)
        findings.push(this.#takeover(o, one, 'stuffing', `stuffing\0${one.source}`, one.principal))
      else {
        if (source.successes.size < 64) source.successes.set(one.account, one)
        const campaign = this.#campaign(o)
        if (campaign.active && campaign.sources.has(one.source))
          findings.push(
            this.#takeover(o, one, 'stuffing', 'distributed', `campaign:${o.call.destination.host}`),
          )
        else keep(campaign.successes, one)
      }
      for (const token of findings.length > 0 ? tokens : []) this.#spoils.set(token, findings[0] as Finding)
    }
    // What an attacker got right does not become the owner's place.
    if (findings.length === 0 && account.homes.size < 32) account.homes.add(one.source)
    return findings
  }

  #takeover(o: Observation, one: Try, how: string, key: string, actor: string): Finding {
    return {
      message: 'takeover',
      observed: { who: one.who, account: one.account, how },
      expected: { login: 'after so many failures, none from the same source' },
      attempt: false,
      confidence: 0.93,
      severity: 'critical',
      principal: one.principal,
      endpoint: o.match.endpoint,
      evidence: [one.call],
      objects: [`account:${one.account}`],
      key: `takeover\0${o.call.destination.host}\0${key}\0${one.account}`,
      actor,
    }
  }

  /** What is done with a token that a takeover brought in. */
  #spoilsOf(o: Observation): readonly Finding[] {
    const { token } = o.identity
    if (token === undefined || this.#spoils.size === 0) return []
    const finding = this.#spoils.get(token.slice(0, 12))
    return finding === undefined ? [] : [{ ...finding, evidence: [o.call.id] }]
  }

  #campaign(o: Observation): Campaign {
    return this.#campaigns.ensure(o.call.destination.host, () => ({
      window: new RollingCount(12, 5 * minute),
      strangers: new RollingCount(12, 5 * minute),
      episode: new Episode(o.call.time, 6 * hour),
      hourStart: o.call.time,
      hourCount: 0,
      mean: 0,
      hours: 0,
      recent: [],
      successes: [],
      active: false,
      failures: 0,
      sources: new Set(),
      accounts: new Set(),
    }))
  }

  /** Ends the hours that have passed: the usual number of failures is learned from them, slowly and within limits. */
  #closeHour(campaign: Campaign, time: number): void {
    let passed = 0
    while (time - campaign.hourStart >= hour && passed < 72) {
      const count = campaign.active ? campaign.mean : campaign.hourCount
      campaign.hours += 1
      campaign.mean += (count - campaign.mean) / Math.min(campaign.hours, 48)
      campaign.hourCount = 0
      campaign.hourStart += hour
      passed += 1
    }
    if (passed === 72) campaign.hourStart = time
  }

  #distributed(o: Observation, one: Try, account: Account): readonly Finding[] {
    const campaign = this.#campaign(o)
    const { time } = one
    this.#closeHour(campaign, time)
    campaign.hourCount += 1
    if (campaign.episode.touch(time)) {
      campaign.active = false
      campaign.recent = []
      campaign.successes = []
      campaign.sources.clear()
      campaign.accounts.clear()
      campaign.failures = 0
    }
    const stranger = account.homes.size === 0
    const failures = campaign.window.add(time)
    const strangers = stranger ? campaign.strangers.add(time) : campaign.strangers.count(time)
    keep(campaign.recent, one)
    campaign.recent = campaign.recent.filter(entry => time - entry.time <= hour)
    if (o.learning) return []
    const threshold = Math.max(
      this.#context.option('globalFailures'),
      campaign.mean + 6 * Math.sqrt(campaign.mean + 1),
    )
    if (!campaign.active) {
      const sources = new Set(campaign.recent.map(({ source }) => source))
      if (
        failures < threshold ||
        strangers < 0.4 * failures ||
        sources.size < this.#context.option('globalSources')
      )
        return []
      campaign.active = true
    } else if (failures < threshold / 3) {
      campaign.active = false
      return []
    }
    const first = campaign.failures === 0
    const tries = first ? campaign.recent : [one]
    campaign.failures += tries.length
    for (const entry of tries) {
      if (campaign.sources.size < 10_000) campaign.sources.add(entry.source)
      if (campaign.accounts.size < 10_000) campaign.accounts.add(entry.account)
    }
    const principal = principalId('anonymous', 'many-sources')
    const findings: Finding[] = [
      {
        message: 'distributed',
        observed: {
          what: counted(campaign.failures, 'login'),
          sources: counted(campaign.sources.size, 'address'),
          accounts: counted(campaign.accounts.size, 'account'),
          perHour: failures,
          strangers: Math.round((100 * strangers) / failures),
        },
        expected: { usual: Math.round(campaign.mean * 10) / 10, threshold: Math.round(threshold) },
        attempt: true,
        confidence: 0.85,
        severity: 'high',
        principal,
        endpoint: o.match.endpoint,
        evidence: tries.map(({ call }) => call),
        objects: [`account:${one.account}`],
        key: `distributed\0${o.call.destination.host}\0${campaign.episode.from}`,
        actor: `campaign:${o.call.destination.host}`,
      },
    ]
    if (first) {
      for (const success of campaign.successes) {
        const failed = this.#sources.peek(`${o.call.destination.host}\0${success.source}`)
        if (time - success.time <= hour && failed !== undefined && recentAccounts(failed, time, hour) >= 2) {
          findings.push(
            this.#takeover(o, success, 'stuffing', 'distributed', `campaign:${o.call.destination.host}`),
          )
        }
      }
    }
    return findings
  }
}

const newAccount = (time: number): Account => ({
  soon: new RollingCount(10, minute),
  day: new RollingCount(48, hour / 2),
  episode: new Episode(time),
  passwords: new Set(),
  unmasked: 0,
  sources: new Set(),
  homes: new Set(),
  recent: [],
  raised: false,
  failures: 0,
})

const newSource = (time: number): Source => ({
  episode: new Episode(time),
  accounts: new Map(),
  successes: new Map(),
  failures: new RollingCount(24, hour),
  tries: new RollingCount(24, hour),
  passwords: new Set(),
  recent: [],
  raised: false,
})

function keep(list: Try[], one: Try): void {
  list.push(one)
  if (list.length > 200) list.shift()
}

function recentAccounts(source: Source, time: number, window: number): number {
  let count = 0
  for (const last of source.accounts.values()) if (time - last <= window) count += 1
  return count
}

export const credentialStuffing = defineDetector({
  id: 'credential-stuffing',
  title: 'Guessed and stuffed passwords',
  summary:
    'Counts failed logins by account, by source and over the whole application, and how many different names and passwords they try. A success after such failures, from the same source, is a takeover.',
  family: 'authentication',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1110', 'T1110.001', 'T1110.003', 'T1110.004', 'T1078'],
  options: {
    accounts: { default: 50_000, reason: 'Account names remembered, about 1 KiB each under attack.' },
    sources: { default: 50_000, reason: 'Sources remembered, about 1 KiB each under attack.' },
    bruteFailures: { default: 10, reason: 'Ten failures in ten minutes: people give up or reset earlier.' },
    brutePasswords: {
      default: 5,
      reason: 'Five different passwords: people repeat the two or three they know.',
    },
    slowFailures: {
      default: 20,
      reason: 'Twenty failures in a day from places this name never logged in from.',
    },
    stuffedAccounts: {
      default: 10,
      reason:
        'Ten names failing from one source in an hour; an office shares an address, not forgotten passwords.',
    },
    failureRatio: {
      default: 0.7,
      reason: "An office's logins mostly succeed; stuffing succeeds in 0.1 to 2 %.",
    },
    globalFailures: { default: 30, reason: 'Fewer failures in an hour over all sources are a busy morning.' },
    globalSources: { default: 8, reason: 'Fewer sources are found one by one.' },
  },
  messages: {
    brute: '{who} tried {passwords} passwords on the account {account} in {what}.',
    stuffed: '{who} tried to log in to {accounts} with as many passwords; {ratio} % failed.',
    sprayed: '{who} tried the same few passwords on {accounts}; {ratio} % failed.',
    distributed:
      '{what} to {accounts} failed from {sources}, {perHour} in the last hour where {usual} are usual.',
    takeover: '{who} logged in as {account} after {how} passwords.',
  },
  whenNotAnAttack:
    'A load test or a broken client retries with an old password, or a migration logs many accounts in from one place.',
  examples: {
    fires: [
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 2s x 15 -> 401 {"error":"wrong password"}`,
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 2s x 25 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"carol","password":"[redacted:password:aaaaaaaaaaaa]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
    ],
    quiet: [
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} every 20s x 4 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000b]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
    ],
  },
  create: context => new CredentialStuffingRun(context),
})
