import type { Observation } from '../../baseline/observation.ts'
import { addressKey } from '../../identity/address.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, EndpointId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { Sprt } from '../../kit/sprt.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type Guess, guessOf } from '../logins/guessable.ts'
import type { Why } from '../tuning/why.ts'
import { counted, plural, whoIs } from '../words.ts'

const day = 86_400_000

/** What one caller tried of one kind. */
interface Tries {
  from: number
  last: number
  readonly values: Set<number>
  misses: number
  hits: number
  readonly test: Sprt
  calls: { readonly call: CallId; readonly hit: boolean }[]
  raised: boolean
}

/** How often values miss at an endpoint; of each caller the first few count. */
interface Usual {
  misses: number
  total: number
}

/** Values that are guessed because they are worth something. */
class TokenCrackingRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #tries: BoundedMap<string, Tries>
  #usual = new BoundedMap<EndpointId, Usual>(4_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#tries = new BoundedMap(context.option('callers'))
  }

  observe(o: Observation): readonly Finding[] {
    if (actsForOthers(o)) return []
    const guess = guessOf(o)
    if (guess === undefined) return []
    const usual = this.#usual.ensure(o.match.endpoint, () => ({ misses: 0, total: 0 }))
    const findings: Finding[] = []
    const callers = this.#callersOf(o).map(name => this.#current(`${name}\0${guess.noun}`, o.call.time))
    // A caller's first few count towards what is usual, no more: one who guesses must not become the norm.
    if (callers.every(({ values }) => values.size < 3 && !values.has(guess.value))) {
      usual.total += 1
      if (!guess.hit) usual.misses += 1
    }
    for (const tries of callers) {
      if (!this.#judge(tries, guess, usual, o) || o.learning || findings.length > 0) continue
      findings.push(...this.#findings(o, guess, tries, usual))
    }
    return findings
  }

  why(o: Observation): Why | undefined {
    if (actsForOthers(o)) return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
    const guess = guessOf(o)
    if (guess === undefined)
      return {
        state: 'other-kind',
        text: 'The call tries no code, voucher or other value that is worth guessing.',
      }
    const tried = this.#callersOf(o).flatMap(name => this.#tries.peek(`${name}\0${guess.noun}`) ?? [])
    const value = Math.max(0, ...tried.map(({ misses }) => misses))
    const threshold = this.#context.option('misses')
    const { misses, total } = this.#usual.peek(o.match.endpoint) ?? { misses: 0, total: 0 }
    return {
      state: 'below',
      text: `The caller tried ${counted(value, 'different value')} that were wrong (from ${threshold} on, where most are); of others ${misses} of ${total} are wrong here.`,
      ...{ value, threshold, unit: 'wrong values' },
    }
  }

  merged(from: EndpointId, to: EndpointId): void {
    const gone = this.#usual.peek(from)
    if (gone === undefined) return
    this.#usual.delete(from)
    const kept = this.#usual.ensure(to, () => ({ misses: 0, total: 0 }))
    kept.misses += gone.misses
    kept.total += gone.total
  }

  size(): number {
    return this.#tries.size + this.#usual.size
  }

  save(): unknown {
    const saved: Saved = { tries: this.#tries, usual: this.#usual }
    return saved
  }

  load(saved: unknown): void {
    const { tries, usual } = saved as Saved
    this.#tries = tries
    this.#usual = usual
  }

  /** The caller, and the client where it is not everybody's: accounts are cheap. */
  #callersOf({ call, identity }: Observation): readonly string[] {
    const { host } = call.destination
    const { ip } = call.source
    const names = identity.kind === 'anonymous' ? [] : [`${host}\0${identity.principal}`]
    if (ip !== undefined && !this.#context.links.isShared(ip, call.time))
      names.push(`${host}\0${addressKey(ip)}\0${identity.device}`)
    return names
  }

  #current(name: string, time: number): Tries {
    const known = this.#tries.get(name)
    if (known !== undefined && time - known.last <= this.#context.option('quietDays') * day) return known
    const fresh: Tries = {
      from: time,
      last: time,
      values: new Set(),
      misses: 0,
      hits: 0,
      test: new Sprt(1e-5, 0.05),
      calls: [],
      raised: false,
    }
    this.#tries.set(name, fresh)
    return fresh
  }

  /** @returns true where the caller guesses */
  #judge(tries: Tries, { value, hit }: Guess, usual: Usual, o: Observation): boolean {
    tries.last = Math.max(tries.last, o.call.time)
    const repeated = tries.values.has(value)
    tries.calls.push({ call: o.call.id, hit })
    if (tries.calls.length > 100) tries.calls.shift()
    if (repeated) return tries.raised
    if (tries.values.size < 400) tries.values.add(value)
    if (hit) tries.hits += 1
    else tries.misses += 1
    if (tries.values.size <= 5) {
      usual.total += 1
      if (!hit) usual.misses += 1
    }
    const rate = Math.min(
      0.5,
      Math.max(this.#context.option('missFloor'), (usual.misses + 1) / (usual.total + 20)),
    )
    const guessing = tries.test.add(!hit, rate, 0.95)
    return tries.raised || (guessing && tries.misses >= this.#context.option('misses'))
  }

  #findings(o: Observation, guess: Guess, tries: Tries, usual: Usual): readonly Finding[] {
    const calls = tries.raised ? [{ call: o.call.id, hit: guess.hit }] : tries.calls
    tries.raised = true
    const findings: Finding[] = []
    for (const hit of [true, false]) {
      const evidence = calls.filter(each => each.hit === hit).map(({ call }) => call)
      if (evidence.length === 0) continue
      findings.push({
        message: hit ? 'found' : 'guessed',
        observed: {
          who: whoIs(o.identity),
          what: counted(tries.values.size, guess.noun),
          nouns: plural(guess.noun),
          misses: tries.misses,
          hits: tries.hits,
        },
        expected: {
          misses: `${Math.round((100 * usual.misses) / Math.max(1, usual.total))} % are wrong here usually`,
        },
        attempt: !hit,
        confidence: Math.min(0.95, 0.84 + tries.values.size / 300),
        severity: hit || tries.misses >= this.#context.option('many') ? 'high' : 'medium',
        ...blame(o),
        evidence,
        key: `${hit ? 'found' : 'guessed'}\0${o.call.destination.host}\0${o.identity.principal}\0${guess.noun}\0${tries.from}`,
      })
    }
    return findings
  }
}

interface Saved {
  readonly tries: BoundedMap<string, Tries>
  readonly usual: BoundedMap<EndpointId, Usual>
}

export const tokenCracking = defineDetector({
  id: 'token-cracking',
  title: 'Guessed vouchers, links and reset tokens',
  summary:
    'Tests whether the values that a caller tries, of vouchers, gift cards, invitations, reset tokens and the like, miss far more often than usual: a sequential test over different values, over days.',
  family: 'authentication',
  severity: 'medium',
  owasp: ['API2:2023', 'API6:2023'],
  attack: ['T1110', 'T1110.001'],
  options: {
    callers: { default: 20_000, reason: 'Callers and what they try remembered, about 400 bytes each.' },
    quietDays: { default: 3, reason: 'Who tries a few values a day is followed from day to day.' },
    missFloor: { default: 0.25, reason: 'One value in four is mistyped, used up or run out.' },
    many: { default: 12, reason: 'A dozen wrong ones is a matter for somebody to look at now.' },
    misses: { default: 8, reason: 'Eight different values that are wrong: nobody holds so many bad ones.' },
  },
  messages: {
    guessed: '{who} tried {what}, of which {misses} were wrong.',
    found: '{who} got {hits} right of {what} tried, after {misses} wrong ones.',
  },
  whenNotAnAttack: 'A browser extension tries the coupons it knows, or support checks a list of cards.',
  examples: {
    fires: [
      'mallory POST /gift-cards/redeem body={"code":"GC-{n}-77"} every 4s x 15 -> 404 {"error":"unknown"}',
      `mallory GET /vouchers/{AAAA1|AAAB2|AAAC3|AAAD4|AAAE5|AAAF6|AAAG7|AAAH8|AAAI9|AAAJ0|AAAK1|AAAL2|AAAM3} every 2h -> 404
mallory GET /vouchers/{AAAN4} -> 200 {"value":50}`,
      'anonymous POST /password/reset/confirm body={"token":"[redacted:token:0000000000{n}]","password":"[redacted:password:aaaaaaaaaaaa]"} every 4s x 15 -> 400 {"error":"invalid token"}',
    ],
    quiet: [
      'alice POST /coupons/apply body={"code":"SUMMER{n}"} every 9s x 4 -> 404 {"error":"unknown"}',
      'alice POST /gift-cards/redeem body={"code":"GC-1-77"} every 4s x 15 -> 404 {"error":"unknown"}',
      'alice,bob,carol,dave,erin,frank POST /password/reset/confirm body={"token":"[redacted:token:0000000000{n}]"} every 9s x 2 -> 400 {"error":"expired"}',
    ],
  },
  create: context => new TokenCrackingRun(context),
})
