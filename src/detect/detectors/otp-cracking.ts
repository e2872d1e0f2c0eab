import type { Observation } from '../../baseline/observation.ts'
import { addressKey } from '../../identity/address.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type CodeAttempt, codeAttemptOf } from '../logins/code-attempt.ts'
import { counted, whoIs } from '../words.ts'

const minute = 60_000
const hour = 60 * minute

/** Wrong codes for one challenge, or of one caller. */
interface Guesses {
  from: number
  last: number
  readonly codes: Set<number>
  readonly challenges: Set<string>
  wrong: number
  right: number
  calls: CallId[]
  raised: boolean
}

/** One-time codes that are guessed: many for one challenge, or a few for each of many. */
class OtpCrackingRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #challenges: BoundedMap<string, Guesses>
  #callers: BoundedMap<string, Guesses>

  constructor(context: DetectContext) {
    this.#context = context
    this.#challenges = new BoundedMap(context.option('challenges'))
    this.#callers = new BoundedMap(context.option('callers'))
  }

  observe(o: Observation): readonly Finding[] {
    if (actsForOthers(o)) return []
    const attempt = codeAttemptOf(o)
    if (attempt === undefined) return []
    const { time } = o.call
    const challenge = current(this.#challenges, attempt.challenge, time, 2 * hour)
    const callers = this.#callersOf(o, attempt).map(name =>
      current(this.#callers, name, time, this.#context.option('quietHours') * hour),
    )
    const guesses = [challenge, ...callers]
    const raised = guesses.some(each => each.raised)
    for (const each of guesses) note(each, attempt, o.call.id, time)
    if (o.learning) return []
    if (attempt.right) {
      const finding = raised
        ? this.#finding(o, attempt, guesses.find(each => each.raised) ?? challenge, false)
        : undefined
      // A code that was right ends the challenge, and shows that its owner can read.
      this.#challenges.delete(attempt.challenge)
      return finding === undefined ? [] : [finding]
    }
    const guilty = guesses.find(each => each.raised) ?? this.#guilty(challenge, callers)
    return guilty === undefined ? [] : [this.#finding(o, attempt, guilty, true)]
  }

  size(): number {
    return this.#challenges.size + this.#callers.size
  }

  save(): unknown {
    const saved: Saved = { challenges: this.#challenges, callers: this.#callers }
    return saved
  }

  load(saved: unknown): void {
    const { challenges, callers } = saved as Saved
    this.#challenges = challenges
    this.#callers = callers
  }

  /** Who tries, and for which account; the address only where it is not everybody's. */
  #callersOf(o: Observation, { account }: CodeAttempt): readonly string[] {
    const { host } = o.call.destination
    const { ip } = o.call.source
    const names = account === undefined ? [] : [`${host}\0account:${account}`]
    if (o.identity.kind !== 'anonymous') names.push(`${host}\0${o.identity.principal}`)
    if (ip !== undefined && !this.#context.links.isShared(ip, o.call.time))
      names.push(`${host}\0${addressKey(ip)}\0${o.identity.device}`)
    return names
  }

  #guilty(challenge: Guesses, callers: readonly Guesses[]): Guesses | undefined {
    if (challenge.codes.size >= this.#context.option('codes')) return challenge
    return callers.find(
      ({ codes, wrong, right }) =>
        codes.size >= this.#context.option('callerCodes') &&
        wrong >= this.#context.option('wrongShare') * (wrong + right),
    )
  }

  #finding(o: Observation, attempt: CodeAttempt, guesses: Guesses, wrong: boolean): Finding {
    const calls = guesses.raised ? [o.call.id] : guesses.calls
    guesses.raised = true
    return {
      message: wrong ? 'guessed' : 'found',
      observed: {
        who: whoIs(o.identity),
        what: counted(guesses.wrong, 'wrong code'),
        codes: guesses.codes.size,
        challenges: counted(guesses.challenges.size, 'challenge'),
        ...(attempt.account === undefined ? {} : { account: attempt.account }),
      },
      expected: { codes: `fewer than ${this.#context.option('codes')} different wrong codes` },
      attempt: wrong,
      confidence: Math.min(0.97, 0.84 + guesses.codes.size / 100),
      severity: wrong ? (guesses.codes.size >= this.#context.option('many') ? 'high' : 'medium') : 'critical',
      ...blame(o),
      evidence: calls,
      key: `${wrong ? 'guessed' : 'found'}\0${o.call.destination.host}\0${o.identity.principal}\0${guesses.from}`,
    }
  }
}

interface Saved {
  readonly challenges: BoundedMap<string, Guesses>
  readonly callers: BoundedMap<string, Guesses>
}

function current(map: BoundedMap<string, Guesses>, name: string, time: number, quiet: number): Guesses {
  const known = map.get(name)
  if (known !== undefined && time - known.last <= quiet) return known
  const fresh: Guesses = {
    from: time,
    last: time,
    codes: new Set(),
    challenges: new Set(),
    wrong: 0,
    right: 0,
    calls: [],
    raised: false,
  }
  map.set(name, fresh)
  return fresh
}

function note(guesses: Guesses, { code, right, challenge }: CodeAttempt, call: CallId, time: number): void {
  guesses.last = Math.max(guesses.last, time)
  if (guesses.challenges.size < 64) guesses.challenges.add(challenge)
  if (right) {
    guesses.right += 1
    return
  }
  guesses.wrong += 1
  if (guesses.codes.size < 200) guesses.codes.add(code)
  guesses.calls.push(call)
  if (guesses.calls.length > 100) guesses.calls.shift()
}

export const otpCracking = defineDetector({
  id: 'otp-cracking',
  title: 'Guessed one-time codes',
  summary:
    'Counts the different wrong codes for one challenge, and those of one caller or account over many challenges. A right code after so many wrong ones is a factor that was broken.',
  family: 'authentication',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1110.001', 'T1111'],
  options: {
    challenges: { default: 20_000, reason: 'Challenges remembered, about 300 bytes each.' },
    callers: { default: 20_000, reason: 'Callers and accounts remembered, about 300 bytes each.' },
    codes: {
      default: 5,
      reason:
        'Five different wrong codes for one challenge: people read the code off and mistype it once or twice.',
    },
    many: { default: 10, reason: 'Ten wrong codes are a matter for somebody to look at now.' },
    callerCodes: { default: 12, reason: 'Twelve different wrong codes of one caller without a quiet day.' },
    wrongShare: { default: 0.75, reason: 'People get most of their codes right.' },
    quietHours: { default: 36, reason: 'Who guesses a few codes a day is followed over the nights.' },
  },
  messages: {
    guessed: '{who} tried {codes} different wrong codes, over {challenges}.',
    found: '{who} gave the right code after {what}, over {challenges}.',
  },
  whenNotAnAttack:
    'A telephone with a wrong clock makes wrong codes, or codes arrive late and cross each other.',
  examples: {
    fires: [
      `alice POST /mfa/verify body={"challengeId":"c-1","code":"[redacted:otp:0000000000{n}]"} every 3s x 12 -> 401 {"error":"wrong code"}
alice POST /mfa/verify body={"challengeId":"c-1","code":"[redacted:otp:aaaaaaaaaaaa]"} -> 200 {"ok":true}`,
      `mallory POST /transfers/{1..20}/confirm body={"code":"00{n}00"} every 10m -> 401 {"error":"wrong code"}`,
    ],
    quiet: [
      `alice POST /mfa/verify body={"challengeId":"c-1","code":"[redacted:otp:0000000000{n}]"} every 20s x 3 -> 401 {"error":"wrong code"}
alice POST /mfa/verify body={"challengeId":"c-1","code":"[redacted:otp:aaaaaaaaaaaa]"} -> 200 {"ok":true}`,
      `alice,bob,carol,dave,erin,frank,grace POST /mfa/verify body={"code":"[redacted:otp:0000000000{n}]"} every 20s x 2 -> 401 {"error":"wrong code"}`,
      `alice POST /coupons/apply body={"code":"SAVE{n}"} every 3s x 12 -> 404 {"error":"unknown"}`,
    ],
  },
  create: context => new OtpCrackingRun(context),
})
