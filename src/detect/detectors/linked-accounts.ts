import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { DistinctCount } from '../../kit/distinct-count.ts'
import type { CallId, PrincipalId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { objectsRead } from '../objects-read.ts'
import { counted, plural, span, whoIs } from '../words.ts'

const dayMs = 86_400_000
const mostAccounts = 24
const keptCalls = 100

/** What one account does on a device. Plain data. */
interface Account {
  objects: number
  reads: number
  calls: number
}

/** Accounts on one device. Plain data. */
interface Link {
  from: number
  last: number
  accounts: Map<PrincipalId, Account>
  /** More accounts than are followed: a gateway or a shared machine. */
  crowded: boolean
  readonly union: DistinctCount
  sum: number
  type: string
  recent: CallId[]
  raised: boolean
}

class LinkedAccountsRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #objects: Measure
  /** The one account seen on a device, as long as it is one. */
  #owners = new BoundedMap<string, PrincipalId>(100_000)
  #links: BoundedMap<string, Link>
  /** When the first account was seen: whoever was there before that cannot be told from who came then. */
  #since: number | undefined

  constructor(context: DetectContext) {
    this.#context = context
    this.#objects = context.baseline.measure({ metric: 'objects per day', unit: 'objects' })
    this.#links = new BoundedMap(context.option('links'))
  }

  observe(o: Observation): readonly Finding[] {
    const { identity, call } = o
    if (identity.kind === 'anonymous' || identity.kind === 'service' || actsForOthers(o)) return []
    this.#since ??= call.time
    const { device, principal } = identity
    const slot = this.#context.baseline.slotOf(principal)
    const read = objectsRead(o)
    if (slot !== undefined && read !== undefined) this.#objects.add(slot, call.time, read.marks.length)
    const owner = this.#owners.get(device)
    const { option, baseline } = this.#context
    if (owner === undefined) this.#owners.set(device, principal)
    const known = this.#links.get(device)
    // Of an account that is as new as its device it is kept what it reads: others may follow.
    const isNew = (): boolean =>
      !o.learning && call.time - (baseline.profile(principal)?.firstSeen ?? 0) <= dayMs
    if (known === undefined && (owner ?? principal) === principal && !isNew()) return []
    const going = known !== undefined && call.time - known.from <= option('days') * dayMs
    const link = going ? known : newLink(call.time)
    if (!going) this.#links.set(device, link)
    // Nothing is made of more accounts than are followed.
    if (link.crowded) return []
    this.#note(o, link)
    if (o.learning || link.crowded) return []
    if (link.raised) return objectsRead(o) === undefined ? [] : [this.#finding(o, link, [o.call.id])]
    if (!this.#sharesOut(o, link)) return []
    link.raised = true
    return [this.#finding(o, link, link.recent)]
  }

  size(): number {
    return this.#owners.size + this.#links.size
  }

  save(): unknown {
    return { owners: this.#owners, links: this.#links, since: this.#since }
  }

  load(saved: unknown): void {
    const { owners, links, since } = saved as {
      readonly owners: BoundedMap<string, PrincipalId>
      readonly links: BoundedMap<string, Link>
      readonly since: number | undefined
    }
    this.#owners = owners
    this.#links = links
    this.#since = since
  }

  #note(o: Observation, link: Link): void {
    const { principal } = o.identity
    link.last = Math.max(link.last, o.call.time)
    let account = link.accounts.get(principal)
    if (account === undefined) {
      if (link.accounts.size >= mostAccounts) {
        link.crowded = true
        return
      }
      account = { objects: 0, reads: 0, calls: 0 }
      link.accounts.set(principal, account)
    }
    account.calls += 1
    const read = objectsRead(o)
    if (read === undefined) return
    const before = link.union.count
    for (const mark of read.marks) link.union.addNumber(mark)
    link.sum += read.marks.length
    account.reads += 1
    account.objects += Math.max(0, link.union.count - before)
    link.type = read.type
    link.recent.push(o.call.id)
    if (link.recent.length > keptCalls) link.recent.shift()
  }

  /** Several new accounts, each reading what the others did not, and little else. */
  #sharesOut(o: Observation, link: Link): boolean {
    const { option, baseline } = this.#context
    if (link.accounts.size < option('accounts')) return false
    const readers = [...link.accounts.values()].filter(({ objects }) => objects >= option('each'))
    if (readers.length < option('accounts')) return false
    const objects = link.union.count
    if (objects < option('objects')) return false
    const peers = baseline.peerMetric(o.identity, this.#objects.metric)
    if (peers !== undefined && objects < peers.metric.quantile(0.99)) return false
    const mean = readers.reduce((sum, one) => sum + one.objects, 0) / readers.length
    const spread = Math.sqrt(
      readers.reduce((sum, one) => sum + (one.objects - mean) ** 2, 0) / readers.length,
    )
    const reads = readers.reduce((sum, one) => sum + one.reads, 0)
    const calls = readers.reduce((sum, one) => sum + one.calls, 0)
    // Neighbours behind one gateway with the same make of device each read what is theirs: accounts that were there before tie nobody.
    const since = Math.max(link.from - dayMs, (this.#since ?? link.from) + dayMs)
    const fresh = [...link.accounts.keys()].filter(
      principal => (baseline.profile(principal)?.firstSeen ?? 0) >= since,
    )
    return (
      fresh.length >= 0.7 * link.accounts.size &&
      fresh.length >= option('accounts') &&
      objects >= 0.93 * link.sum &&
      reads >= 0.7 * calls &&
      spread <= 0.6 * mean
    )
  }

  #finding(o: Observation, link: Link, evidence: readonly CallId[]): Finding {
    const peers = this.#context.baseline.peerMetric(o.identity, this.#objects.metric)
    const accounts = [...link.accounts]
      .filter(([, { objects }]) => objects >= this.#context.option('each'))
      .map(([principal]) => principal)
    return {
      message: 'shared',
      observed: {
        ...observedOf(link.union.count, 'objects of all accounts', 'objects'),
        who: whoIs(o.identity),
        count: counted(accounts.length, 'account'),
        accounts,
        noun: plural(link.type),
        device: o.identity.device,
        time: span(link.last - link.from),
      },
      expected:
        peers === undefined
          ? { accounts: 1, n: 0 }
          : expectedOf(distributionOf(peers.metric, peers.metric.n, peers.group.name)),
      attempt: false,
      confidence: Math.min(0.9, 0.7 + 0.03 * accounts.length),
      severity: 'high',
      ...blame(o),
      evidence,
      key: `${o.identity.device}\0${link.from}`,
      actor: `device:${o.identity.device}`,
    }
  }
}

const newLink = (time: number): Link => ({
  from: time,
  last: time,
  accounts: new Map(),
  crowded: false,
  union: new DistinctCount({ exact: 128, precision: 11 }),
  sum: 0,
  type: 'object',
  recent: [],
  raised: false,
})

const people = Array.from({ length: 12 }, (_, index) => `p${index}`).join(',')
const history = Array.from(
  { length: 4 },
  (_, day) => `learn ${people} GET /orders/{${day * 6 + 1}..${day * 6 + 6}} -> 200 {"total":3}\nwait 1d`,
).join('\n')
const farm = 'ip=192.0.2.77 agent=okhttp'

export const linkedAccounts = defineDetector({
  id: 'linked-accounts',
  title: 'Several accounts, one hand',
  kind: 'statistical',
  summary:
    'Joins accounts that appeared on one device within a week and counts what they read together: each alone looks ordinary, all of them read different parts of one collection and do nothing else.',
  family: 'exfiltration',
  severity: 'high',
  owasp: ['API6:2023', 'API1:2023'],
  attack: ['T1078', 'T1119'],
  options: {
    links: { default: 20_000, reason: 'Devices with several accounts followed at a time; up to 8 KB each.' },
    days: { default: 7, reason: 'A rotation takes a week; accounts that meet once a month are a household.' },
    accounts: {
      default: 3,
      reason: 'A couple shares a device; three accounts that only read are no family.',
    },
    each: { default: 8, reason: 'Accounts that read fewer than eight different objects take no part.' },
    objects: {
      default: 60,
      reason: 'Sixty different objects together, and more than 99 % of peers read in a day.',
    },
  },
  messages: {
    shared:
      '{count} on one device read {value} different {noun} in {time}, hardly one of them twice: {accounts}.',
  },
  whenNotAnAttack: 'A shop counter, a classroom or a tester with several accounts on one device.',
  examples: {
    fires: [
      `${history}\n${[0, 1, 2, 3]
        .map(
          turn =>
            `m${turn} ${farm} GET /orders/{${1_000 + turn * 25}..${1_024 + turn * 25}} every 40s -> 200 {"total":3}\nwait 2h`,
        )
        .join('\n')}`,
    ],
    quiet: [
      [0, 1, 2, 3]
        .map(
          turn =>
            `m${turn} ${farm} GET /orders/{${1_000 + turn * 25}..${1_024 + turn * 25}} every 40s -> 200 {"total":3}\nwait 2h`,
        )
        .join('\n'),
      `${history}\n${[0, 1, 2, 3].map(turn => `p${turn} GET /orders/{${1_000 + turn * 25}..${1_024 + turn * 25}} every 40s -> 200 {"total":3}`).join('\n')}`,
      `${history}\n${Array.from({ length: 25 }, (_, step) => `p0,p1,p2 ${farm} GET /orders/{${100 + step}} every 40s -> 200 {"total":3}`).join('\n')}`,
      `${history}\n${[0, 1, 2]
        .map(
          turn =>
            `p${turn} ${farm} GET /orders/{${turn * 5 + 1}..${turn * 5 + 6}} every 40s -> 200 {"total":3}\np${turn} ${farm} POST /orders x 10 -> 201 {"id":"o-{n}"}`,
        )
        .join('\n')}`,
    ],
  },
  create: context => new LinkedAccountsRun(context),
})
