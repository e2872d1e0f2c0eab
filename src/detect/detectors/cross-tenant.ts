import { isOwnName } from '../../baseline/attributes.ts'
import { fieldHint, valuesAt } from '../../baseline/fields.ts'
import { isExempt, judgeValues } from '../../baseline/judge-owner.ts'
import type { Observation } from '../../baseline/observation.ts'
import { crossesByName } from '../../baseline/privilege.ts'
import type { Json } from '../../call/content.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId, PrincipalId } from '../../kit/id.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Episode } from '../episode.ts'
import { counted, objectOf, whoIs } from '../words.ts'

/** Where requests of an endpoint name a tenant: how many principals name their own there, how many another. */
interface Place {
  readonly own: Set<PrincipalId>
  readonly cross: Set<PrincipalId>
}

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

  constructor(context: DetectContext) {
    this.#context = context
    this.#tenants = new BoundedMap(context.option('tenants'))
    this.#places = new BoundedMap(context.option('places'))
    this.#grants = new BoundedMap(context.option('principals'))
    this.#crossings = new BoundedMap(context.option('principals'))
  }

  observe(o: Observation): readonly Finding[] {
    const { tenant } = o.identity
    if (tenant === undefined || o.identity.kind === 'anonymous') return []
    if (this.#tenants.get(tenant) === undefined) this.#tenants.set(tenant, true)
    const exempt = o.identity.roles.some(role => crossesByName(role, 'tenant'))
    let where = ''
    let other = ''
    for (const [place, value] of tenantsNamed(o)) {
      const state = this.#places.ensure(`${o.match.endpoint}\0${place}`, () => ({
        own: new Set(),
        cross: new Set(),
      }))
      // A token may name several tenants its bearer works for.
      if (value === tenant || isOwnName(o.identity, value)) {
        if (state.own.size < 64) state.own.add(o.identity.principal)
        continue
      }
      const known = this.#tenants.peek(value) !== undefined
      const learned = state.own.size >= this.#context.option('ownPrincipals')
      // Where as many name another tenant as their own, that is what the endpoint is for.
      const ordinary =
        state.cross.size >= this.#context.option('ordinaryPrincipals') && state.cross.size >= state.own.size
      if (!exempt && o.outcome === 'success' && state.cross.size < 64) state.cross.add(o.identity.principal)
      if (other === '' && !ordinary && (known || learned)) {
        where = place
        other = value
      }
    }
    if (other === '' && o.outcome === 'success') {
      const content = o.call.response?.content
      const learned = this.#context.owners.ofScope(o.match.endpoint, 'tenant')
      if (learned.length > 0 && content?.kind === 'json') {
        const bindings = learned.filter(({ field }) => !field.startsWith('path:'))
        const { value } = content
        const verdict = judgeValues(bindings, o.identity, field => valuesAt(value, field))
        if (
          verdict.foreignTenant &&
          !isOwnName(o.identity, verdict.tenant) &&
          !bindings.some(binding => isExempt(binding, o.identity))
        ) {
          where = `response:${bindings[0]?.field ?? ''}`
          other = verdict.tenant
        }
      }
    }
    if (other === '' || exempt) return []
    if (o.outcome !== 'success' && o.outcome !== 'refused' && o.outcome !== 'invalid') return []
    const grant = `${o.identity.principal}\0${other}`
    if (o.learning) {
      if (o.outcome === 'success') this.#grants.set(grant, true)
      return []
    }
    if (this.#grants.get(grant) !== undefined) return []
    return [this.#finding(o, tenant, where, other)]
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, place] of [...this.#places.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#places.delete(key)
      const target = this.#places.ensure(`${to}${key.slice(from.length)}`, () => ({
        own: new Set(),
        cross: new Set(),
      }))
      for (const principal of place.own) target.own.add(principal)
      for (const principal of place.cross) target.cross.add(principal)
    }
  }

  size(): number {
    return this.#tenants.size + this.#places.size + this.#grants.size + this.#crossings.size
  }

  #finding(o: Observation, tenant: string, where: string, other: string): Finding {
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
    return {
      message: attempt ? 'attempted' : 'crossed',
      observed: {
        who: whoIs(o.identity),
        own: tenant,
        what: counted(crossing.calls, 'call'),
        whose:
          crossing.tenants.size === 1 ? `tenant ${other}` : counted(crossing.tenants.size, 'other tenant'),
        where,
        endpoint: o.match.endpoint,
        tenants: crossing.tenants.size,
        objects: crossing.objects.size,
      },
      expected: { tenant: `${where} is the caller's own tenant` },
      attempt,
      confidence: attempt ? 0.8 : 0.98,
      severity: attempt ? 'medium' : 'critical',
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
    }
  }

  load(saved: ReturnType<CrossTenantRun['save']>): void {
    this.#tenants = saved.tenants
    this.#places = saved.places
    this.#grants = saved.grants
    this.#crossings = saved.crossings
  }
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
    ],
    quiet: [
      `alice tenant=acme GET /tenants/{acme}/invoices/{1..3} -> 200 {"total":3}
bob tenant=globex GET /tenants/{globex}/invoices/{4..6} -> 200 {"total":3}
sue tenant=ops roles=platform-support GET /tenants/{acme}/invoices/{1} -> 200 {"total":3}
carol tenant=acme claims={"tenants":["acme","globex"]} GET /tenants/{globex}/invoices/{4} -> 200 {"total":3}`,
    ],
  },
  create: context => new CrossTenantRun(context),
})
