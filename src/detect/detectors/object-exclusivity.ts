import { ObjectVisitors, type Visit } from '../../baseline/object-visitors.ts'
import type { Observation } from '../../baseline/observation.ts'
import { isPrivileged } from '../../baseline/role-matrix.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { observedOf } from '../distribution.ts'
import { type Stretch, Stretches, toTell } from '../stretches.ts'
import { counted, objectOf, subjectOf, verbOf, whoIs } from '../words.ts'

const hourMs = 3_600_000

class ObjectExclusivityRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #visitors: ObjectVisitors
  /** Objects of others by caller and endpoint within a day, and owners of these. */
  readonly #objects: Stretches
  readonly #owners: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#visitors = new ObjectVisitors({ objects: context.option('objects') })
    const most = context.option('principals')
    this.#objects = new Stretches({ most, gapMs: 24 * hourMs, lengthMs: 72 * hourMs })
    this.#owners = new Stretches({ most, gapMs: 24 * hourMs, lengthMs: 72 * hourMs })
  }

  observe(o: Observation): readonly Finding[] {
    const { identity, match, call } = o
    if (o.outcome !== 'success' || identity.kind === 'anonymous' || actsForOthers(o)) return []
    const object = objectOf(match)
    // Where the owner is learned from what the answers say, that decides.
    if (object === undefined || this.#context.owners.of(match.endpoint).length > 0) return []
    const crosses =
      identity.kind === 'service' ||
      identity.kind === 'apikey' ||
      isPrivileged(this.#context.roles.groupOf(o))
    const visit = this.#visitors.judge(match.endpoint, object.key, identity.principal)
    this.#visitors.observe(match.endpoint, object.key, identity.principal, call.time, !crosses)
    if (
      o.learning ||
      crosses ||
      visit.owner === undefined ||
      visit.objects < this.#context.option('known') ||
      visit.exclusivity < this.#context.option('exclusivity')
    )
      return []
    const key = `${identity.principal}\0${match.endpoint}`
    const objects = this.#objects.step(key, call.time, call.id, object.key)
    const owners = this.#owners.step(key, call.time, call.id, String(visit.owner))
    if (!objects.raised && !this.#tooMany(visit, objects, owners)) return []
    return [this.#finding(o, visit, objects, owners, `${object.type}:${object.id}`)]
  }

  merged(from: EndpointId, to: EndpointId): void {
    this.#visitors.merged(from, to)
  }

  size(): number {
    return this.#visitors.size + this.#objects.size + this.#owners.size
  }

  save(): unknown {
    return [this.#visitors.save(), this.#objects, this.#owners]
  }

  load(saved: unknown): void {
    const [visitors, objects, owners] = saved as readonly [unknown, Stretches, Stretches]
    this.#visitors.load(visitors)
    this.#objects.adopt(objects)
    this.#owners.adopt(owners)
  }

  /** Several owners within an hour, or a sum of surprises `ln(1/(1-x))` within a day, of two owners at least: one may have handed over. */
  #tooMany(visit: Visit, objects: Stretch, owners: Stretch): boolean {
    if (owners.things.length >= this.#context.option('owners') && owners.last - owners.from <= hourMs)
      return true
    const surprise = Math.log(1 / (1 - Math.min(visit.exclusivity, 0.999)))
    return owners.things.length >= 2 && objects.things.length * surprise >= this.#context.option('surprise')
  }

  #finding(o: Observation, visit: Visit, objects: Stretch, owners: Stretch, object: string): Finding {
    const count = objects.things.length
    return {
      message: 'took',
      observed: {
        ...observedOf(count, 'objects that others have to themselves', 'objects'),
        who: whoIs(o.identity),
        verb: verbOf(o.call.request.method),
        what: counted(count, subjectOf(o.match)),
        owners: counted(owners.things.length, 'other user'),
        endpoint: o.match.endpoint,
      },
      expected: { exclusivity: Math.round(visit.exclusivity * 1_000) / 10, objects: visit.objects },
      attempt: false,
      confidence: Math.min(0.95, 0.7 + 0.03 * count),
      severity: count >= 10 || o.call.request.method !== 'GET' ? 'high' : 'medium',
      ...blame(o),
      evidence: toTell(objects),
      objects: [object],
      key: `${o.identity.principal}\0${o.match.endpoint}\0${objects.from}`,
    }
  }
}

export const objectExclusivity = defineDetector({
  id: 'object-exclusivity',
  title: 'Objects that others have to themselves',
  summary:
    'Counts which objects only one caller ever visits. Where nearly all objects of an endpoint are like that, somebody who visits those of several others takes what is not theirs, even if no field says so.',
  family: 'authorization',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API1:2023'],
  attack: ['T1119', 'T1213'],
  options: {
    exclusivity: {
      default: 0.95,
      reason: 'Nineteen of twenty objects belong to one caller: sharing is rare here.',
    },
    known: {
      default: 200,
      reason: 'Two hundred objects visited twice or more show how an endpoint is used.',
    },
    owners: { default: 3, reason: 'Objects of three others within an hour are no slip.' },
    surprise: {
      default: 12,
      reason: 'Nats: four objects where one of twenty is shared, two where one of a thousand is.',
    },
    objects: { default: 262_144, reason: 'Objects remembered, a power of two; 13 bytes each.' },
    principals: { default: 20_000, reason: 'Callers with such objects remembered; about 500 bytes each.' },
  },
  messages: {
    took: '{who} {verb} {what} of {owners} at {endpoint}, where {exclusivity} % of objects are visited by one caller alone.',
  },
  whenNotAnAttack:
    'A hand-over of work, a new way to share, or a colleague who stands in for several others.',
  examples: {
    fires: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /drafts/{self}-{1..21} -> 200 {"text":"x"}
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /drafts/{self}-{1..21} -> 200 {"text":"x"}
wait 1d
u10 GET /drafts/{u1-3|u2-9|u3-2|u4-1|u5-7} every 4m -> 200 {"text":"x"}`,
    ],
    quiet: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /drafts/{self}-{1..21} -> 200 {"text":"x"}
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /drafts/{self}-{1..21} -> 200 {"text":"x"}
wait 1d
u10 GET /drafts/{u1-3|u1-4|u1-5|u1-6|u1-7} every 4m -> 200 {"text":"x"}
sue roles=support GET /drafts/{u1-3|u2-9|u3-2|u4-1} every 4m -> 200 {"text":"x"}`,
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /articles/{1..21} -> 200 {"text":"x"}
wait 1d
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10 GET /articles/{1..21} -> 200 {"text":"x"}
wait 1d
u11 GET /articles/{1..21} every 4m -> 200 {"text":"x"}`,
    ],
  },
  create: context => new ObjectExclusivityRun(context),
})
