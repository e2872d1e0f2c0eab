import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { CallId, EndpointId, PrincipalId } from '../../kit/id.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { observedOf } from '../distribution.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, methodOf, objectOf, subjectOf, whoIs } from '../words.ts'

const dayMs = 86_400_000
const mostPending = 32
const mostCompanions = 12
const mostCallers = 64
const votesOfOne = 20

/** A call of the last seconds. Plain data. */
interface Recent {
  readonly time: number
  readonly call: CallId
  readonly endpoint: EndpointId
  /** Of the group it counts for; undefined where the call only stands beside others. */
  readonly place: string | undefined
  readonly object: string
  readonly noun: string
  readonly learning: boolean
  done: boolean
}

/** What comes with calls of a group to an endpoint. Plain data. */
interface Habit {
  calls: number
  /** Endpoint → calls it came with. */
  readonly beside: Map<EndpointId, number>
  /** Hash of a caller → its calls that count. */
  readonly by: Map<number, number>
  /** Callers who live did without, the first few: a new client does. */
  readonly without: Set<number>
}

class MissingCompanionsRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #recent: BoundedMap<PrincipalId, Recent[]>
  readonly #habits: BoundedMap<string, Habit>
  readonly #stretches: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#recent = new BoundedMap(context.option('principals'))
    this.#habits = new BoundedMap(context.option('endpoints'))
    this.#stretches = new Stretches({ most: context.option('principals'), gapMs: dayMs, lengthMs: 3 * dayMs })
  }

  observe(o: Observation): readonly Finding[] {
    const { identity, match, call } = o
    if (identity.kind !== 'user' || match.operation !== undefined) return []
    const recent = this.#recent.ensure(identity.principal, () => [])
    const judged = this.#judge(o, recent)
    const object = objectOf(match)
    const opens = o.outcome === 'success' && methodOf(o) === 'GET' && match.template.endsWith('}')
    recent.push({
      time: call.time,
      call: call.id,
      endpoint: match.endpoint,
      place:
        opens && object !== undefined ? `${match.endpoint}\0${this.#context.roles.groupOf(o)}` : undefined,
      object: object?.key ?? '',
      noun: opens ? subjectOf(match) : '',
      learning: o.learning,
      done: false,
    })
    return judged
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, habit] of [...this.#habits.entries()]) {
      const count = habit.beside.get(from)
      if (count !== undefined) {
        habit.beside.delete(from)
        habit.beside.set(to, Math.max(count, habit.beside.get(to) ?? 0))
      }
      if (!key.startsWith(`${from}\0`)) continue
      this.#habits.delete(key)
      const target = `${to}${key.slice(from.length)}`
      if (!this.#habits.has(target)) this.#habits.set(target, habit)
    }
  }

  size(): number {
    return this.#recent.size + this.#habits.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#recent, this.#habits, this.#stretches]
  }

  load(saved: unknown): void {
    const [recent, habits, stretches] = saved as readonly [
      BoundedMap<PrincipalId, Recent[]>,
      BoundedMap<string, Habit>,
      Stretches,
    ]
    this.#recent.adopt(recent)
    this.#habits.adopt(habits)
    this.#stretches.adopt(stretches)
  }

  /** Judges the calls whose surroundings are complete by now, and forgets what no other can stand beside any more. */
  #judge(o: Observation, recent: Recent[]): readonly Finding[] {
    if (recent.length === 0) return []
    const within = this.#context.option('seconds') * 1_000
    const now = o.call.time
    const findings: Finding[] = []
    for (let at = 0; at < recent.length; at += 1) {
      const one = recent[at]!
      const full = at === 0 && recent.length >= mostPending
      if (one.done || (now - one.time <= within && !full)) continue
      one.done = true
      if (one.place === undefined) continue
      const beside = new Set<EndpointId>()
      for (const { endpoint, time } of recent)
        if (endpoint !== one.endpoint && Math.abs(time - one.time) <= within) beside.add(endpoint)
      const finding = this.#count(o, one, one.place, beside)
      if (finding !== undefined) findings.push(finding)
    }
    while (recent.length >= mostPending || (recent[0] !== undefined && now - recent[0].time > 2 * within))
      recent.shift()
    return findings
  }

  #count(
    o: Observation,
    { call, object, noun, time, learning }: Recent,
    place: string,
    beside: ReadonlySet<EndpointId>,
  ): Finding | undefined {
    const habit = this.#habits.ensure(place, () => ({
      calls: 0,
      beside: new Map(),
      by: new Map(),
      without: new Set(),
    }))
    const caller = hash32(o.identity.principal)
    if (learning) this.#learn(habit, caller, beside)
    if (learning || o.learning) return undefined
    const required = this.#requiredOf(habit)
    if (required.length === 0) return undefined
    const missing = required.every(endpoint => !beside.has(endpoint))
    const key = `${o.identity.principal}\0${place}`
    if (!missing) {
      const known = this.#stretches.peek(key)
      if (known !== undefined) known.count += 1
      return undefined
    }
    const stretch = this.#stretches.step(key, time, call, object)
    const { option } = this.#context
    if (stretch.things.length >= 3 && habit.without.size < mostCallers) habit.without.add(caller)
    const enough =
      stretch.things.length >= option('objects') && stretch.things.length >= option('share') * stretch.count
    const ordinary = habit.without.size >= Math.max(option('ordinary'), 0.1 * habit.by.size)
    if (!stretch.raised && (!enough || ordinary)) return undefined
    return this.#finding(o, place, noun, stretch, required, habit)
  }

  #learn(habit: Habit, caller: number, beside: ReadonlySet<EndpointId>): void {
    const votes = habit.by.get(caller) ?? 0
    if (votes >= votesOfOne || (votes === 0 && habit.by.size >= mostCallers)) return
    habit.by.set(caller, votes + 1)
    habit.calls += 1
    for (const endpoint of beside) {
      const count = habit.beside.get(endpoint)
      if (count !== undefined || habit.beside.size < mostCompanions)
        habit.beside.set(endpoint, (count ?? 0) + 1)
    }
  }

  /** Endpoints without which calls hardly ever came. */
  #requiredOf({ calls, beside, by }: Habit): readonly EndpointId[] {
    const { option } = this.#context
    const required: EndpointId[] = []
    if (calls < option('calls') || by.size < option('callers')) return required
    const least = option('together') * calls
    for (const [endpoint, count] of beside) if (count >= least) required.push(endpoint)
    return required
  }

  #finding(
    o: Observation,
    place: string,
    noun: string,
    stretch: Stretch,
    required: readonly EndpointId[],
    habit: Habit,
  ): Finding {
    const count = stretch.things.length
    return {
      message: 'bare',
      observed: {
        ...observedOf(count, 'objects read without what comes with them', 'objects'),
        who: whoIs(o.identity),
        what: counted(count, noun),
        missing: required.slice(0, 3).join(', '),
      },
      expected: { callers: habit.by.size, calls: habit.calls, together: required.length },
      attempt: false,
      confidence: Math.min(0.95, 0.8 + 0.005 * count),
      severity: count >= 20 ? 'high' : 'medium',
      ...blame(o),
      endpoint: place.slice(0, place.indexOf('\0')) as EndpointId,
      evidence: toTell(stretch),
      key: `${o.identity.principal}\0${place}\0${stretch.from}`,
    }
  }
}

const staff = 'd1,d2,d3,d4,d5,d6,d7,d8'
/** Pages of a chart: the record and what is shown beside it. */
const charts = Array.from(
  { length: 10 },
  (_, index) =>
    `learn ${staff} roles=doctor GET /patients/{${100 + index}} -> 200 {"name":"x"}\nlearn ${staff} roles=doctor GET /visits?patient=${100 + index} -> 200 {"items":[]}\nwait 5m`,
).join('\n')

export const missingCompanions = defineDetector({
  id: 'missing-companions',
  title: 'Records read past the page that shows them',
  summary:
    'Learns which calls a client always makes beside the one that opens an object: what its page shows around it. Who opens many objects and nothing of what comes with them does not use the page: a script, or somebody who tries addresses by hand.',
  family: 'automation',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API1:2023', 'API6:2023'],
  attack: ['T1119', 'T1213'],
  options: {
    seconds: { default: 10, reason: 'Ten seconds: a page on a slow line is complete by then.' },
    calls: { default: 60, reason: 'Sixty openings in settled history show what comes with them.' },
    callers: { default: 6, reason: 'Of six callers of the role: one may have a client of their own.' },
    together: { default: 0.95, reason: 'Nineteen of twenty times it came along: lost answers happen.' },
    objects: { default: 6, reason: 'Six objects: a link from a mail or two open without the page.' },
    share: {
      default: 0.7,
      reason: 'Most of what is opened comes bare: who also uses the page reloads at times.',
    },
    ordinary: { default: 4, reason: 'Four callers, and a tenth, who do without: there is a new client.' },
    principals: { default: 20_000, reason: 'Callers whose last seconds are kept; about 1 KiB each.' },
    endpoints: {
      default: 5_000,
      reason: 'Endpoints and groups whose companions are known; about 1 KiB each.',
    },
  },
  messages: {
    bare: '{who} opened {what} and nothing of what the page shows beside it ({missing}); {callers} colleagues hardly ever do.',
  },
  whenNotAnAttack:
    'A new client or an integration that somebody was given, or a page that was changed and asks for less.',
  examples: {
    fires: [
      `${charts}
wait 1d
d3 roles=doctor GET /patients/{201..212} every 3m -> 200 {"name":"x"}`,
    ],
    quiet: [
      `${charts}
wait 1d
d3 roles=doctor GET /patients/{201..204} every 3m -> 200 {"name":"x"}`,
      `${charts}
wait 1d
${Array.from({ length: 9 }, (_, index) => `d3 roles=doctor GET /patients/{${200 + index}} -> 200 {"name":"x"}\nd3 roles=doctor GET /visits?patient=${200 + index} -> 200 {"items":[]}\nwait 4m`).join('\n')}`,
    ],
  },
  create: context => new MissingCompanionsRun(context),
})
