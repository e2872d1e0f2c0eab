import type { Observation } from '../../baseline/observation.ts'
import { isAdminPath, isPrivileged, isWrite, type Standing } from '../../baseline/role-matrix.ts'
import { headerOf } from '../../call/api-call.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import { Stretches, toTell } from '../stretches.ts'
import type { Why as Explanation } from '../tuning/why.ts'
import { counted, objectOf, whoIs } from '../words.ts'

const dayMs = 86_400_000

const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override']

type Why = 'above' | 'verb' | 'words' | 'write' | 'override' | 'unused'

class FunctionLevelRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Endpoint and group → principals refused there, the first few: a page that asks for what not everybody may. */
  readonly #refused: BoundedMap<string, Set<string>>
  /** Endpoint and group → principals who did it, the first few: from some on it is theirs. */
  readonly #doing: BoundedMap<string, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('principals'), gapMs: dayMs })
    this.#refused = new BoundedMap(context.option('endpoints'))
    this.#doing = new BoundedMap(context.option('endpoints'))
  }

  observe(o: Observation): readonly Finding[] {
    // Who signs in again while signed in still has a token of before.
    if (actsForOthers(o) || o.identity.kind === 'service' || loginAttemptOf(o) !== undefined) return []
    const hidden = isHidden(o)
    if (o.outcome !== 'success' && o.outcome !== 'refused') return []
    if (o.outcome === 'refused' && !hidden && !isAboutRights(o)) return []
    const standing = this.#context.roles.standingOf(o)
    const why = this.#whyNot(o, standing)
    if (why === undefined || (hidden && why === 'words')) return []
    const place = `${o.match.endpoint}\0${standing.group}`
    return o.outcome === 'success' ? this.#did(o, standing, why, place) : this.#tried(o, standing, why, place)
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const map of [this.#refused, this.#doing])
      for (const [key, principals] of [...map.entries()]) {
        if (!key.startsWith(`${from}\0`)) continue
        map.delete(key)
        map.set(`${to}${key.slice(from.length)}`, principals)
      }
  }

  why(o: Observation): Explanation | undefined {
    if (actsForOthers(o) || o.identity.kind === 'service')
      return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
    const standing = this.#context.roles.standingOf(o)
    if (isPrivileged(standing.group))
      return { state: 'exempt', text: `${standing.group} is a role above others.` }
    const threshold = this.#context.option('days')
    const numbers = { value: standing.days, threshold, unit: 'days of work of the role' }
    if (standing.used > 0)
      return {
        state: 'below',
        text: `${standing.group} used ${o.match.endpoint} on ${counted(standing.used, 'day')} before: it is one of its functions.`,
      }
    if (standing.days < threshold)
      return { state: 'learning', text: `Too little is known of what ${standing.group} does.`, ...numbers }
    return {
      state: 'below',
      text: `${standing.group} never used ${o.match.endpoint}, and ${standing.above.length === 0 ? 'no higher role is known to' : `${standing.above.slice(0, 3).join(', ')} did, too seldom or too lately to be theirs alone`}.`,
      ...numbers,
    }
  }

  size(): number {
    return this.#stretches.size + this.#refused.size + this.#doing.size
  }

  save(): unknown {
    return [this.#stretches, this.#refused, this.#doing]
  }

  load(saved: unknown): void {
    const [stretches, refused, doing] = saved as readonly [
      Stretches,
      BoundedMap<string, Set<string>>,
      BoundedMap<string, Set<string>>,
    ]
    this.#stretches.adopt(stretches)
    this.#refused.adopt(refused)
    this.#doing.adopt(doing)
  }

  /** Why this is no function of the caller's group; undefined where it may be. */
  #whyNot(o: Observation, standing: Standing): Why | undefined {
    if (isPrivileged(standing.group)) return undefined
    if (standing.used > 0) return undefined
    const known = standing.days >= this.#context.option('days')
    if (overridden(o)) return 'override'
    const admin = isAdminPath(o.match.template)
    if (
      standing.above.length > 0 &&
      known &&
      standing.chance < this.#context.option('chance') &&
      (admin || o.call.time - (standing.since ?? o.call.time) >= this.#context.option('ageDays') * dayMs)
    )
      return 'above'
    if (admin && !standing.admin && standing.days >= this.#context.option('wordDays')) return 'words'
    if (known && isWrite(o) && standing.above.length === 0 && this.#context.roles.changersAbove(o).length > 0)
      return 'verb'
    if (known && standing.writes === 0 && isWrite(o) && standing.group !== 'kind:anonymous') return 'write'
    return known && o.outcome === 'refused' && isWrite(o) ? 'unused' : undefined
  }

  #did(o: Observation, standing: Standing, why: Why, place: string): readonly Finding[] {
    const doing = this.#doing.ensure(place, () => new Set())
    if (doing.size < 64) doing.add(o.identity.principal)
    const takers = Math.min(64, Math.max(this.#context.option('ordinary'), 0.02 * standing.principals))
    if (o.learning || doing.size >= takers) return []
    const stretch = this.#stretches.step(`${o.identity.principal}\0${place}\0did`, o.call.time, o.call.id)
    return [
      {
        message: why,
        observed: this.#observed(o, stretch.count),
        expected: expectedOf(standing),
        attempt: false,
        confidence: why === 'above' ? 0.9 : why === 'write' ? 0.7 : 0.85,
        severity: why === 'write' ? 'medium' : isWrite(o) || why === 'words' ? 'high' : 'medium',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${o.identity.principal}\0${o.match.endpoint}\0${stretch.from}\0did`,
      },
    ]
  }

  #tried(o: Observation, standing: Standing, why: Why, place: string): readonly Finding[] {
    if (why === 'write' || (why === 'words' && standing.anybody === 0)) return []
    const refused = this.#refused.ensure(place, () => new Set())
    if (refused.size < 16) refused.add(o.identity.principal)
    if (o.learning || refused.size >= this.#context.option('ordinary')) return []
    const stretch = this.#stretches.step(
      `${o.identity.principal}\0tried`,
      o.call.time,
      o.call.id,
      o.match.endpoint,
    )
    const object = objectOf(o.match)
    const objects = this.#stretches.step(
      `${o.identity.principal}\0tried objects`,
      o.call.time,
      o.call.id,
      `${o.match.endpoint}\0${object?.id ?? ''}`,
    ).things.length
    const enough =
      stretch.count >= this.#context.option('tries') || stretch.things.length >= 2 || why === 'override'
    if (!enough && !stretch.raised) return []
    const several =
      stretch.things.length >= this.#context.option('probed') ||
      objects >= this.#context.option('triedObjects') ||
      (stretch.count >= this.#context.option('insists') && (why !== 'unused' || stretch.things.length >= 2))
    return [
      {
        message: 'tried',
        observed: {
          ...this.#observed(o, stretch.count),
          functions: counted(stretch.things.length, 'function'),
        },
        expected: expectedOf(standing),
        attempt: true,
        confidence: several ? 0.85 : 0.6,
        severity: several ? 'high' : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${o.identity.principal}\0${stretch.from}\0tried`,
      },
    ]
  }

  #observed(o: Observation, count: number): Finding['observed'] {
    return {
      who: whoIs(o.identity),
      what: counted(count, 'call'),
      endpoint: o.match.endpoint,
      group: this.#context.roles.groupOf(o),
      calls: count,
    }
  }
}

const expectedOf = (standing: Standing): Finding['expected'] => ({
  usedBy: standing.above.length === 0 ? 'nobody so far' : standing.above.slice(0, 5).join(', '),
  daysAbove: standing.aboveDays,
  daysOfGroup: standing.days,
  chance: Math.round(standing.chance * 1e6) / 1e6,
})

/** A refusal that speaks of rights and not of an expired or missing credential. */
function isAboutRights(o: Observation): boolean {
  const status = o.call.response?.status
  if (status === undefined || o.identity.kind === 'anonymous') return false
  if (status === 403 || status < 400) return true
  if (status !== 401) return false
  const { exp } = o.identity.claims
  return typeof exp === 'number' && exp * 1_000 > o.call.time
}

/** A change refused as if its object were not there, which is how many applications refuse what is not the caller's. */
const isHidden = (o: Observation): boolean => o.call.response?.status === 404 && isWrite(o)

/** A header that asks for another method than the request's own, one that changes something. */
function overridden(o: Observation): boolean {
  const { method, headers } = o.call.request
  if (method !== 'GET' && method !== 'POST') return false
  for (const name of overrides) {
    const asked = headerOf(headers, name)?.trim().toUpperCase()
    if (asked !== undefined && asked !== method && /^(?:PUT|PATCH|DELETE)$/.test(asked)) return true
  }
  return false
}

export const functionLevel = defineDetector({
  id: 'function-level',
  title: 'Functions of a higher role',
  summary:
    'Counts on how many days the principals of each role use each endpoint. Who uses what only a higher role uses, what its own path reserves for administrators, or another method behind an override header, does what is not theirs.',
  family: 'authorization',
  severity: 'high',
  owasp: ['API5:2023'],
  attack: ['T1078'],
  options: {
    days: {
      default: 50,
      reason: 'Fifty days of work of a role without the function: that it is not used is no chance.',
    },
    wordDays: { default: 20, reason: 'Where the path itself says that it is for administrators, twenty do.' },
    chance: {
      default: 0.005,
      reason: 'One day in two hundred: what a role uses that rarely is none of its functions.',
    },
    ageDays: {
      default: 2,
      reason: 'What is new is tried by its makers first and opened to all on the next day or the one after.',
    },
    ordinary: {
      default: 5,
      reason:
        'Five people of a role, and one of fifty, who do it: it is theirs now. Fewer may be several attackers.',
    },
    tries: { default: 3, reason: 'Three refused calls are no slip.' },
    insists: { default: 9, reason: 'Nine refused calls: who meets a closed door nine times wants in.' },
    probed: { default: 3, reason: 'Three different functions tried is a search for one that is open.' },
    triedObjects: {
      default: 6,
      reason:
        'Six different things that somebody tries to change is no slip of the hand, nor a program that asks again.',
    },
    principals: { default: 20_000, reason: 'Callers with such calls remembered; about 500 bytes each.' },
    endpoints: { default: 20_000, reason: 'Endpoints and groups with such calls remembered.' },
  },
  messages: {
    above: '{who} used {endpoint} in {what}, which so far only {usedBy} used.',
    words: '{who} used {endpoint} in {what}: a function for administrators, answered to {group}.',
    verb: '{who} used {endpoint} in {what}; only a higher role changes anything there.',
    write: '{who} changed something at {endpoint} in {what}; {group} only ever read.',
    override: '{who} asked {endpoint} in {what} for another method than the one of the request.',
    tried: '{who} tried {functions} of a higher role in {what}, the last at {endpoint}, and was refused.',
  },
  whenNotAnAttack:
    'The person was given the role and the token does not show it yet, or the function was opened to everybody with a release.',
  examples: {
    fires: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
learn root roles=admin DELETE /users/{9} -> 204
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 2d
u7 roles=member DELETE /users/{8} -> 204`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
u7 roles=member POST /admin/exports -> 200`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
learn root roles=admin DELETE /users/{9} -> 204
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 2d
u7 roles=member DELETE /users/{11..20} every 20s -> 404`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member POST /orders -> 201
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
u7 roles=member DELETE /orders/{1..7} every 20s -> 403 {"error":"forbidden"}`,
    ],
    quiet: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12,u13,u14,u15,u16,u17,u18,u19,u20 roles=member GET /orders/{1} -> 200
wait 1d
root roles=admin POST /admin/exports -> 200
u7 roles=member GET /reports -> 200
u8 roles=member DELETE /orders/{8} -> 204
u9 roles=member GET /admin/features -> 403`,
    ],
  },
  create: context => new FunctionLevelRun(context),
})
