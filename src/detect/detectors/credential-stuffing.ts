import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { principalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { attackingSource, sourceOfLogin } from '../logins/attacking-source.ts'
import {
  beginWave,
  type Campaign,
  closeHours,
  commonFactor,
  forgive,
  newCampaign,
  noteFactors,
  noteFailure,
  sumNow,
  type Wave,
} from '../logins/campaign.ts'
import {
  type Attack,
  failedLately,
  failureShare,
  type LoginMoment,
  type SourceLogins,
  type Try,
} from '../logins/login-book.ts'
import type { Why } from '../tuning/why.ts'
import { counted } from '../words.ts'

const hour = 3_600_000

/** Many accounts that fail: from one source, or spread over many so that only the whole application sees it. */
class CredentialStuffingRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #campaigns: BoundedMap<string, Campaign>

  constructor(context: DetectContext) {
    this.#context = context
    this.#campaigns = new BoundedMap(context.option('applications'))
  }

  observe(o: Observation): readonly Finding[] {
    const { moment } = this.#context.logins
    if (moment === undefined) return []
    const { one } = moment
    const campaign = this.#campaigns.ensure(one.host, () => newCampaign(one.time))
    closeHours(campaign, one.time)
    noteFactors(campaign, one)
    if (moment.attempt.outcome === 'success') {
      this.#success(moment, campaign)
      return []
    }
    if (one.familiar) return []
    const source = o.learning ? undefined : moment.sources.find(each => this.#isStuffing(each, one.time))
    if (source !== undefined)
      return [
        attackingSource(this.#context, o, moment, source, {
          how: 'stuffed',
          name: 'stuffing',
          expected: `fewer than ${this.#context.option('accounts')} accounts that fail from one source in an hour`,
        }),
      ]
    if (moment.sources.some(({ attack }) => attack !== undefined) || moment.account.attack !== undefined)
      return []
    return this.#spread(o, moment, campaign)
  }

  why(o: Observation): Why | undefined {
    const { host } = o.call.destination
    const source = sourceOfLogin(this.#context, o)
    if (source === undefined) return undefined
    const { time } = o.call
    const value = failedLately(source, time, hour)
    const threshold = this.#context.option('accounts')
    const ratio = Math.round(100 * failureShare(source, time))
    const campaign = this.#campaigns.peek(host)
    const spread = campaign === undefined ? 0 : campaign.recent.length
    return {
      state: 'below',
      text: `${counted(value, 'account')} failed from this source within an hour (from ${threshold} on), and ${ratio} % of its logins did (from ${Math.round(100 * this.#context.option('failureRatio'))} % on); ${counted(spread, 'failure')} of the whole application lately above what is usual (from ${this.#context.option('failures')} on).`,
      ...{ value, threshold, unit: 'accounts that fail in an hour' },
    }
  }

  size(): number {
    return this.#campaigns.size
  }

  save(): unknown {
    return this.#campaigns
  }

  load(saved: unknown): void {
    this.#campaigns = saved as BoundedMap<string, Campaign>
  }

  #isStuffing(source: SourceLogins, time: number): boolean {
    if (source.attack !== undefined) return source.attack.how === 'stuffed'
    const least = this.#context.option('accounts')
    // The same few passwords are spraying.
    const passwords = source.passwords.size
    if (passwords > 0 && passwords <= 3) return false
    return (
      (failedLately(source, time, hour) >= least || source.accounts.size >= 2 * least) &&
      failureShare(source, time) >= this.#context.option('failureRatio')
    )
  }

  #attackOf(wave: Wave, host: string): Attack {
    return { how: 'stuffed', key: `spread\0${host}\0${wave.from}`, actor: `campaign:${host}/${wave.from}` }
  }

  #success({ one, sources, learning }: LoginMoment, campaign: Campaign): void {
    if (one.familiar || learning) return
    const mistyped = campaign.recent.some(
      ({ account, source }) => account === one.account && source === one.source,
    )
    const wave = campaign.waves.find(each => this.#isTaken(each, one))
    if (mistyped) forgive(campaign, one)
    else if (wave !== undefined) this.#context.logins.reveal(one, this.#attackOf(wave, one.host))
    else if (sources.every(({ attack }) => attack === undefined)) {
      campaign.successes.push(one)
      if (campaign.successes.length > 400) campaign.successes.shift()
    }
  }

  /** A success of the wave's: with its tool where ordinary logins never use that, or from where other names failed. */
  #isTaken(wave: Wave, one: Try): boolean {
    if (wave.factor !== undefined) return wave.rare && one.factors.includes(wave.factor)
    const from = this.#context.logins.sourceOf(one.host, one.source)
    if (from === undefined || !wave.sources.has(one.source)) return false
    return failedLately(from, one.time, hour) - (from.accounts.has(one.account) ? 1 : 0) >= 2
  }

  #spread(o: Observation, { one, account }: LoginMoment, campaign: Campaign): readonly Finding[] {
    const stranger = account.since === undefined
    const wave = campaign.waves.find(({ factor }) =>
      factor === undefined ? stranger : one.factors.includes(factor),
    )
    if (wave !== undefined) return o.learning ? [] : [this.#finding(o, campaign, wave, [one])]
    noteFailure(campaign, one)
    if (o.learning || !this.#begins(campaign)) return []
    const factor = commonFactor(campaign, this.#context.option('lift'))
    const { wave: begun, tries } = beginWave(campaign, one.time, factor)
    const finding = this.#finding(o, campaign, begun, tries)
    this.#revealSuccesses(campaign, begun, one)
    return [finding]
  }

  #finding(o: Observation, campaign: Campaign, wave: Wave, tries: readonly Try[]): Finding {
    const { factor, sources, accounts, perHour, usual } = wave
    wave.last = o.call.time
    wave.failures += tries.length
    for (const { source, account } of tries) {
      if (sources.size < 10_000) sources.add(source)
      if (accounts.size < 10_000) accounts.add(account)
    }
    const attack = this.#attackOf(wave, o.call.destination.host)
    return {
      message: factor === undefined ? 'spread' : 'tool',
      observed: {
        what: counted(wave.failures, 'login'),
        sources: counted(sources.size, 'address'),
        accounts: counted(accounts.size, 'account'),
        perHour,
        ...(factor === undefined ? {} : { factor }),
      },
      expected: { usual: Math.round(10 * usual) / 10, hours: campaign.seen },
      attempt: true,
      confidence: factor === undefined ? 0.86 : 0.9,
      severity: 'high',
      principal: principalId('anonymous', 'many-sources'),
      endpoint: o.match.endpoint,
      evidence: tries.map(({ call }) => call),
      objects: tries.slice(-1).map(({ account }) => `account:${account}`),
      key: attack.key,
      actor: attack.actor,
    }
  }

  /** Failures above what is usual at this hour, of names nobody knows or with a tool that nobody else uses, from many places. */
  #begins(campaign: Campaign): boolean {
    const { recent } = campaign
    const least = this.#context.option('failures')
    if (recent.length < (campaign.seen < 24 ? 1.5 * least : least)) return false
    if (sumNow(campaign) < this.#context.option('cusum')) return false
    const sources = new Set(recent.map(({ source }) => source))
    const accounts = new Set(recent.map(({ account }) => account))
    if (sources.size < this.#context.option('sources') || accounts.size < this.#context.option('sources'))
      return false
    const strangers = recent.filter(
      ({ host, account }) => this.#context.logins.accountOf(host, account)?.since === undefined,
    )
    return (
      strangers.length >= this.#context.option('strangers') * recent.length ||
      commonFactor(campaign, this.#context.option('lift')) !== undefined
    )
  }

  /** What worked before it was clear what this is. */
  #revealSuccesses(campaign: Campaign, wave: Wave, { host, time }: Try): void {
    const taken = (one: Try): boolean => (wave.rare || time - one.time <= hour) && this.#isTaken(wave, one)
    for (const success of campaign.successes)
      if (taken(success)) this.#context.logins.reveal(success, this.#attackOf(wave, host))
    campaign.successes = campaign.successes.filter(success => !taken(success))
  }
}

export const credentialStuffing = defineDetector({
  id: 'credential-stuffing',
  title: 'Stuffed credentials',
  summary:
    'Finds one source under which many accounts fail, and failures of a whole application above what is usual at that hour of the week that are spread over many addresses: of names that never logged in here, or with a tool that ordinary logins do not use.',
  family: 'authentication',
  concern: 'logins',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1110', 'T1110.004'],
  options: {
    applications: {
      default: 1_000,
      reason: 'Applications whose usual failures are known, about 50 KiB each.',
    },
    accounts: {
      default: 10,
      reason:
        'Ten names failing from one source in an hour, or twenty in a stretch; an office shares an address, not forgotten passwords.',
    },
    failureRatio: {
      default: 0.7,
      reason: "An office's logins mostly succeed; stuffing succeeds in 0.1 to 2 %.",
    },
    failures: {
      default: 16,
      reason: 'Fewer failures that nothing explains are a busy morning; half as many again on the first day.',
    },
    cusum: {
      default: 6,
      reason:
        'Cumulated excess in standard deviations: by itself once in some months where nothing changed (Siegmund, k 0.5); strangers, spread and number must agree.',
    },
    sources: { default: 8, reason: 'Fewer sources are found one by one.' },
    strangers: {
      default: 0.4,
      reason: 'Lists come from elsewhere: many of their names never logged in here.',
    },
    lift: { default: 10, reason: 'Ten times as common among the failures as among logins: the tool of one.' },
  },
  messages: {
    source: '{who} tried to log in to {accounts} with as many passwords; {ratio} % failed.',
    spread:
      '{what} to {accounts} failed from {sources}, {perHour} of them in one hour, where {usual} are usual.',
    tool: '{what} to {accounts} failed from {sources}, {perHour} of them in one hour, where {usual} are usual; they share {factor}.',
  },
  whenNotAnAttack:
    'A load test, or a migration that logs many accounts in from one place with old passwords.',
  examples: {
    fires: [
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 2s x 25 -> 401 {"error":"wrong password"}`,
      `anonymous ip=192.0.2.{n} agent=python-requests/2.32 POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 1m x 40 -> 401 {"error":"wrong password"}`,
    ],
    quiet: [
      `anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000a]"} every 20s x 4 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"alice","password":"[redacted:password:00000000000b]"} -> 200 {"token":"[redacted:token:bbbbbbbbbbbb]"}`,
      `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 20s x 9 -> 401 {"error":"wrong password"}
anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 20s x 40 -> 200 {"token":"[redacted:token:0000000000{n}]"}`,
    ],
  },
  create: context => new CredentialStuffingRun(context),
})
