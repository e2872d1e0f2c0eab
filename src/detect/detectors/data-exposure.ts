import { recordsOf } from '../../baseline/answer-size.ts'
import { fieldAt } from '../../baseline/field-use.ts'
import { leavesOf } from '../../baseline/fields.ts'
import type { Observation } from '../../baseline/observation.ts'
import { pagingOf } from '../../baseline/paging.ts'
import type { Json } from '../../call/content.ts'
import { SecretNames } from '../../call/secret-name.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { type SensitiveValue, sensitiveLeaf } from '../sensitive-value.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, minuteOf, whoIs } from '../words.ts'

const dayMs = 86_400_000
const mostPaths = 24
const mostGroups = 16
const nobody: readonly [number, number] = [0, 0]

/** One sensitive field of an endpoint's answers. Plain data. */
interface Held extends SensitiveValue {
  readonly path: string
  /** First seen where answers without it were known already; 0 where it always came. */
  readonly since: number
  /** Group of callers → answers with it and without. */
  readonly groups: Map<string, [number, number]>
  /** Answers with it, and all, since it first came. */
  given: number
  answers: number
  /** Hashes of who got it since, the first few. */
  readonly takers: number[]
}

/** What is known of an endpoint's answers. Plain data. */
interface Answers {
  readonly held: Held[]
  /** Calls that asked for a number of records and got no more, or more. */
  honoured: number
  exceeded: number
}

class DataExposureRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #answers: BoundedMap<EndpointId, Answers>
  readonly #stretches: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#answers = new BoundedMap(context.option('endpoints'))
    this.#stretches = new Stretches({ most: context.option('endpoints'), gapMs: 7 * dayMs })
  }

  observe(o: Observation): readonly Finding[] {
    const content = o.call.response?.content
    if (content?.kind !== 'json') return []
    const refused = this.#refusedSecret(o, content.value)
    if (refused !== undefined) return [refused]
    if (o.outcome !== 'success') return []
    const { endpoint } = o.match
    const side = this.#context.fields.answer(endpoint)
    const answers = this.#answers.ensure(endpoint, () => ({ held: [], honoured: 0, exceeded: 0 }))
    const group = this.#context.roles.groupOf(o)
    /** Sensitive fields of this answer, and different secrets in it. */
    const shown = new Map<string, SensitiveValue>()
    let secrets: Map<string, Set<number>> | undefined
    // Whoever is signed in may have several cards, and see them in a list; nobody has passwords of others.
    const unknown = o.identity.kind === 'anonymous'
    for (const leaf of leavesOf(content.value)) {
      const { path } = leaf.place
      const known = shown.size === 0 ? undefined : shown.get(path)
      const what = known ?? sensitiveLeaf(leaf)
      if (what === undefined) continue
      const { value } = leaf
      if (known === undefined) shown.set(path, what)
      if (
        what.byValue !== true &&
        (what.dataClass === 'password' || (unknown && what.dataClass === 'payment-card'))
      ) {
        secrets ??= new Map()
        const values = secrets.get(path) ?? new Set<number>()
        values.add(hash32(value))
        secrets.set(path, values)
      }
    }
    const findings: Finding[] = []
    for (const [path, what] of shown) {
      let held = answers.held.find(one => one.path === path)
      if (held === undefined && answers.held.length < mostPaths) {
        const late =
          !o.learning &&
          (side?.messages ?? 0) >= this.#context.option('messages') &&
          (side?.by.length ?? 0) >= this.#context.option('principals') &&
          fieldAt(side, path) === undefined
        held = {
          ...what,
          path,
          since: late ? o.call.time : 0,
          groups: new Map(),
          given: 0,
          answers: 0,
          takers: [],
        }
        answers.held.push(held)
      }
      if (held === undefined) continue
      held.given += 1
      const taker = hash32(o.identity.principal)
      if (held.takers.length < 16 && !held.takers.includes(taker)) held.takers.push(taker)
      const many = secrets?.get(path)?.size ?? 0
      if (o.learning) continue
      if (held.since > 0 && this.#isNew(held, o.call.time)) findings.push(this.#returned(o, held))
      else if (this.#newToGroup(held, group)) findings.push(this.#toGroup(o, held, group))
      else if (many >= this.#context.option('secrets') && fieldAt(side, path)?.settled !== true)
        findings.push(this.#many(o, held, many))
    }
    for (const held of answers.held) {
      held.answers += 1
      const side = shown.has(held.path) ? 0 : 1
      const counts = held.groups.get(group)
      if (counts !== undefined) counts[side] += 1
      else if (held.groups.size < mostGroups) held.groups.set(group, side === 0 ? [1, 0] : [0, 1])
    }
    const more = this.#moreThanAsked(o, answers)
    if (more !== undefined) findings.push(more)
    return findings
  }

  merged(from: EndpointId, to: EndpointId): void {
    const answers = this.#answers.peek(from)
    if (answers === undefined || from === to) return
    this.#answers.delete(from)
    if (!this.#answers.has(to)) this.#answers.set(to, answers)
  }

  size(): number {
    return this.#answers.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#answers, this.#stretches]
  }

  load(saved: unknown): void {
    const [answers, stretches] = saved as readonly [BoundedMap<EndpointId, Answers>, Stretches]
    this.#answers.adopt(answers)
    this.#stretches.adopt(stretches)
  }

  /** Secrets and what is worst count at once; what is milder when most answers have it, for a field may be filled in by few. */
  #isNew(held: Held, time: number): boolean {
    if (held.sensitivity < this.#context.option('sensitivity')) return false
    // What only a few had to ask for is not what the endpoint answers, however long they do.
    const few =
      held.sensitivity >= this.#context.option('severe') &&
      held.takers.length < this.#context.option('takers') &&
      held.given < 0.2 * held.answers
    if (time - held.since > this.#context.option('newDays') * dayMs && !few) return false
    return (
      held.sensitivity >= this.#context.option('severe') ||
      (held.given >= 3 && held.given >= 0.5 * (held.answers + 1))
    )
  }

  #newToGroup(held: Held, group: string): boolean {
    if (held.sensitivity < this.#context.option('sensitivity')) return false
    const [given, without] = held.groups.get(group) ?? nobody
    if (given > this.#context.option('toGroup') || without < this.#context.option('without')) return false
    for (const [other, [has, lacks]] of held.groups)
      if (other !== group && has >= 10 && has >= lacks) return true
    return false
  }

  #returned(o: Observation, held: Held): Finding {
    const deploy = this.#context.baseline.deploys.recent(held.since, dayMs)[0]
    return this.#finding(o, held, 'returned', {
      since: minuteOf(held.since),
      deploy: deploy === undefined ? '' : `${deploy.subject}, ${deploy.what}`,
    })
  }

  #toGroup(o: Observation, held: Held, group: string): Finding {
    return this.#finding(o, held, 'group', { group, without: held.groups.get(group)?.[1] ?? 0 })
  }

  #many(o: Observation, held: Held, many: number): Finding {
    return this.#finding(o, held, 'many', { secrets: counted(many, held.dataClass.replaceAll('-', ' ')) })
  }

  #finding(
    o: Observation,
    held: Held,
    message: 'returned' | 'group' | 'many',
    facts: Finding['observed'],
  ): Finding {
    const key = `${o.match.endpoint}\0${held.path}\0${message}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id, o.identity.principal)
    const { endpoint } = o.match
    return {
      message,
      observed: {
        ...facts,
        who: whoIs(o.identity),
        field: held.path,
        dataClass: held.dataClass.replaceAll('-', ' '),
        endpoint,
        callers: counted(stretch.things.length, 'caller'),
      },
      expected: { answersBefore: this.#context.fields.answer(endpoint)?.messages ?? 0 },
      attempt: false,
      confidence: message === 'many' || held.sensitivity >= this.#context.option('severe') ? 0.9 : 0.75,
      severity: message === 'many' || held.sensitivity >= this.#context.option('severe') ? 'high' : 'low',
      ...blame(o),
      evidence: toTell(stretch),
      dataClasses: [held.dataClass],
      key: `${key}\0${stretch.from}`,
      // The endpoint gives away what nobody asked for: its callers are no accomplices of each other.
      ...(message === 'many' ? {} : { actor: `endpoint:${endpoint}` }),
    }
  }

  /** Somebody asks a graph again and again for a field that holds a secret by its name, and is told that there is none for them. */
  #refusedSecret(o: Observation, answer: Json): Finding | undefined {
    if (o.match.operation?.protocol !== 'graphql' || o.identity.kind === 'anonymous') return undefined
    const field = refusedFields(answer).find(name => secretNames.classOf(name) !== undefined)
    if (field === undefined) return undefined
    const key = `${o.identity.principal}\0refused`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    if (o.learning || stretch.count < this.#context.option('refusedSecrets')) return undefined
    return {
      message: 'refused',
      observed: {
        who: whoIs(o.identity),
        field,
        endpoint: o.match.endpoint,
        what: counted(stretch.count, 'call'),
      },
      expected: { calls: this.#context.option('refusedSecrets') },
      attempt: true,
      confidence: 0.86,
      severity: 'high',
      ...blame(o),
      evidence: toTell(stretch),
      key: `${key}\0${stretch.from}`,
    }
  }

  /** An endpoint that keeps to the number asked for gave much more. */
  #moreThanAsked(o: Observation, answers: Answers): Finding | undefined {
    const { size } = pagingOf(o.call)
    if (size === undefined || size < 1) return undefined
    const records = recordsOf(o.call)
    if (records <= size) {
      answers.honoured += 1
      return undefined
    }
    answers.exceeded += 1
    if (
      o.learning ||
      records < 2 * size + 10 ||
      answers.honoured < this.#context.option('honoured') ||
      answers.exceeded > 0.05 * answers.honoured
    )
      return undefined
    const key = `${o.identity.principal}\0${o.match.endpoint}\0more`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    return {
      message: 'more',
      observed: {
        who: whoIs(o.identity),
        records,
        asked: size,
        endpoint: o.match.endpoint,
        what: counted(stretch.count, 'call'),
      },
      expected: { honoured: answers.honoured, exceeded: answers.exceeded },
      attempt: false,
      confidence: 0.7,
      severity: 'medium',
      ...blame(o),
      evidence: toTell(stretch),
      key: `${key}\0${stretch.from}`,
    }
  }
}

const secretNames = new SecretNames()

/** The fields that a GraphQL answer's errors speak of: the last name of their path, or what their message puts in quotes. At most ten. */
function refusedFields(answer: Json): readonly string[] {
  if (answer === null || typeof answer !== 'object' || Array.isArray(answer)) return []
  const { errors } = answer as { readonly [key: string]: Json }
  if (!Array.isArray(errors)) return []
  const fields: string[] = []
  for (const error of errors.slice(0, 10)) {
    if (error === null || typeof error !== 'object' || Array.isArray(error)) continue
    const { message, path } = error as { readonly [key: string]: Json }
    const last = Array.isArray(path) ? path.at(-1) : undefined
    const quoted =
      typeof message === 'string'
        ? /["'`]([A-Za-z_]\w{0,63})["'`]/.exec(message.slice(0, 300))?.[1]
        : undefined
    const field = quoted ?? last
    if (typeof field === 'string') fields.push(field)
  }
  return fields
}

export const dataExposure = defineDetector({
  id: 'data-exposure',
  title: 'An answer gives away more than before',
  summary:
    'Knows which sensitive fields an endpoint answers with, and to which roles. Raises a field with passwords, cards or numbers of persons that newly appears after a release or goes to a role that never got it, lists of secrets, and answers with far more records than asked for.',
  family: 'exposure',
  severity: 'high',
  owasp: ['API3:2023'],
  attack: ['T1213', 'T1530'],
  options: {
    messages: {
      default: 30,
      reason: 'Thirty answers without the field show that it did not belong to them.',
    },
    principals: { default: 3, reason: 'To three callers at least: one caller’s answers may all be alike.' },
    sensitivity: {
      default: 10,
      reason:
        'E-mail and telephone numbers and worse; a name, a city or an address of a machine is often shown.',
    },
    severe: {
      default: 20,
      reason: 'Numbers of persons, bank accounts, cards and secrets: one answer is one too many.',
    },
    rare: {
      default: 0.05,
      reason: 'One answer of twenty: a field that so few have was not released to all.',
    },
    newDays: { default: 7, reason: 'What an endpoint answers for a week is what it answers.' },
    takers: {
      default: 5,
      reason:
        'A secret that fewer got, in less than a fifth of the answers, is not part of them after a week either.',
    },
    refusedSecrets: { default: 3, reason: 'Three times refused: who makes a client asks once or twice.' },
    without: {
      default: 30,
      reason: 'Thirty answers to a role without the field show that it is not for it.',
    },
    toGroup: { default: 20, reason: 'After twenty answers the role gets it: that was said by then.' },
    secrets: { default: 3, reason: 'Three different passwords or cards in one answer are a list of them.' },
    honoured: { default: 20, reason: 'Twenty answers that kept to the number asked for.' },
    endpoints: {
      default: 20_000,
      reason: 'Endpoints whose sensitive fields are remembered; about 1 KiB each.',
    },
  },
  messages: {
    returned:
      '{endpoint} answers with {field} ({dataClass}) since {since}, which it never did before; so far to {callers}.',
    group:
      '{endpoint} answered {who} with {field} ({dataClass}), which {group} never got in {without} answers.',
    many: '{endpoint} gave {who} {secrets} in {field} of one answer.',
    refused:
      '{who} asked {endpoint} for {field} in {what}, a secret by its name, and was told that there is none for them.',
    more: '{endpoint} gave {who} {records} records where {asked} were asked for, in {what}.',
  },
  whenNotAnAttack:
    'A release adds the field on purpose and only to those it is for: then its classification and its readers belong into the specification.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave GET /users/{1..12} -> 200 {"id":"{id}","name":"x"}
ann GET /users/{1..4} -> 200 {"id":"{id}","name":"x","ssn":"219-09-9999","password":"[redacted:password:aaaaaaaaaaaa]"}`,
      `learn ann,bob,carol,dave GET /accounts/{1..12} -> 200 {"id":"{id}","extension":[{"code":"x"}]}
ann GET /accounts/{1}?view=all -> 200 {"id":"1","extension":[{"code":"x"},{"value":"DE88500105173735985524"}]}
wait 12d
bob GET /accounts/{1}?view=all -> 200 {"id":"1","extension":[{"code":"x"},{"value":"DE88500105173735985524"}]}`,
      'anonymous GET /debug/users -> 200 {"users":[{"password":"[redacted:password:aaaaaaaaaaaa]"},{"password":"[redacted:password:bbbbbbbbbbbb]"},{"password":"[redacted:password:cccccccccccc]"}]}',
      `learn sue,sam,sid roles=support GET /users/{1..10} -> 200 {"id":"{id}","email":"a@mail.example"}
learn ann,bob,carol roles=member GET /users/{1..12} -> 200 {"id":"{id}"}
ann roles=member GET /users/{2} -> 200 {"id":"2","email":"b@mail.example"}`,
      `learn ann,bob,carol,dave GET /users/{1..12} -> 200 {"id":"{id}","name":"x"}
ann GET /users/{1} -> 200 {"id":"{id}","name":"x","ssn":"219-09-9999"}
bob GET /users/{1..40} -> 200 {"id":"{id}","name":"x"}
wait 9d
carol GET /users/{3} -> 200 {"id":"{id}","name":"x","ssn":"219-09-9998"}`,
      `mallory POST /graphql body={"query":"query Viewer { viewer { id apiToken } }"} every 1h x 4 -> 200 {"data":{"viewer":{"id":"7","apiToken":null}},"errors":[{"message":"Cannot query field \\"apiToken\\" on type \\"User\\"."}]}`,
    ],
    quiet: [
      `ann,bob,carol GET /payments x 4 -> 200 {"items":[{"card":"4111111111111111"},{"card":"5500005555555559"},{"card":"4012888888881881"}]}`,
      `learn ann,bob,carol,dave GET /users/{1..12} -> 200 {"id":"{id}","name":"x"}
ann GET /users/{1..4} -> 200 {"id":"{id}","name":"x","nickname":"y","city":"Bern"}`,
      `ann POST /graphql body={"query":"query Viewer { viewer { id nickname } }"} every 1h x 9 -> 200 {"data":{"viewer":{"id":"7","nickname":null}},"errors":[{"message":"Cannot query field \\"nickname\\" on type \\"User\\"."}]}`,
      `learn ann,bob,carol,dave GET /users/{1..12} -> 200 {"id":"{id}","email":"a@mail.example"}
ann GET /users/{1..4} -> 200 {"id":"{id}","email":"b@mail.example"}`,
      `learn ann,bob,carol,dave GET /parcels/{1..12} -> 200 {"id":"{id}"}
ann GET /parcels/{1..4} -> 200 {"id":"{id}","returnId":"4539578763621486"}`,
    ],
  },
  create: context => new DataExposureRun(context),
})
