import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { logBetaShare } from '../../kit/count-tail.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, idsOf, objectOf, subjectOf, whoIs } from '../words.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How often callers of an endpoint ask for what is not there and never came to them, of each caller's first references. Plain data. */
interface Usual {
  references: number
  guesses: number
  readonly by: Map<number, number>
  /** In settled history somebody did what this detector would raise. */
  ordinary: boolean
}

class ObjectGuessingRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #usual: BoundedMap<EndpointId, Usual>
  /** Caller and endpoint → what it guessed; `count` is how many references it asked for since the first guess. */
  readonly #guesses: Stretches
  /** Endpoint → what accounts that were new guessed, and which accounts. */
  readonly #newGuesses: Stretches
  readonly #newAccounts: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#usual = new BoundedMap(context.option('endpoints'))
    const most = context.option('callers')
    this.#guesses = new Stretches({ most, gapMs: 4 * dayMs, lengthMs: 14 * dayMs, calls: 40 })
    this.#newGuesses = new Stretches({ most: 5_000, gapMs: dayMs / 2, lengthMs: 3 * dayMs, calls: 40 })
    this.#newAccounts = new Stretches({ most: 5_000, gapMs: dayMs / 2, lengthMs: 3 * dayMs })
  }

  observe(o: Observation): readonly Finding[] {
    const status = o.call.response?.status
    if (o.identity.kind === 'anonymous' || actsForOthers(o) || status === undefined) return []
    // An expired token, a rate limit and a broken server say nothing about the object.
    if (status === 401 || status === 429 || status >= 500) return []
    const object = objectOf(o.match)
    if (object === undefined || loginAttemptOf(o) !== undefined) return []
    const { baseline } = this.#context
    const { endpoint } = o.match
    // What everybody may look at is linked from everywhere, and some of it is gone.
    if ((baseline.endpoint(endpoint)?.anonymousShare ?? 0) >= 0.2) return []
    const found: Finding[] = []
    for (const id of idsOf(o.match)) {
      const guessed = o.outcome !== 'success' && this.#context.grants.has(o, id) === false
      const usual = this.#usual.ensure(endpoint, () => ({
        references: 0,
        guesses: 0,
        by: new Map(),
        ordinary: false,
      }))
      const rate = Math.max(this.#context.option('floor'), (usual.guesses + 1) / (usual.references + 20))
      if (o.learning || baseline.trusted(o.identity.principal))
        learn(usual, hash32(o.identity.principal), guessed)
      const finding = this.#alone(o, id, guessed, usual, rate) ?? this.#together(o, id, guessed, usual, rate)
      if (finding !== undefined) found.push(finding)
    }
    return found
  }

  merged(from: EndpointId, to: EndpointId): void {
    const gone = this.#usual.peek(from)
    if (gone === undefined || from === to) return
    this.#usual.delete(from)
    const mine = this.#usual.get(to)
    if (mine === undefined) this.#usual.set(to, gone)
    else {
      mine.references += gone.references
      mine.guesses += gone.guesses
      mine.ordinary ||= gone.ordinary
    }
  }

  size(): number {
    return this.#usual.size + this.#guesses.size + this.#newGuesses.size + this.#newAccounts.size
  }

  save(): unknown {
    return [this.#usual, this.#guesses, this.#newGuesses, this.#newAccounts]
  }

  load(saved: unknown): void {
    const [usual, guesses, newGuesses, newAccounts] = saved as readonly [
      BoundedMap<EndpointId, Usual>,
      Stretches,
      Stretches,
      Stretches,
    ]
    this.#usual.adopt(usual)
    this.#guesses.adopt(guesses)
    this.#newGuesses.adopt(newGuesses)
    this.#newAccounts.adopt(newAccounts)
  }

  #alone(o: Observation, id: string, guessed: boolean, usual: Usual, rate: number): Finding | undefined {
    const key = `${o.identity.principal}\0${o.match.endpoint}`
    if (!guessed) {
      const going = this.#guesses.peek(key)
      if (going !== undefined) going.count += 1
      return undefined
    }
    const stretch = this.#guesses.step(key, o.call.time, o.call.id, id)
    if (!stretch.raised && !this.#tooMany(stretch, rate)) return undefined
    if (o.learning) usual.ordinary = true
    if (o.learning || usual.ordinary) return undefined
    return this.#finding(o, id, stretch, rate, 'alone', 1, key)
  }

  /** Accounts made for it share the work: each asks for little. */
  #together(o: Observation, id: string, guessed: boolean, usual: Usual, rate: number): Finding | undefined {
    const { endpoint } = o.match
    const { identity, call } = o
    const since = this.#context.baseline.profile(identity.principal)?.firstSeen ?? call.time
    if (identity.kind === 'apikey' || identity.kind === 'service' || call.time - since > dayMs)
      return undefined
    if (!guessed) {
      const going = this.#newGuesses.peek(endpoint)
      if (going !== undefined) going.count += 1
      return undefined
    }
    const stretch = this.#newGuesses.step(endpoint, call.time, call.id, id)
    const accounts = this.#newAccounts.step(endpoint, call.time, call.id, identity.principal).things.length
    if (o.learning) {
      if (accounts >= this.#context.option('accounts')) usual.ordinary = true
      return undefined
    }
    if (usual.ordinary || accounts < this.#context.option('accounts')) return undefined
    if (!stretch.raised && !this.#tooMany(stretch, rate)) return undefined
    return this.#finding(o, id, stretch, rate, 'together', accounts, endpoint)
  }

  #tooMany(stretch: Stretch, rate: number): boolean {
    const guesses = stretch.things.length
    return (
      guesses >= this.#context.option('guesses') &&
      logBetaShare(rate, guesses, Math.max(1, stretch.count - guesses + 1)) <
        Math.log(this.#context.option('chance'))
    )
  }

  #finding(
    o: Observation,
    id: string,
    stretch: Stretch,
    rate: number,
    message: 'alone' | 'together',
    accounts: number,
    key: string,
  ): Finding {
    const guesses = stretch.things.length
    return {
      message,
      observed: {
        who: whoIs(o.identity),
        what: counted(guesses, subjectOf(o.match)),
        accounts: counted(accounts, 'account'),
        endpoint: o.match.endpoint,
        objects: guesses,
        references: stretch.count,
      },
      expected: { guesses: `about ${Math.round(1_000 * rate) / 10} % of references here` },
      attempt: true,
      confidence: Math.min(0.95, 0.85 + 0.002 * guesses),
      severity: 'high',
      ...blame(o),
      evidence: toTell(stretch),
      objects: [`${subjectOf(o.match)}:${id}`],
      key: `${key}\0${stretch.from}`,
    }
  }
}

/** A caller's first five references count, no more: one guesser must not become the norm. */
function learn(usual: Usual, caller: number, guessed: boolean): void {
  const votes = usual.by.get(caller) ?? 0
  if (votes >= 5 || (votes === 0 && usual.by.size >= 256)) return
  usual.by.set(caller, votes + 1)
  usual.references += 1
  if (guessed) usual.guesses += 1
}

export const objectGuessing = defineDetector({
  id: 'object-guessing',
  title: 'References that came from nowhere and lead nowhere',
  summary:
    'Remembers which ids came to each caller in answers. Who asks for one after the other that never came to them and is not there, or is not theirs, guesses; the same for accounts that were made for it and share the work.',
  family: 'automation',
  severity: 'high',
  owasp: ['API1:2023', 'API6:2023'],
  attack: ['T1087', 'T1119'],
  options: {
    guesses: {
      default: 8,
      reason: 'Eight different references from nowhere: old links and slips are one or two.',
    },
    accounts: { default: 3, reason: 'Three accounts of the last day that miss at one place.' },
    floor: { default: 0.02, reason: 'One reference of fifty that leads nowhere is expected of anybody.' },
    chance: { default: 1e-6, reason: 'The chance, by the binomial tail, that the usual share explains it.' },
    endpoints: { default: 5_000, reason: 'Endpoints whose usual share is remembered; about 2 KiB each.' },
    callers: { default: 20_000, reason: 'Callers with guesses remembered; about 600 bytes each.' },
  },
  messages: {
    alone:
      '{who} tried {what} at {endpoint} that never came to them in an answer, and none of them was there for them.',
    together:
      '{accounts} made within a day tried {what} at {endpoint} that never came to any of them, and none of them was there for them.',
  },
  whenNotAnAttack:
    'A list of references from elsewhere (an import, a mail, a backup) whose objects were deleted meanwhile.',
  examples: {
    fires: [
      `learn ann,bob,carol GET /notes -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"}]}
learn ann,bob,carol GET /notes/{self}-{a|b} -> 200 {"text":"x"}
mallory GET /notes/{k1|k9|k4|k77|k31|k8|k52|k16|k23|k3} every 9h -> 404`,
      `learn ann,bob,carol GET /notes -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"}]}
learn ann,bob,carol GET /notes/{self}-{a|b} -> 200 {"text":"x"}
wait 2d
new1 GET /notes/{k1|k9|k4} every 5m -> 404
new2 GET /notes/{k77|k31|k8} every 5m -> 404
new3 GET /notes/{k52|k16|k23} every 5m -> 404`,
    ],
    quiet: [
      `learn ann,bob,carol GET /notes -> 200 {"items":[{"id":"{self}-a"},{"id":"{self}-b"}]}
learn ann,bob,carol GET /notes/{self}-{a|b} -> 200 {"text":"x"}
ann GET /notes -> 200 {"items":[{"id":"c1"},{"id":"c2"},{"id":"c3"},{"id":"c4"},{"id":"c5"},{"id":"c6"},{"id":"c7"},{"id":"c8"},{"id":"c9"}]}
wait 1d
ann GET /notes/{c1|c2|c3|c4|c5|c6|c7|c8|c9} every 5m -> 404
bob GET /notes/{old1|old2|old3} -> 404`,
    ],
  },
  create: context => new ObjectGuessingRun(context),
})
