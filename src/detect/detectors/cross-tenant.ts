import { isOwnName } from '../../baseline/attributes.ts'
import { fieldHint, leavesOf, valuesAt } from '../../baseline/fields.ts'
import { isExempt, judgeValues } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import { crossesByName } from '../../baseline/privilege.ts'
import type { Json } from '../../call/content.ts'
import type { Identity } from '../../identity/identity.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId, PrincipalId } from '../../kit/id.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Episode } from '../episode.ts'
import { type CallObject, counted, objectOf, singular, whoIs } from '../words.ts'

/** Where requests of an endpoint name a tenant: how many principals name their own there, how many another. */
interface Place {
  readonly own: Set<PrincipalId>
  readonly cross: Set<PrincipalId>
}

/** The tenant in which an object was found, by whom first, and whether in settled history or by another, too. */
interface Located {
  readonly tenant: string
  readonly by: PrincipalId
  sure: boolean
}

const newPlace = (): Place => ({ own: new Set(), cross: new Set() })

interface Crossing {
  readonly episode: Episode
  readonly tenants: Set<string>
  readonly objects: Set<string>
  calls: number
}

class CrossTenantRun implements DetectorRun {
  readonly #context: DetectContext
  #tenants: BoundedMap<string, true>
  #places: BoundedMap<string, Place>
  #grants: BoundedMap<string, true>
  #crossings: BoundedMap<string, Crossing>
  /** Where callers whose token names no tenant were let in first. */
  #homes: BoundedMap<PrincipalId, string>
  #objects: BoundedMap<string, Located>

  constructor(context: DetectContext) {
    this.#context = context
    this.#tenants = new BoundedMap(context.option('tenants'))
    this.#places = new BoundedMap(context.option('places'))
    this.#grants = new BoundedMap(context.option('principals'))
    this.#crossings = new BoundedMap(context.option('principals'))
    this.#homes = new BoundedMap(context.option('principals'))
    this.#objects = new BoundedMap(context.option('objects'))
  }

  observe(o: Observation): readonly Finding[] {
    const { identity } = o
    if (identity.kind === 'anonymous') return []
    if (identity.tenant !== undefined && this.#tenants.get(identity.tenant) === undefined)
      this.#tenants.set(identity.tenant, true)
    if (o.outcome === 'success') this.#admit(o)
    const named = tenantsNamed(o)
    const found =
      this.#byRequest(o, named) ?? this.#byAnswer(o) ?? this.#byEcho(o, named) ?? this.#byObject(o, named)
    if (identity.tenant === undefined && o.outcome === 'success') this.#settle(o, named)
    if (found === undefined || identity.roles.some(role => crossesByName(role, 'tenant'))) return []
    if (o.outcome !== 'success' && o.outcome !== 'refused' && o.outcome !== 'invalid') return []
    const [where, other] = found
    if (this.#isMember(o, other)) return []
    if (o.learning) {
      if (o.outcome === 'success') this.#grants.set(`${identity.principal}\0${other}`, true)
      return []
    }
    return [this.#finding(o, where, other)]
  }

  /** The tenant is one of the caller's: by the token, or because answers or settled history said so. */
  #isMember({ identity }: Observation, tenant: string): boolean {
    return (
      identity.tenant === tenant ||
      isOwnName(identity, tenant) ||
      this.#grants.get(`${identity.principal}\0${tenant}`) !== undefined
    )
  }

  /** Remembers the tenants that an answer lists beside the caller's own name: an account may belong to several, and to more each day. */
  #admit(o: Observation): void {
    const content = o.call.response?.content
    if (content?.kind !== 'json' || o.identity.kind === 'service') return
    for (const [key, value] of membershipsIn(content.value, o.identity))
      if (fieldHint(singular(key)) === 'tenant' || this.#tenants.peek(value) !== undefined)
        this.#grants.set(`${o.identity.principal}\0${value}`, true)
  }

  /** Of callers whose token names no tenant: where they were let in during settled history, or first. */
  #settle(o: Observation, named: readonly (readonly [place: string, value: string])[]): void {
    const { principal } = o.identity
    for (const [, value] of named) {
      this.#tenants.set(value, true)
      if (o.learning || this.#homes.get(principal) === undefined) {
        this.#homes.set(principal, value)
        this.#grants.set(`${principal}\0${value}`, true)
      }
    }
  }

  /** The request names a tenant that is not the caller's. */
  #byRequest(
    o: Observation,
    named: readonly (readonly [place: string, value: string])[],
  ): readonly [where: string, other: string] | undefined {
    const { identity } = o
    const known = identity.tenant !== undefined || this.#homes.peek(identity.principal) !== undefined
    if (!known) return undefined
    const exempt = identity.roles.some(role => crossesByName(role, 'tenant'))
    let found: readonly [string, string] | undefined
    for (const [place, value] of named) {
      const state = this.#places.ensure(`${o.match.endpoint}\0${place}`, newPlace)
      // A token may name several tenants its bearer works for.
      if (identity.tenant === undefined ? this.#isMember(o, value) : isOwnName(identity, value)) {
        if (state.own.size < 64) state.own.add(identity.principal)
        continue
      }
      const learned = state.own.size >= this.#context.option('ownPrincipals')
      // Where as many name another tenant as their own, that is what the endpoint is for.
      const ordinary =
        state.cross.size >= this.#context.option('ordinaryPrincipals') && state.cross.size >= state.own.size
      if (!exempt && o.outcome === 'success' && state.cross.size < 64) state.cross.add(identity.principal)
      const tenant = this.#tenants.peek(value) !== undefined
      if (found === undefined && !ordinary && (identity.tenant === undefined ? tenant : tenant || learned))
        found = [place, value]
    }
    return found
  }

  /** The answer names a tenant that is not the caller's. */
  #byAnswer(o: Observation): readonly [where: string, other: string] | undefined {
    const content = o.call.response?.content
    if (o.outcome !== 'success' || content?.kind !== 'json') return undefined
    const bindings = this.#context.owners
      .of(o.match.endpoint)
      .filter(({ scope, field }) => scope === 'tenant' && !field.startsWith('path:'))
    if (bindings.length === 0) return undefined
    const { value } = content
    const verdict = judgeValues(bindings, o.identity, field => valuesAt(value, field))
    return verdict.foreignTenant &&
      !isOwnName(o.identity, verdict.tenant) &&
      !bindings.some(binding => isExempt(binding, o.identity))
      ? [`response:${bindings[0]?.field ?? ''}`, verdict.tenant]
      : undefined
  }

  /** The answer names another tenant than the request does, where it names the same to everybody else. */
  #byEcho(
    o: Observation,
    named: readonly (readonly [place: string, value: string])[],
  ): readonly [where: string, other: string] | undefined {
    const content = o.call.response?.content
    const [first] = named
    if (o.outcome !== 'success' || content?.kind !== 'json' || first === undefined) return undefined
    let other: readonly [string, string] | undefined
    let echoed = false
    for (const { place, value } of leavesOf(content.value)) {
      if (place.hint !== 'tenant' || value === '' || value.length > 128) continue
      if (value === first[1]) echoed = true
      else other ??= [`response:${place.path}`, value]
    }
    if (!echoed && other === undefined) return undefined
    const state = this.#places.ensure(`${o.match.endpoint}\0echo`, newPlace)
    const side = other === undefined ? state.own : state.cross
    if (side.size < 64) side.add(o.identity.principal)
    return state.own.size >= this.#context.option('echoPrincipals') &&
      state.cross.size <= 0.2 * state.own.size
      ? other
      : undefined
  }

  /**
   * An object that everybody else finds in one tenant is asked for in another: what decides is where the object is, whatever tenant the
   * request names.
   */
  #byObject(
    o: Observation,
    named: readonly (readonly [place: string, value: string])[],
  ): readonly [where: string, other: string] | undefined {
    const object = objectOf(o.match)
    const [first] = named
    if (object === undefined || first === undefined) return undefined
    const [place, value] = first
    if (object.id === value || (o.outcome !== 'success' && o.outcome !== 'refused')) return undefined
    const { principal } = o.identity
    const key = keyOfObject(o.match, object)
    const known = this.#objects.get(key)
    if (known === undefined) {
      if (o.outcome === 'success') this.#objects.set(key, { tenant: value, by: principal, sure: o.learning })
      return undefined
    }
    const state = this.#places.ensure(`${o.match.endpoint}\0object`, newPlace)
    if (known.tenant === value) {
      if (o.outcome === 'success') {
        known.sure ||= o.learning || known.by !== principal
        if (state.own.size < 64) state.own.add(principal)
      }
      return undefined
    }
    if (o.outcome === 'success' && state.cross.size < 64) state.cross.add(principal)
    const bound =
      state.own.size >= this.#context.option('objectPrincipals') && state.cross.size <= 0.2 * state.own.size
    return known.sure && bound ? [`${place} of ${object.type}`, known.tenant] : undefined
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, place] of [...this.#places.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#places.delete(key)
      const target = this.#places.ensure(`${to}${key.slice(from.length)}`, newPlace)
      for (const principal of place.own) target.own.add(principal)
      for (const principal of place.cross) target.cross.add(principal)
    }
  }

  size(): number {
    return (
      this.#tenants.size +
      this.#places.size +
      this.#grants.size +
      this.#crossings.size +
      this.#homes.size +
      this.#objects.size
    )
  }

  #finding(o: Observation, where: string, other: string): Finding {
    const attempt = o.outcome !== 'success'
    const key = `${o.identity.principal}\0${o.match.endpoint}\0${attempt ? 'attempt' : 'success'}`
    const crossing = this.#crossings.ensure(key, () => ({
      episode: new Episode(o.call.time),
      tenants: new Set(),
      objects: new Set(),
      calls: 0,
    }))
    if (crossing.episode.touch(o.call.time)) {
      crossing.tenants.clear()
      crossing.objects.clear()
      crossing.calls = 0
    }
    crossing.calls += 1
    if (crossing.tenants.size < 1_000) crossing.tenants.add(other)
    const object = objectOf(o.match)
    if (object !== undefined && crossing.objects.size < 10_000) crossing.objects.add(object.key)
    // One other tenant may be an old link; several are a search.
    const several = crossing.tenants.size >= 2 && crossing.calls >= this.#context.option('attempts')
    return {
      message: attempt ? 'attempted' : 'crossed',
      observed: {
        who: whoIs(o.identity),
        own: o.identity.tenant ?? this.#homes.peek(o.identity.principal) ?? 'none known',
        what: counted(crossing.calls, 'call'),
        whose:
          crossing.tenants.size === 1 ? `tenant ${other}` : counted(crossing.tenants.size, 'other tenant'),
        where,
        endpoint: o.match.endpoint,
        tenants: crossing.tenants.size,
        otherTenants: [...crossing.tenants].slice(0, 24),
        objects: crossing.objects.size,
      },
      expected: { tenant: `${where} is the caller's own tenant` },
      attempt,
      confidence: attempt ? (several ? 0.86 : 0.8) : 0.98,
      severity: attempt ? (several ? 'high' : 'medium') : 'critical',
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id],
      objects: object === undefined ? [`tenant:${other}`] : [`${object.type}:${object.id}`],
      key: `${key}\0${crossing.episode.from}`,
    }
  }

  save() {
    return {
      tenants: this.#tenants,
      places: this.#places,
      grants: this.#grants,
      crossings: this.#crossings,
      homes: this.#homes,
      objects: this.#objects,
    }
  }

  load(saved: ReturnType<CrossTenantRun['save']>): void {
    this.#tenants = saved.tenants
    this.#places = saved.places
    this.#grants = saved.grants
    this.#crossings = saved.crossings
    this.#homes = saved.homes
    this.#objects = saved.objects
  }
}

/** By its kind and its own id: the tenant in its path is left out. */
const keyOfObject = (match: Observation['match'], object: CallObject): string =>
  `${object.type}\0${match.operation?.objects[0]?.id ?? match.params.at(-1)?.[1] ?? object.id}`

const mostFields = 32

/** Whether one of the first fields is the caller's own name. */
function namesCaller(object: { readonly [key: string]: Json }, { name, names }: Identity): boolean {
  let left = mostFields
  for (const key in object) {
    left -= 1
    if (left < 0) return false
    const field = object[key]
    if (typeof field === 'string' && (field === name || names?.includes(field) === true)) return true
  }
  return false
}

/** Lists within an object that holds the caller's own name, at most three levels down: the key of each and the ids in it. */
function membershipsIn(value: Json, identity: Identity): readonly (readonly [key: string, id: string])[] {
  const found: [string, string][] = []
  const walk = (node: Json, depth: number): void => {
    if (node === null || typeof node !== 'object' || Array.isArray(node)) return
    const object = node as { readonly [key: string]: Json }
    /** Asked only where there is a list. */
    let own: boolean | undefined
    let left = mostFields
    for (const key in object) {
      left -= 1
      if (left < 0) return
      const field = object[key] ?? null
      if (!Array.isArray(field)) {
        if (depth < 3) walk(field, depth + 1)
        continue
      }
      own ??= namesCaller(object, identity)
      if (!own) continue
      for (const item of field.slice(0, 32)) {
        const id =
          item !== null && typeof item === 'object' && !Array.isArray(item)
            ? (item as { readonly [key: string]: Json }).id
            : item
        if ((typeof id === 'string' || typeof id === 'number') && found.length < 64)
          found.push([key, String(id)])
      }
    }
  }
  walk(value, 0)
  return found
}

/** Where a request names a tenant, and which: path, query, tenant headers, top two levels of the body. */
function tenantsNamed(o: Observation): readonly (readonly [place: string, value: string])[] {
  const named: [string, string][] = []
  const note = (place: string, value: Json | undefined): void => {
    if (
      named.length < 8 &&
      (typeof value === 'string' || typeof value === 'number') &&
      value !== '' &&
      String(value).length <= 128
    )
      named.push([place, String(value)])
  }
  const { request } = o.call
  for (const [name, value] of o.match.params)
    if (namesTenant(name, o.match.template)) note(`path:${name}`, value)
  for (const [name, value] of request.query) if (fieldHint(name) === 'tenant') note(`query:${name}`, value)
  for (const [name, value] of request.headers) {
    if (name.charCodeAt(0) === 120 && fieldHint(name.slice(2)) === 'tenant') note(`header:${name}`, value)
  }
  const { content } = request
  if (
    (content.kind === 'json' || content.kind === 'form') &&
    content.value !== null &&
    typeof content.value === 'object' &&
    !Array.isArray(content.value)
  ) {
    for (const [name, value] of Object.entries(content.value as { readonly [key: string]: Json })) {
      if (fieldHint(name) === 'tenant') {
        if (value !== null && typeof value === 'object' && !Array.isArray(value))
          note(`body:${name}.id`, (value as { readonly [key: string]: Json }).id)
        else note(`body:${name}`, value)
      }
    }
  }
  return named
}

const tenantNouns =
  /\/(?:tenants?|orgs?|organi[sz]ations?|workspaces?|companies|merchants?)\/\{([^}/]{1,64})\}/i

function namesTenant(name: string, template: string): boolean {
  if (fieldHint(name) === 'tenant') return true
  return tenantNouns.exec(template)?.[1] === name
}

export const crossTenant = defineDetector({
  id: 'cross-tenant',
  title: "Another tenant's data",
  summary:
    "Compares the tenant of the caller's token with the tenant that the path, the query, the body or the answer names. A successful call across tenants is a breach whatever else is true.",
  family: 'authorization',
  severity: 'critical',
  owasp: ['API1:2023'],
  attack: ['T1213', 'T1530', 'T1190'],
  options: {
    tenants: { default: 50_000, reason: 'Tenants seen in tokens remembered; about 60 bytes each.' },
    places: { default: 20_000, reason: 'Places that name a tenant remembered; at most 128 principals each.' },
    principals: { default: 50_000, reason: 'Principals with crossings, and settled crossings, remembered.' },
    objects: {
      default: 100_000,
      reason: 'Objects whose tenant is known by where they are found; about 100 bytes each.',
    },
    echoPrincipals: {
      default: 5,
      reason: 'Five principals whose answers name the tenant they asked in show that they always do.',
    },
    objectPrincipals: {
      default: 5,
      reason: 'Five principals who find objects where others did show that an object is in one tenant.',
    },
    attempts: { default: 3, reason: 'Three refused calls to several other tenants are no old link.' },
    ownPrincipals: {
      default: 2,
      reason: "Two principals who name their own tenant there show that the place names the caller's.",
    },
    ordinaryPrincipals: {
      default: 5,
      reason: 'Five principals who name others, and not fewer than name their own: the endpoint is for that.',
    },
  },
  messages: {
    crossed: '{who} of tenant {own} reached data of {whose} in {what} to {endpoint}.',
    attempted:
      '{who} of tenant {own} tried to reach data of {whose} in {what} to {endpoint}, and was refused.',
  },
  whenNotAnAttack:
    'The caller works for several tenants (a platform operator, a reseller, a support desk) and the token names only one.',
  examples: {
    fires: [
      `alice tenant=acme GET /tenants/{acme}/invoices/{1..3} -> 200 {"total":3}
bob tenant=globex GET /tenants/{globex}/invoices/{4..6} -> 200 {"total":3}
bob tenant=globex GET /tenants/{acme}/invoices/{1} -> 200 {"total":3}`,
      `alice tenant=acme GET /reports?tenantId=acme -> 200 {"rows":1}
bob tenant=globex GET /reports?tenantId=acme -> 403`,
      `learn a1,a2,a3,a4 GET /tenants/{acme}/files/{f1|f2|f3} -> 200 {"name":"x"}
learn g1,g2,g3,g4 GET /tenants/{globex}/files/{g1|g2|g3} -> 200 {"name":"x"}
g2 GET /tenants/{globex}/files/{f2} -> 200 {"name":"x"}`,
      `learn a1,a2,a3,a4 GET /tenants/{acme}/boards/{self}-{1} -> 200 {"name":"x","workspaceId":"acme"}
learn g1,g2,g3 GET /tenants/{globex}/boards/{self}-{1} -> 200 {"name":"x","workspaceId":"globex"}
g2 GET /tenants/{globex}/boards/{a9-7} -> 200 {"name":"x","workspaceId":"acme"}`,
      `learn a1,a2,a3 GET /tenants/{acme}/invoices/{1..3} -> 200 {"total":3}
learn g1,g2,g3 GET /tenants/{globex}/invoices/{4..6} -> 200 {"total":3}
g2 GET /tenants/{acme}/invoices/{1} -> 200 {"total":3}`,
    ],
    quiet: [
      `alice tenant=acme GET /tenants/{acme}/invoices/{1..3} -> 200 {"total":3}
bob tenant=globex GET /tenants/{globex}/invoices/{4..6} -> 200 {"total":3}
sue tenant=ops roles=platform-support GET /tenants/{acme}/invoices/{1} -> 200 {"total":3}
eve tenant=acme GET /tenants/{globex}/me -> 200 {"viewer":{"id":"eve","workspaces":[{"id":"acme"},{"id":"globex"}]}}
eve tenant=acme GET /tenants/{globex}/invoices/{4} -> 200 {"total":3}
carol tenant=acme claims={"tenants":["acme","globex"]} GET /tenants/{globex}/invoices/{4} -> 200 {"total":3}`,
    ],
  },
  create: context => new CrossTenantRun(context),
})
