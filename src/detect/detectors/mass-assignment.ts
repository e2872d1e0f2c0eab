import { isOwnName } from '../../baseline/attributes.ts'
import { eachField, fieldAt, fieldsOf, othersWho } from '../../baseline/field-use.ts'
import { memoPlace } from '../../baseline/fields.ts'
import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { isProfilePath } from '../../identity/profile.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { CallId, EndpointId, PrincipalId } from '../../kit/id.ts'
import { memo } from '../../kit/memo.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { whoIs } from '../words.ts'

const dayMs = 86_400_000
/** Fields of one caller whose value is remembered. */
const mostShown = 16

/** Fields that give their owner more than an ordinary one has, folded to letters. */
const privileged = new Set(
  (
    'admin isadmin administrator role roles userrole rolename roleid isstaff staff superuser issuperuser root isroot permission ' +
    'permissions privilege privileges authorities grants scope scopes group groups groupid usertype accounttype accesslevel ' +
    'level tier plan verified isverified emailverified kycverified kycstatus kyclevel approved isapproved balance credit ' +
    'credits creditlimit wallet accountbalance owner ownerid userid tenantid tenant orgid organizationid accountid createdby'
  ).split(' '),
)
/** Fields that are the server's own to set: only where answers have them and no request ever had. */
const serverSide = new Set(
  (
    'price unitprice amount total totalprice discount discountpercent discountrate status state paid ispaid paymentstatus ' +
    'refunded id createdat updatedat deletedat expiresat validuntil score rating points loyaltypoints quota limit ratelimit ' +
    'featured ispremium premium issubscribed subscription commission fee salary enabled active isactive locked banned'
  ).split(' '),
)

/** A write that carried such a field, until its effect shows or a day passes. Plain data. */
interface Carried {
  readonly time: number
  readonly call: CallId
  readonly principal: PrincipalId
  readonly tenant: string | undefined
  readonly endpoint: EndpointId
  readonly who: string
  readonly field: string
  readonly name: string
  readonly value: string
  readonly key: string
  told: boolean
}

class MassAssignmentRun implements DetectorRun {
  readonly #context: DetectContext
  /** What the object or the account is called → writes that carried such a field for it. */
  readonly #waiting: BoundedMap<string, Carried[]>
  /** Principal → field → the value it was last shown: who sends back what was read assigns nothing. */
  readonly #shown: BoundedMap<PrincipalId, Map<string, string>>
  /** Principal, endpoint, field and day → how often it was tried in vain. */
  readonly #tries: BoundedMap<string, number>

  constructor(context: DetectContext) {
    this.#context = context
    this.#waiting = new BoundedMap(context.option('waiting'))
    this.#shown = new BoundedMap(context.option('shown'))
    this.#tries = new BoundedMap(context.option('waiting'))
  }

  observe(o: Observation): readonly Finding[] {
    // Before its own answer is taken as what the caller was shown.
    const written = !o.learning && writes(o) ? this.#written(o) : []
    if (o.outcome !== 'success') return written
    const shown = this.#read(o)
    return written.length === 0 ? shown : [...written, ...shown]
  }

  #show(principal: PrincipalId, field: string, text: string): void {
    const shown = this.#shown.ensure(principal, () => new Map())
    // Mostly it is what it was.
    if (shown.get(field) === text) return
    shown.set(field, text)
    if (shown.size <= mostShown) return
    const [oldest] = shown.keys()
    if (oldest !== undefined) shown.delete(oldest)
  }

  size(): number {
    return this.#waiting.size + this.#shown.size + this.#tries.size
  }

  save(): unknown {
    return [this.#waiting, this.#shown, this.#tries]
  }

  load(saved: unknown): void {
    const [waiting, shown, tries] = saved as readonly [
      BoundedMap<string, Carried[]>,
      BoundedMap<PrincipalId, Map<string, string>>,
      BoundedMap<string, number>,
    ]
    this.#waiting.adopt(waiting)
    this.#shown.adopt(shown)
    this.#tries.adopt(tries)
  }

  #written(o: Observation): readonly Finding[] {
    const { content } = o.call.request
    if (content.kind !== 'json' && content.kind !== 'form') return []
    const uses = this.#context.fields
    const side = uses.request(o.match.endpoint)
    const answers = uses.answer(o.match.endpoint)
    const answer = o.call.response?.content
    const findings: Finding[] = []
    eachField(content.value, (path, value, name) => {
      const folded = fold(name)
      const grants = privilegeOf(name) !== undefined
      if ((!grants && !serverSide.has(folded)) || findings.length >= 5 || !isTelling(value)) return
      const known = fieldAt(side, path)
      if (known?.settled === true || othersWho(known, o) >= this.#context.option('senders')) return
      if (saysOwn(o, folded, value)) return
      const text = textOf(value)
      const before =
        this.#shown.peek(o.identity.principal)?.get(folded) ??
        (/^(?:user)?roles?$/.test(folded) && o.identity.roles.length > 0
          ? textOf(o.identity.roles as string[])
          : undefined)
      if (before === text) return
      const showing = answer?.kind === 'json' ? shows(answer.value, name) : undefined
      const done = o.outcome === 'success' && showing === text
      // Who had another role a moment ago, by their own profile, and gave themselves this one.
      const raised = done && grants && before !== undefined && isProfilePath(o.call.request.path)
      if (!raised) {
        // Without knowing what others send, a field is only new to us.
        if ((side?.messages ?? 0) < this.#context.option(grants ? 'messages' : 'serverMessages')) return
        if (othersWho(side, o) < this.#context.option('senders')) return
        if (!grants && (answers === undefined || !answersHave(answers.fields, path, name))) return
        if (!grants && !done) return
      }
      const carried: Carried = {
        time: o.call.time,
        call: o.call.id,
        principal: o.identity.principal,
        tenant: o.identity.tenant,
        endpoint: o.match.endpoint,
        who: whoIs(o.identity),
        field: path,
        name,
        value: text,
        key: `${o.identity.principal}\0${o.match.endpoint}\0${path}\0${Math.floor(o.call.time / dayMs)}`,
        told: done,
      }
      // Where the answer says otherwise, nothing is awaited.
      if (!done && o.outcome === 'success' && showing === undefined)
        for (const called of namesOf(o, content.value)) {
          const list = this.#waiting.ensure(called, () => [])
          list.push(carried)
          if (list.length > 8) list.shift()
        }
      const insists = !done && this.#triesOf(carried.key) >= this.#context.option('tries')
      findings.push({
        message: done ? 'assigned' : 'tried',
        observed: {
          who: carried.who,
          field: path,
          value: text,
          endpoint: o.match.endpoint,
          answer: showing ?? 'not shown',
        },
        expected: { senders: known?.by.length ?? 0, messages: side?.messages ?? 0 },
        attempt: !done,
        confidence: done
          ? 0.95
          : insists
            ? 0.85
            : o.outcome === 'success' && showing === undefined
              ? 0.7
              : 0.6,
        severity: done ? (grants ? 'critical' : 'high') : insists ? 'high' : 'medium',
        ...blame(o),
        evidence: [o.call.id],
        key: carried.key,
      })
    })
    return findings
  }

  #triesOf(key: string): number {
    const tries = (this.#tries.get(key) ?? 0) + 1
    this.#tries.set(key, tries)
    return tries
  }

  /** What an answer shows of such fields: remembered for the caller, and held against what was written. */
  #read(o: Observation): readonly Finding[] {
    const content = o.call.response?.content
    if (content?.kind !== 'json') return []
    const waiting = new Set<Carried>()
    if (this.#waiting.size > 0)
      for (const called of namesOf(o, undefined))
        for (const carried of this.#waiting.peek(called) ?? [])
          if (!carried.told && o.call.time - carried.time <= dayMs && carried.call !== o.call.id)
            waiting.add(carried)
    const findings: Finding[] = []
    let kept = 0
    for (const { place, value } of fieldsOf(content.value)) {
      const folded = privilegeAt(place)
      if (folded === undefined || !(isScalar(value) || isTelling(value))) continue
      const { path, key: name } = place
      const text = textOf(value)
      for (const carried of waiting) {
        if (carried.told || carried.name !== name || carried.value !== text) continue
        carried.told = true
        findings.push(confirmed(carried, o))
      }
      // A list shows others' values.
      if (kept < 8 && !path.includes('[]')) {
        kept += 1
        this.#show(o.identity.principal, folded, text)
      }
    }
    return findings
  }
}

const confirmed = (carried: Carried, o: Observation): Finding => ({
  message: 'took effect',
  observed: {
    who: carried.who,
    field: carried.field,
    value: carried.value,
    endpoint: carried.endpoint,
    shownBy: o.match.endpoint,
  },
  expected: { senders: 0 },
  attempt: false,
  confidence: 0.95,
  severity: 'critical',
  principal: carried.principal,
  ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
  endpoint: carried.endpoint,
  evidence: [carried.call, o.call.id],
  key: carried.key,
  // Who registered without a login and who logs in afterwards is one actor.
  ...(carried.principal === o.identity.principal ? {} : { actor: o.identity.principal }),
})

const writeMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

const writes = ({ call, match, outcome }: Observation): boolean =>
  writeMethods.has(call.request.method) &&
  match.operation?.kind !== 'read' &&
  outcome !== 'failed' &&
  outcome !== 'unknown'

const fold = memo(name => name.toLowerCase().replace(/[^a-z0-9]/g, ''))

/** The folded name of a field that gives its owner more; undefined of others. */
const privilegeOf = memo((name): string | undefined => (privileged.has(fold(name)) ? fold(name) : undefined))

const privilegeAt = memoPlace(({ key }) => privilegeOf(key))

const isScalar = (value: Json): boolean => value !== null && typeof value !== 'object'

/** `false`, 0, null and nothing grant nothing; lists and objects are told by what is in them. */
function isTelling(value: Json): boolean {
  if (value === null || value === false || value === '' || value === 0) return false
  if (Array.isArray(value)) return value.length > 0 && (value as readonly Json[]).every(isScalar)
  return typeof value !== 'object'
}

const textOf = (value: Json): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 128)

/** Who says that something is their own says nothing new. */
const saysOwn = (o: Observation, folded: string, value: Json): boolean =>
  /(?:id|by|owner|tenant)$/.test(folded)
    ? isOwnName(o.identity, textOf(value))
    : o.identity.roles.includes(textOf(value))

/** What the value of that name is in an answer, at the top or within; undefined where it has none. */
function shows(body: Json, name: string): string | undefined {
  let found: string | undefined
  eachField(body, (_path, value, other) => {
    if (other === name && found === undefined && value !== null) found = textOf(value)
  })
  return found
}

/** Answers wrap what they tell: `data.price` is the `price` of the request. */
const answersHave = (fields: ReadonlyMap<number, unknown>, path: string, name: string): boolean =>
  [path, name, `data.${path}`, `result.${path}`, `item.${path}`].some(at => fields.has(hash32(at)))

const callNames = ['username', 'user', 'login', 'email', 'id', 'name', 'handle', 'userId']

/** By what the object or account of a call is found again: the caller, its name, ids in the path and names in the body. */
function namesOf(o: Observation, body: Json | undefined): readonly string[] {
  const { host } = o.call.destination
  const names = new Set<string>()
  if (o.identity.kind !== 'anonymous') {
    names.add(`${host}\0${o.identity.principal}`)
    names.add(`${host}\0${o.identity.name.toLowerCase()}`)
  }
  for (const [, value] of o.match.params) names.add(`${host}\0${value.toLowerCase().slice(0, 128)}`)
  if (body !== null && typeof body === 'object' && !Array.isArray(body))
    for (const name of callNames) {
      const value = (body as { readonly [key: string]: Json })[name]
      if (typeof value === 'string' && value !== '')
        names.add(`${host}\0${value.toLowerCase().slice(0, 128)}`)
    }
  return [...names].slice(0, 12)
}

export const massAssignment = defineDetector({
  id: 'mass-assignment',
  title: 'A field that is not the caller’s to set',
  summary:
    'Knows which fields callers send to an endpoint. A write that carries a privileged field nobody sends there is an attempt to set it; when an answer, at once or later, shows the value, it was set.',
  family: 'authorization',
  severity: 'high',
  owasp: ['API3:2023'],
  attack: ['T1098', 'T1190'],
  options: {
    senders: {
      default: 3,
      reason:
        'Three others who send a field show that it may be sent; without three others nothing is known.',
    },
    messages: {
      default: 4,
      reason: 'Four bodies without a field called admin or role show that none is meant.',
    },
    serverMessages: {
      default: 100,
      reason: 'A price or a status is often meant to be sent: a hundred bodies without one before it is not.',
    },
    tries: { default: 3, reason: 'Three times in a day is no leftover of a form.' },
    waiting: { default: 5_000, reason: 'Writes whose effect is awaited for a day; about 400 bytes each.' },
    shown: {
      default: 50_000,
      reason:
        'Callers whose privileged fields are remembered as they were shown, to tell what is only sent back; about 400 bytes each.',
    },
  },
  messages: {
    tried: '{who} sent {field} = {value} to {endpoint}, which nobody else sends there.',
    assigned:
      '{who} set {field} = {value} at {endpoint}, which nobody else sends there; the answer shows it.',
    'took effect': '{who} set {field} = {value} at {endpoint}, and {shownBy} shows that it took effect.',
  },
  whenNotAnAttack:
    'A new version of a client sends a field that the release behind it allows; then soon many callers send it.',
  examples: {
    fires: [
      `learn ann,bob,carol,dave PATCH /me body={"name":"{self}"} -> 200 {"name":"{self}","role":"member"}
mallory PATCH /me body={"name":"m","role":"admin"} -> 200 {"name":"m","role":"admin"}`,
      `learn ann,bob,carol,dave POST /register body={"username":"{self}","email":"{self}@mail.example"} -> 200 {"status":"success"}
rootling POST /register body={"username":"rootling","admin":true} -> 200 {"status":"success"}
rootling GET /me -> 200 {"username":"rootling","admin":true}`,
      `mallory GET /me -> 200 {"name":"mallory","roles":["member"]}
mallory PATCH /me body={"roles":["member","admin"]} -> 200 {"name":"mallory","roles":["member","admin"]}`,
    ],
    quiet: [
      `learn ann,bob,carol,dave PATCH /me body={"name":"{self}"} -> 200 {"name":"{self}","role":"member"}
ann PATCH /me body={"name":"a","role":"member"} -> 200 {"name":"a","role":"member"}
bob PATCH /me body={"name":"b","newsletter":true} -> 200 {"name":"b","newsletter":true}`,
      `learn ann,bob,carol,dave roles=admin PATCH /users/{7} body={"role":"support"} -> 200 {"role":"support"}
eve roles=admin PATCH /users/{8} body={"role":"admin"} -> 200 {"role":"admin"}`,
    ],
  },
  create: context => new MassAssignmentRun(context),
})
