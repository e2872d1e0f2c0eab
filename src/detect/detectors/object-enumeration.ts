import { fieldHint } from '../../baseline/fields.ts'
import { judgeOwner } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fnv1a } from '../../kit/hash.ts'
import type { CallId, EndpointId } from '../../kit/id.ts'
import { Sprt } from '../../kit/sprt.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import type { Why } from '../tuning/why.ts'
import { counted, idsOf, objectOf, plural, subjectOf, whoIs } from '../words.ts'

const hour = 3_600_000
const keptCalls = 200
const keptObjects = 1_000

type Reason = 'sequence' | 'misses' | 'many' | 'names'

/** One reference somebody tried, and what came of it. */
interface Probe {
  readonly call: CallId
  readonly object: string
  readonly miss: boolean
  /** It was there, and had come to the caller in an answer before. */
  readonly led: boolean
}

/** What one caller reached for at one endpoint, in one stretch. */
interface Walk {
  from: number
  last: number
  /** Hashes of the references, the first thousand: a mistaken repeat only hides a step. */
  readonly objects: Set<number>
  misses: number
  /** Of those found, how many had come to the caller before. */
  led: number
  total: number
  steps: number
  stem: string
  number: number
  readonly misstest: Sprt
  missing: boolean
  recent: Probe[]
  /** Answers of a login or registration, by their wording. */
  readonly answers: Map<number, number>
  reason: Reason | undefined
  taught: boolean
}

/** What callers of an endpoint usually do. */
interface Peers {
  misses: number
  total: number
  /** Distinct objects of finished walks, the latest 256. */
  readonly distinct: number[]
  next: number
  usual: number
  /** Callers who, in settled history, did what this detector would raise. */
  readonly ordinary: Set<string>
}

class ObjectEnumerationRun implements DetectorRun {
  readonly #context: DetectContext
  #walks: BoundedMap<string, Walk>
  #peers: BoundedMap<string, Peers>

  constructor(context: DetectContext) {
    this.#context = context
    this.#walks = new BoundedMap(context.option('walks'))
    this.#peers = new BoundedMap(context.option('endpoints'))
  }

  observe(o: Observation): readonly Finding[] {
    if (actsForOthers(o)) return []
    const status = o.call.response?.status
    // An expired token, a rate limit and a broken server say nothing about the object.
    if (status === undefined || status === 429 || status >= 500) return []
    const attempt = loginAttemptOf(o)
    if (attempt !== undefined)
      return this.#step(
        o,
        `name:${attempt.account}`,
        attempt.outcome === 'failure',
        `${o.match.endpoint}\0${attempt.kind}`,
      )
    if (status === 401) return []
    const object = objectOf(o.match)
    if (object === undefined) return []
    if (o.outcome === 'success' && this.#isOwn(o)) return []
    const miss = o.outcome !== 'success'
    const ids = idsOf(o.match)
    if (ids.length < 2) return this.#step(o, object.id, miss, o.match.endpoint)
    return ids.flatMap(id => this.#step(o, id, miss, o.match.endpoint))
  }

  merged(from: EndpointId, to: EndpointId): void {
    const peers = this.#peers.peek(from)
    if (peers !== undefined) {
      this.#peers.delete(from)
      const mine = this.#peers.get(to)
      if (mine === undefined) this.#peers.set(to, peers)
      else {
        mine.misses += peers.misses
        mine.total += peers.total
        for (const caller of peers.ordinary) mine.ordinary.add(caller)
      }
    }
  }

  why(o: Observation): Why | undefined {
    if (actsForOthers(o)) return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
    const attempt = loginAttemptOf(o)
    const place = attempt === undefined ? o.match.endpoint : `${o.match.endpoint}\0${attempt.kind}`
    const walk = this.#walks.peek(`${callerOf(o)}\0${place}`)
    if (walk === undefined)
      return {
        state: 'other-kind',
        text: 'The call is about no object that can be told, or about one of the caller’s own.',
      }
    const { ordinary } = this.#peers.peek(place) ?? { ordinary: new Set<string>() }
    if (ordinary.has(callerOf(o)) || ordinary.size >= this.#context.option('ordinaryCallers'))
      return { state: 'exempt', text: 'In settled history that was ordinary here.' }
    const [many, misses, sequence] = ['many', 'misses', 'sequence'].map(name => this.#context.option(name))
    return {
      state: 'below',
      text: `${counted(walk.total, 'reference')} in this stretch (from ${many} on, if others take far fewer), ${walk.misses} of them missing (from ${misses} on), ${walk.steps} next to the one before (from ${sequence} on).`,
      ...{ value: walk.total, threshold: many ?? 0, unit: 'references' },
    }
  }

  size(): number {
    return this.#walks.size + this.#peers.size
  }

  #isOwn(o: Observation): boolean {
    if (o.identity.kind === 'anonymous' || o.call.response === undefined) return false
    const { content } = o.call.response
    const bindings = this.#context.owners.of(o.match.endpoint)
    if (bindings.length === 0) return content.kind === 'json' && namesCaller(content.value, o.identity.name)
    const { owner, foreign } = judgeOwner(bindings, content, o.identity, o.match.params)
    return owner !== '' && !foreign
  }

  #step(o: Observation, object: string, miss: boolean, place: string): readonly Finding[] {
    const { time } = o.call
    const caller = callerOf(o)
    const peers = this.#peers.ensure(place, () => ({
      misses: 0,
      total: 0,
      distinct: [],
      next: 0,
      usual: 0,
      ordinary: new Set(),
    }))
    const key = `${caller}\0${place}`
    let walk = this.#walks.get(key)
    if (
      walk !== undefined &&
      (time - walk.last > this.#context.option('idleHours') * hour || time - walk.from > 72 * hour)
    ) {
      this.#finish(walk, peers)
      walk = undefined
    }
    if (walk === undefined) {
      walk = newWalk(time)
      this.#walks.set(key, walk)
    }
    walk.last = Math.max(walk.last, time)
    const led = !miss && !attemptPlace(place) && this.#context.grants.has(o, object) === true
    const probe: Probe = { call: o.call.id, object, miss, led }
    if (attemptPlace(place)) {
      const wording = wordingOf(o)
      if (walk.answers.size < 32 || walk.answers.has(wording))
        walk.answers.set(wording, (walk.answers.get(wording) ?? 0) + 1)
    }
    const mark = fnv1a(object)
    if (walk.objects.has(mark)) {
      // A repeat teaches nothing new, but within a raised walk it belongs to it.
      if (walk.reason === undefined || o.learning) return []
      return this.#findings(o, walk, [probe], place)
    }
    if (walk.objects.size < keptObjects) walk.objects.add(mark)
    walk.total += 1
    if (miss) walk.misses += 1
    if (led) walk.led += 1
    keep(walk.recent, probe)
    this.#sequence(walk, object)
    // A caller's first ten words count towards what is usual, no more: one scanner must not become the norm.
    const rate = Math.min(
      0.4,
      Math.max(this.#context.option('missFloor'), (peers.misses + 1) / (peers.total + 20)),
    )
    const excess = Math.max(0.5, Math.min(0.95, 5 * rate))
    walk.missing = walk.misstest.add(miss, rate, excess)
    if (walk.total <= 10 && walk.reason === undefined) {
      peers.total += 1
      if (miss) peers.misses += 1
    }
    const reason = walk.reason ?? this.#reason(o, walk, peers, place)
    if (reason === undefined) return []
    if (o.learning) {
      if (!walk.taught && peers.ordinary.size < 64) peers.ordinary.add(caller)
      walk.taught = true
      return []
    }
    if (peers.ordinary.has(caller) || peers.ordinary.size >= this.#context.option('ordinaryCallers'))
      return []
    const fresh = walk.reason === undefined
    walk.reason = reason
    return this.#findings(o, walk, fresh ? walk.recent : [probe], place)
  }

  #sequence(walk: Walk, object: string): void {
    const digits = /(\d{1,15})$/.exec(object)?.[1]
    if (digits === undefined) return
    const stem = object.slice(0, object.length - digits.length)
    const number = Number(digits)
    const step = Math.abs(number - walk.number)
    if (stem === walk.stem && step > 0 && step <= 2) walk.steps += 1
    walk.stem = stem
    walk.number = number
  }

  #reason(o: Observation, walk: Walk, peers: Peers, place: string): Reason | undefined {
    const distinct = walk.total
    if (attemptPlace(place)) {
      if (distinct < this.#context.option('names')) return undefined
      const recovery = place.endsWith('\0recovery')
      if (walk.misses >= (recovery ? 0.5 : 0.8) * distinct) return 'names'
      // Whoever asks for a mail under many names need not be told which of them exist; an office may forget its passwords together.
      const { ip } = o.call.source
      const alone = ip === undefined || !this.#context.links.isShared(ip, o.call.time)
      return recovery && alone && distinct >= this.#context.option('mails') ? 'names' : undefined
    }
    if (walk.missing && walk.misses >= this.#context.option('misses')) return 'misses'
    if (this.#isJob(o, walk)) return undefined
    if (walk.steps >= this.#context.option('sequence') && walk.steps >= 0.7 * (distinct - 1))
      return 'sequence'
    const many = this.#context.option('many')
    // What everybody may look at without a login is there to be looked at; taking all of it is another matter.
    const open = (this.#context.baseline.endpoint(place as EndpointId)?.anonymousShare ?? 0) >= 0.2
    if (open || distinct < many || distinct % 5 !== 0) return undefined
    const { usual } = peers
    if (peers.distinct.length < 10) return distinct >= 4 * many ? 'many' : undefined
    return distinct >= 3 * usual ? 'many' : undefined
  }

  /** A program that has been at work for days, and knows what there is: it goes through a list. Who guesses misses now and then. */
  #isJob({ identity }: Observation, walk: Walk): boolean {
    if ((identity.kind !== 'apikey' && identity.kind !== 'service') || walk.misses > 0) return false
    const days = this.#context.baseline.profile(identity.principal)?.activeDays ?? 0
    return days >= this.#context.option('jobDays')
  }

  #finish(walk: Walk, peers: Peers): void {
    if (walk.reason !== undefined) return
    peers.distinct[peers.next] = walk.total
    peers.next = (peers.next + 1) % 256
    peers.usual = percentile(peers.distinct, 0.99)
  }

  #findings(o: Observation, walk: Walk, probes: readonly Probe[], place: string): readonly Finding[] {
    const findings: Finding[] = []
    const names = attemptPlace(place)
    let common = 0
    for (const count of walk.answers.values()) common = Math.max(common, count)
    const rare = names && walk.answers.size > 1 && (walk.answers.get(wordingOf(o)) ?? 0) < 0.4 * common
    // The answer that differs is the one that gives a name away.
    const hits = probes.filter(({ call, miss }) => !miss || (rare && call === o.call.id))
    const misses = probes.filter(probe => !hits.includes(probe))
    // Who reads what lists showed takes much; what nothing led to is somebody else's. Not both at once: the one is no evidence of the other.
    const found = walk.total - walk.misses
    const most = this.#context.option('shown')
    const shown = walk.led > most * found
    const told = shown || walk.led < (1 - most) * found ? hits : hits.filter(({ led }) => !led)
    if (told.length > 0) findings.push(this.#finding(o, walk, told, place, false, shown))
    if (misses.length > 0) findings.push(this.#finding(o, walk, misses, place, true))
    return findings
  }

  #finding(
    o: Observation,
    walk: Walk,
    probes: readonly Probe[],
    place: string,
    attempt: boolean,
    shown = false,
  ): Finding {
    const reason = walk.reason ?? 'many'
    const found = walk.total - walk.misses
    const noun = reason === 'names' ? 'user name' : subjectOf(o.match)
    const data = found >= 0.2 * walk.total
    return {
      message: reason,
      observed: {
        who: whoIs(o.identity),
        what: counted(walk.total, noun),
        found,
        missed: walk.misses,
        noun: plural(noun),
        endpoint: o.match.endpoint,
        objects: walk.total,
      },
      expected: {
        misses: `about ${Math.round(100 * this.#usualMisses(place))} % of references miss here`,
        distinct: `up to ${this.#peers.peek(place)?.usual ?? 0} in one stretch`,
        callers: this.#peers.peek(place)?.distinct.length ?? 0,
      },
      attempt,
      confidence: Math.min(0.97, (reason === 'names' ? 0.85 : 0.75) + walk.total / 500),
      severity: attempt
        ? (reason === 'names' && walk.total >= this.#context.option('mails')) ||
          ((reason === 'misses' || reason === 'sequence') && walk.total >= this.#context.option('guesses'))
          ? 'high'
          : walk.total >= 200
            ? 'medium'
            : 'low'
        : data && reason !== 'many' && reason !== 'names'
          ? 'high'
          : 'medium',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [...new Set(probes.map(({ call }) => call))],
      objects: probes.map(({ object }) => (reason === 'names' ? object : `${noun}:${object}`)),
      ...(shown ? { owasp: ['API6:2023'] } : {}),
      key: `${callerOf(o)}\0${place}\0${walk.from}\0${attempt ? 'attempt' : shown ? 'shown' : 'success'}`,
    }
  }

  #usualMisses(place: string): number {
    const peers = this.#peers.peek(place)
    return peers === undefined || peers.total === 0 ? 0 : peers.misses / peers.total
  }

  save() {
    return {
      walks: this.#walks,
      peers: this.#peers,
    }
  }

  load(saved: ReturnType<ObjectEnumerationRun['save']>): void {
    this.#walks = saved.walks
    this.#peers = saved.peers
  }
}

const attemptPlace = (place: string): boolean =>
  place.endsWith('\0login') || place.endsWith('\0register') || place.endsWith('\0recovery')

/** Whether an answer says at its top that it belongs to the caller, for endpoints whose owner is not learned yet. */
function namesCaller(value: Json, name: string): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const body = value as { readonly [key: string]: Json }
  let looked = 0
  for (const key in body) {
    looked += 1
    if (looked > 64) return false
    if (body[key] === name && fieldHint(key) === 'user') return true
  }
  return false
}

const newWalk = (time: number): Walk => ({
  from: time,
  last: time,
  objects: new Set(),
  misses: 0,
  led: 0,
  total: 0,
  steps: 0,
  stem: '',
  number: Number.NaN,
  misstest: new Sprt(1e-5, 0.05),
  missing: false,
  recent: [],
  answers: new Map(),
  reason: undefined,
  taught: false,
})

function keep(list: Probe[], probe: Probe): void {
  list.push(probe)
  if (list.length > keptCalls) list.shift()
}

/** The value at a high share of the values, found among the largest. */
function percentile(values: readonly number[], share: number): number {
  const kept = values.length - Math.min(values.length - 1, Math.floor(share * values.length))
  /** The largest, ascending. */
  const top: number[] = []
  for (const value of values) {
    if (top.length === kept && value <= top[0]!) continue
    let at = 0
    while (at < top.length && top[at]! < value) at += 1
    top.splice(at, 0, value)
    if (top.length > kept) top.shift()
  }
  return top[0] ?? 0
}

/** A short mark of how an answer is worded, without what it is about. */
function wordingOf(o: Observation): number {
  const response = o.call.response
  if (response === undefined) return 0
  const { content } = response
  if (
    content.kind === 'json' &&
    content.value !== null &&
    typeof content.value === 'object' &&
    !Array.isArray(content.value)
  ) {
    const { message, error, detail, code } = content.value as { readonly [key: string]: unknown }
    const text = [message, error, detail, code]
      .filter(part => typeof part === 'string' || typeof part === 'number')
      .join('|')
    return fnv1a(`${response.status}|${text.slice(0, 200).replace(/\d+/g, '0')}`)
  }
  return fnv1a(`${response.status}|${content.kind}`)
}

export const objectEnumeration = defineDetector({
  id: 'object-enumeration',
  title: 'Trying one reference after another',
  summary:
    "Follows which objects and user names a caller reaches for: in order, mostly missing, or far more than others do. What is the caller's own does not count.",
  family: 'automation',
  severity: 'medium',
  owasp: ['API1:2023', 'API6:2023', 'API2:2023'],
  attack: ['T1087', 'T1119', 'T1595.003'],
  options: {
    jobDays: {
      default: 7,
      reason: 'A credential that worked on seven days belongs to a program that is known.',
    },
    walks: {
      default: 50_000,
      reason:
        'Caller and endpoint pairs followed; up to 100 KiB each under attack, about 500 bytes otherwise.',
    },
    endpoints: { default: 20_000, reason: 'Endpoints whose usual behaviour is remembered.' },
    idleHours: {
      default: 6,
      reason: 'A slow walk takes a reference every few minutes; a night between two visits ends one.',
    },
    missFloor: { default: 0.05, reason: 'People mistype and follow dead links in one reference of twenty.' },
    misses: { default: 10, reason: 'Ten different missing references: fewer are a page of dead links.' },
    sequence: { default: 15, reason: 'Fifteen neighbours in a row: chance puts two together in a hundred.' },
    many: {
      default: 50,
      reason: 'Fifty different objects of others in one stretch, and three times what 99 % of callers take.',
    },
    mails: {
      default: 25,
      reason:
        'Twenty-five names for which one caller asks to get back in, wherever it is not told which exist.',
    },
    guesses: { default: 60, reason: 'Sixty references of objects tried are a search, found or not.' },
    names: { default: 15, reason: 'Fifteen names tried and refused from one caller.' },
    shown: {
      default: 0.67,
      reason:
        'Two of three came to the caller in answers before: it reads what it is shown, only more of it.',
    },
    ordinaryCallers: {
      default: 3,
      reason: 'Three callers who do it in settled history: this is what the endpoint is for.',
    },
  },
  messages: {
    sequence: '{who} went through {what} one after the other at {endpoint}: {found} were there.',
    misses: '{who} tried {what} at {endpoint}, of which {missed} did not exist and {found} did.',
    many: '{who} took {what} at {endpoint}, far more than others do.',
    names: '{who} tried which of {what} exist at {endpoint}.',
  },
  whenNotAnAttack:
    'A crawler you know, a migration, a monitor that checks a list of references, or a client with many dead links.',
  examples: {
    fires: [
      'mallory GET /orders/{1..41} every 5s -> 200 {"total":3}',
      'anonymous GET /users/{name|root|test|guest|demo|info|mail|web|www|ftp|dev|ops|sales|hr|it|john|mary} every 2s -> 404 {"error":"not found"}',
      'anonymous POST /login body={"username":"user{n}","password":"[redacted:password:aaaaaaaaaaaa]"} every 2s x 25 -> 401 {"error":"no such user"}',
    ],
    quiet: [
      'alice GET /orders/{1..30} every 5s -> 200 {"id":"{id}","owner":"alice"}',
      'alice GET /orders/{17|4|90|33|61} every 5s -> 200 {"total":3}',
      `learn alice,bob,carol,dave GET /orders/{1..30} every 5s -> 200 {"total":3}
erin GET /orders/{1..30} every 5s -> 200 {"total":3}`,
      'alice GET /orders/{17|4|90} every 5s -> 404 {"error":"gone"}',
    ],
  },
  create: context => new ObjectEnumerationRun(context),
})
