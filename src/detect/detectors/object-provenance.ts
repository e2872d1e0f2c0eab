import { judgeOwner } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import { isPrivileged } from '../../baseline/role-matrix.ts'
import type { SlotColumn } from '../../baseline/slot-column.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { logBetaShare } from '../../kit/count-tail.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { memo } from '../../kit/memo.ts'
import { pairKeys } from '../../kit/pair-key.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { observedOf } from '../distribution.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, idsOf, objectOf, subjectOf, verbOf, whoIs } from '../words.ts'

const dayMs = 86_400_000
const placeOf = pairKeys()
/** Where all ordinary callers stand together: what few of a group do is compared with that. */
const anyGroup = '*'
/** Where an endpoint's objects stand, whatever is done to them: who may read one comes by its id as who may change it. */
const collectionOf = memo((endpoint): string => {
  const path = endpoint.slice(endpoint.indexOf(' ') + 1)
  return path.includes('#') ? path : path.slice(0, path.lastIndexOf('{') + 1)
})

/** How often a group's members ask for what came to them, at one endpoint. Plain data. */
interface Coverage {
  granted: number
  total: number
  /** Hash of the principal → requests that count, the first few principals. */
  readonly by: Map<number, number>
  /** Of these, who asked for what had not come to them: in settled history, and since. */
  readonly settled: Set<number>
  readonly since: Set<number>
}

class ObjectProvenanceRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #coverage: BoundedMap<string, Coverage>
  readonly #stretches: Stretches
  /** Accounts behind one client: client and endpoint → hashes of the principals. */
  readonly #accounts: BoundedMap<string, Set<number>>
  /** Of each principal: the day, and what it asked for on it that had come to it. */
  readonly #granted: SlotColumn

  constructor(context: DetectContext) {
    this.#context = context
    this.#coverage = new BoundedMap(context.option('endpoints'))
    this.#stretches = new Stretches({ most: context.option('principals'), gapMs: dayMs, lengthMs: 3 * dayMs })
    this.#accounts = new BoundedMap(context.option('principals'))
    this.#granted = context.baseline.column('u16', 2)
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || o.identity.kind === 'anonymous' || actsForOthers(o)) return []
    const object = objectOf(o.match)
    if (object === undefined) return []
    const findings: Finding[] = []
    for (const id of idsOf(o.match)) {
      const granted = this.#context.grants.has(o, id)
      if (granted !== undefined) findings.push(...this.#asked(o, `${object.type}:${id}`, granted))
    }
    return findings
  }

  merged(from: EndpointId, to: EndpointId): void {
    this.#fold(from, to)
    this.#fold(collectionOf(from), collectionOf(to))
  }

  #fold(from: string, to: string): void {
    for (const [key, coverage] of [...this.#coverage.entries()]) {
      if (from === to || !key.startsWith(`${from}\0`)) continue
      this.#coverage.delete(key)
      const target = `${to}${key.slice(from.length)}`
      const mine = this.#coverage.get(target)
      if (mine === undefined) this.#coverage.set(target, coverage)
      else {
        mine.granted += coverage.granted
        mine.total += coverage.total
        for (const one of coverage.settled) mine.settled.add(one)
        for (const one of coverage.since) mine.since.add(one)
      }
    }
  }

  size(): number {
    return this.#coverage.size + this.#stretches.size + this.#accounts.size
  }

  save(): unknown {
    return [this.#coverage, this.#stretches, this.#accounts, this.#granted.save()]
  }

  load(saved: unknown): void {
    const [coverage, stretches, accounts, granted] = saved as readonly [
      BoundedMap<string, Coverage>,
      Stretches,
      BoundedMap<string, Set<number>>,
      unknown,
    ]
    this.#granted.load(granted)
    this.#coverage.adopt(coverage)
    this.#stretches.adopt(stretches)
    this.#accounts.adopt(accounts)
  }

  #asked(o: Observation, object: string, granted: boolean): readonly Finding[] {
    const group = this.#context.roles.groupOf(o)
    const { endpoint } = o.match
    const place = placeOf(endpoint, group)
    const peers = this.#coverage.get(place)
    // Accounts made for it must not become a group of their own whose ids come from nowhere.
    const settled = o.learning || this.#context.baseline.trusted(o.identity.principal)
    if (settled) this.#learn(place, o, granted)
    const everybody = placeOf(endpoint, anyGroup)
    const collection = placeOf(collectionOf(endpoint), anyGroup)
    const ordinary = o.identity.kind === 'user' && !isPrivileged(group)
    if (ordinary && settled) {
      this.#learn(everybody, o, granted)
      this.#learn(collection, o, granted)
    }
    if (o.learning) return []
    const key = `${o.identity.principal}\0${endpoint}`
    const before = this.#isUsual(peers)
      ? peers
      : ordinary && this.#isThin(peers, group, o.identity.principal)
        ? [everybody, collection].map(one => this.#coverage.peek(one)).find(one => this.#isUsual(one))
        : undefined
    if (before === undefined) return []
    const share = before.granted / Math.max(1, before.total)
    const client = `${o.identity.device}\0${endpoint}`
    const today = this.#today(o, granted)
    if (granted) {
      // Only of interest once something came without one.
      for (const known of [key, client]) {
        const stretch = this.#stretches.peek(known)
        if (stretch !== undefined) stretch.count += 1
      }
      return []
    }
    if (this.#isOwn(o)) return []
    const own = this.#stretches.step(key, o.call.time, o.call.id, object)
    if (own.things.length === 1) own.count = Math.max(own.count, 1 + today)
    const linked = this.#stretches.step(client, o.call.time, o.call.id, object)
    const accounts = this.#accounts.ensure(client, () => new Set())
    if (linked.things.length <= 1) accounts.clear()
    if (accounts.size < 64) accounts.add(hash32(o.identity.principal))
    const chance = Math.max(this.#context.option('floor'), 1 - share)
    const said = (stretch: Stretch, least: number): boolean =>
      stretch.things.length >= least &&
      logBetaShare(chance, stretch.things.length, Math.max(1, stretch.count - stretch.things.length + 1)) <
        Math.log(this.#context.option('chance'))
    if (own.raised || said(own, this.#context.option('objects')))
      return [this.#finding(o, own, before, object, isPrivileged(group) ? 'insider' : 'alone', 1)]
    if (
      accounts.size >= this.#context.option('accounts') &&
      (linked.raised || said(linked, 2 * this.#context.option('objects')))
    )
      return [this.#finding(o, linked, before, object, 'linked', accounts.size)]
    return []
  }

  /** Enough callers, and nearly everything they ask for had come to them. */
  #isUsual(coverage: Coverage | undefined): boolean {
    return (
      coverage !== undefined &&
      coverage.by.size >= this.#context.option('peers') &&
      coverage.total >= this.#context.option('requests') &&
      coverage.granted >= this.#context.option('coverage') * coverage.total
    )
  }

  /**
   * Too little is known of a group to say how it comes by ids, nobody of it came by them otherwise in settled history, nor several since.
   * Accounts without a role are no group with ways of its own: some may be made for it.
   */
  #isThin(coverage: Coverage | undefined, group: string, principal: string): boolean {
    if (coverage === undefined) return true
    const { by, total, settled, since } = coverage
    if (settled.size > 0) return false
    if (group.startsWith('kind:')) return true
    if (by.size >= this.#context.option('peers') && total >= this.#context.option('requests')) return false
    const others = since.size - (since.has(hash32(principal)) ? 1 : 0)
    return others < this.#context.option('otherwise')
  }

  /** How much the caller asked for today that had come to it. */
  #today(o: Observation, granted: boolean): number {
    const slot = this.#context.baseline.slotOf(o.identity.principal)
    if (slot === undefined) return 0
    const day = Math.floor(o.call.time / dayMs) & 0xffff
    if (this.#granted.get(slot) !== day) {
      this.#granted.set(slot, day)
      this.#granted.set(slot, 0, 1)
    }
    const count = this.#granted.get(slot, 1)
    if (granted && count < 60_000) this.#granted.set(slot, count + 1, 1)
    return count
  }

  #learn(place: string, o: Observation, granted: boolean): void {
    const coverage = this.#coverage.ensure(place, () => ({
      granted: 0,
      total: 0,
      by: new Map(),
      settled: new Set(),
      since: new Set(),
    }))
    const principal = hash32(o.identity.principal)
    const votes = coverage.by.get(principal) ?? 0
    if (votes >= this.#context.option('votes') || (votes === 0 && coverage.by.size >= 128)) return
    coverage.by.set(principal, votes + 1)
    coverage.total += 1
    if (granted) coverage.granted += 1
    else (o.learning ? coverage.settled : coverage.since).add(principal)
    if (coverage.total < 128 * this.#context.option('votes') * 0.5) return
    // What was long ago counts less and less: an application whose ids come otherwise now is learned anew.
    coverage.total /= 2
    coverage.granted /= 2
    for (const [each, count] of coverage.by) coverage.by.set(each, Math.floor(count / 2))
  }

  /** The answer, or what is learned of the endpoint's owner, says that it is the caller's. */
  #isOwn(o: Observation): boolean {
    const bindings = this.#context.owners.of(o.match.endpoint)
    const content = o.call.response?.content
    if (bindings.length === 0 || content === undefined) return false
    const { owner, foreign } = judgeOwner(bindings, content, o.identity, o.match.params)
    // Whom the binding lets cross is judged by what led them there.
    return owner !== '' && !foreign && !isPrivileged(this.#context.roles.groupOf(o))
  }

  #finding(
    o: Observation,
    stretch: Stretch,
    coverage: Coverage,
    object: string,
    message: 'alone' | 'linked' | 'insider',
    accounts: number,
  ): Finding {
    const count = stretch.things.length
    const share = coverage.granted / Math.max(1, coverage.total)
    return {
      message,
      observed: {
        ...observedOf(count, 'objects that never came to the caller', 'objects'),
        who: whoIs(o.identity),
        verb: verbOf(o.call.request.method),
        what: counted(count, subjectOf(o.match)),
        endpoint: o.match.endpoint,
        accounts,
        client: o.identity.device,
      },
      expected: {
        share: Math.round(share * 1_000) / 10,
        principals: coverage.by.size,
        requests: Math.round(coverage.total),
        group: this.#context.roles.groupOf(o),
      },
      attempt: false,
      confidence: Math.min(0.95, 0.75 + 0.01 * count),
      severity: count >= 20 || o.call.request.method !== 'GET' ? 'high' : 'medium',
      ...blame(o),
      evidence: toTell(stretch),
      objects: [object],
      key:
        message === 'linked'
          ? `${o.identity.device}\0${o.match.endpoint}\0${stretch.from}\0linked`
          : `${o.identity.principal}\0${o.match.endpoint}\0${stretch.from}`,
      ...(message === 'linked' ? { actor: `device:${o.identity.device}` } : {}),
    }
  }
}

export const objectProvenance = defineDetector({
  id: 'object-provenance',
  title: 'Objects that nothing led to',
  summary:
    'Remembers which ids came to each caller: in answers, as what it created, in its token. Where nearly everybody asks only for what came to them, successful requests for ids that came from nowhere are guessed or stolen; the same for accounts behind one client together, and for staff whose cases did not lead there.',
  family: 'authorization',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API1:2023'],
  attack: ['T1119', 'T1213'],
  options: {
    coverage: {
      default: 0.9,
      reason:
        'Where less than nine in ten requests are led to by an answer, ids come by mail, search or paper.',
    },
    peers: { default: 10, reason: 'Ten callers of a group show how its ids come about.' },
    requests: { default: 50, reason: 'Fifty requests of the group, each caller with at most its votes.' },
    votes: { default: 20, reason: 'Nobody’s many requests outweigh those of the others.' },
    otherwise: {
      default: 2,
      reason: 'Two others of a small group whom nothing led to what they asked for: it has ways of its own.',
    },
    objects: { default: 5, reason: 'Five objects from nowhere: one or two are a bookmark or a shared link.' },
    accounts: { default: 3, reason: 'Three accounts behind one client that take such objects together.' },
    chance: {
      default: 1e-6,
      reason: 'The chance, by the binomial tail, that the usual share of links explains it.',
    },
    floor: { default: 0.02, reason: 'One request of fifty from nowhere is expected of anybody.' },
    endpoints: {
      default: 5_000,
      reason: 'Endpoints and groups whose usual share is remembered; about 2 KiB each.',
    },
    principals: { default: 20_000, reason: 'Callers with such objects remembered; about 500 bytes each.' },
  },
  messages: {
    alone:
      '{who} {verb} {what} at {endpoint} that never came to them in an answer; {share} % of requests by {principals} others are for what did.',
    linked:
      '{accounts} accounts behind one client took {what} at {endpoint} that never came to any of them; {share} % of requests by {principals} others are for what did.',
    insider:
      '{who} {verb} {what} at {endpoint} that none of their cases or searches led to; {share} % of requests by {principals} colleagues are for what did.',
  },
  whenNotAnAttack:
    'Links to the objects were handed out another way: by mail, a message, an import, or an application whose answers are not seen here.',
  examples: {
    fires: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /notes every 5s -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"},{"id":"{self}-c"},{"id":"{self}-d"},{"id":"{self}-e"}]}
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /notes/{self}-{a|b|c|d|e} every 5s -> 200 {"text":"x"}
mallory GET /notes -> 200 {"items":[]}
mallory GET /notes/{u1-a|u2-b|u3-c|u4-d|u5-e|u6-a} every 5m -> 200 {"text":"x"}`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /notes every 5s -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"},{"id":"{self}-c"},{"id":"{self}-d"},{"id":"{self}-e"}]}
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 roles=member GET /notes/{self}-{a|b|c|d|e} every 5s -> 200 {"text":"x"}
mallory DELETE /notes/{u1-a|u2-b|u3-c|u4-d|u5-e|u6-a} every 5m -> 204`,
    ],
    quiet: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /notes every 5s -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"},{"id":"{self}-c"},{"id":"{self}-d"},{"id":"{self}-e"}]}
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /notes/{self}-{a|b|c|d|e} every 5s -> 200 {"text":"x"}
sam GET /search -> 200 {"hits":[{"id":"u1-a"},{"id":"u2-b"},{"id":"u3-c"},{"id":"u4-d"},{"id":"u5-e"}]}
sam GET /notes/{u1-a|u2-b|u3-c|u4-d|u5-e} every 5m -> 200 {"text":"x"}
ann GET /notes/{u6-a|u6-b} -> 200 {"text":"x"}`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /articles/{a|b|c|d|e} every 5s -> 200 {"text":"x"}
ann GET /articles/{f|g|h|i|j|k} every 5m -> 200 {"text":"x"}`,
    ],
  },
  create: context => new ObjectProvenanceRun(context),
})
