import { likenessOf } from '../templates/context.ts'
import type { ResponseShape } from '../templates/response-shape.ts'
import { isService } from './host-directory.ts'
import { isAddress } from './host-pattern.ts'

/** One host as its admitted operations show it: `METHOD /template` with placeholders without names, and what is answered there. */
export interface HostFacts {
  readonly host: string
  readonly operations: ReadonlyMap<string, ResponseShape>
}

/** Hosts that are one API under many names, and what shows it. */
export interface HostFamily {
  readonly pattern: string
  readonly hosts: readonly string[]
  /** Hosts that the pattern fits and that are something else. */
  readonly apart: readonly string[]
  readonly evidence: readonly { readonly term: string; readonly nats: number; readonly why: string }[]
  readonly nats: number
}

/** Operations that most hosts of a family must have in common. */
const leastShared = 2
/** Of a host's operations, the share that must be among them, and of the family's hosts the share that may be something else. */
const fits = 0.6
const strays = 0.34

const weights = { prior: -4, count: 0.9, shared: 0.5, mostShared: 3, strays: -3 }

/** What every service has says nothing of which service it is. */
const everywhere =
  /^\S+ \/(?:healthz?|readyz?|livez?|ready|live|ping|status|version|metrics|favicon\.ico|robots\.txt|index\.html?)?\/?$/i

/**
 * Families among hosts: below one parent domain, numbered in their first label, or addresses with one port. Hosts below what is sold
 * to anyone (`co.uk`) and names of services (`api.`, `www.`, `admin.`) are in none.
 *
 * @param least hosts that a family has at least
 */
export function hostFamilies(all: readonly HostFacts[], least: number): readonly HostFamily[] {
  const groups = new Map<string, HostFacts[]>()
  for (const one of all) {
    for (const pattern of patternsOf(one.host)) {
      const known = groups.get(pattern)
      if (known === undefined) groups.set(pattern, [one])
      else known.push(one)
    }
  }
  const found: HostFamily[] = []
  const taken = new Set<string>()
  // What has more fixed text first: `pr-{tenant}.shop.example` before `{tenant}.shop.example`.
  for (const [pattern, members] of [...groups].sort(
    ([a], [b]) => b.length - a.length || (a < b ? -1 : a > b ? 1 : 0),
  )) {
    const free = members.filter(({ host }) => !taken.has(host))
    const family = free.length < least ? undefined : familyOf(pattern, free, least)
    if (family === undefined) continue
    found.push(family)
    for (const host of family.hosts) taken.add(host)
  }
  return found
}

const numbered = /^([a-z][a-z0-9-]*?[a-z-])(\d{1,9})$/

/** The patterns that a host may be of. */
function patternsOf(host: string): readonly string[] {
  const port = /:\d{1,5}$/.exec(host)?.[0] ?? ''
  const bare = port === '' ? host : host.slice(0, -port.length)
  if (isAddress(bare)) return [`{address}${port}`]
  const labels = bare.split('.')
  const [first, ...parents] = labels
  if (first === undefined || parents.length < 2 || isForSale(parents) || isService(first)) return []
  const parent = `.${parents.join('.')}${port}`
  const prefix = numbered.exec(first)?.[1]
  return prefix === undefined ? [`{tenant}${parent}`] : [`${prefix}{number}${parent}`, `{tenant}${parent}`]
}

/** `co.uk`, `com.au`: names below it are of different owners. */
const isForSale = (labels: readonly string[]): boolean =>
  labels.length === 2 &&
  labels[1]!.length === 2 &&
  /^(?:ac|co|com|edu|gob|gouv|gov|govt|net|ne|nom|or|org|sch)$/.test(labels[0]!)

function familyOf(pattern: string, members: readonly HostFacts[], least: number): HostFamily | undefined {
  const shared = sharedOperations(members)
  if (shared.size < leastShared) return undefined
  const hosts: string[] = []
  const apart: string[] = []
  let alike = 0
  for (const { host, operations } of members) {
    let own = 0
    let common = 0
    for (const [operation, shape] of operations) {
      if (everywhere.test(operation)) continue
      own += 1
      const theirs = shared.get(operation)
      if (theirs === undefined) continue
      const like = likenessOf(shape, theirs) ?? 0
      if (like <= -1) continue
      common += 1
      alike += like / shared.size
    }
    if (common > 0 && common / own >= fits) hosts.push(host)
    else apart.push(host)
  }
  if (hosts.length < least || apart.length > strays * members.length) return undefined
  const shares = [
    { term: 'count', nats: weights.count * Math.log2(hosts.length), why: 'there are many such hosts' },
    {
      term: 'contexts',
      nats: Math.min(weights.mostShared, weights.shared * shared.size),
      why: 'the same operations are on each of them',
    },
    { term: 'answers', nats: Math.min(1.4, alike / hosts.length), why: 'the answers are alike' },
    {
      term: 'strays',
      nats: (weights.strays * apart.length) / members.length,
      why: 'hosts beside them are something else',
    },
    { term: 'prior', nats: weights.prior, why: 'what is assumed before any call' },
  ].filter(({ nats }) => nats !== 0)
  const nats = shares.reduce((sum, share) => sum + share.nats, 0)
  if (nats <= 0) return undefined
  return {
    pattern,
    hosts: hosts.sort(),
    apart: apart.sort(),
    evidence: shares.map(share => ({ ...share, nats: round(share.nats) })),
    nats: round(nats),
  }
}

/** Operations that at least half of the hosts have, with what the first of them answers. */
function sharedOperations(members: readonly HostFacts[]): ReadonlyMap<string, ResponseShape> {
  const counts = new Map<string, { hosts: number; shape: ResponseShape }>()
  for (const { operations } of members) {
    for (const [operation, shape] of operations) {
      if (everywhere.test(operation)) continue
      const known = counts.get(operation)
      if (known === undefined) counts.set(operation, { hosts: 1, shape })
      else {
        known.hosts += 1
        if (known.shape.answers === 0) known.shape = shape
      }
    }
  }
  const shared = new Map<string, ResponseShape>()
  for (const [operation, { hosts, shape }] of counts)
    if (hosts * 2 >= members.length) shared.set(operation, shape)
  return shared
}

const round = (nats: number): number => Math.round(nats * 100) / 100
