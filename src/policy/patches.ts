import { stringify } from 'yaml'
import type { PolicyTest } from './document.ts'
import { dataMasking } from './templates/data-masking.ts'
import { injectionGuard } from './templates/injection-guard.ts'
import { ownerGuard } from './templates/owner-guard.ts'
import { rateBudget } from './templates/rate-budget.ts'
import { sequenceGuard } from './templates/sequence-guard.ts'
import { celList } from './templates/template.ts'
import { tenantGuard } from './templates/tenant-guard.ts'

/** What is to be stopped: an incident or a finding, as far as policies can be made of it. */
export interface PatchSubject {
  /** Id of the incident or finding: part of the policies' names. */
  readonly id: string
  /** Detectors of an incident, or the rule of a finding. */
  readonly causes: readonly string[]
  /** Ids of endpoints: `GET api.shop.example/orders/{orderId}`. */
  readonly endpoints: readonly string[]
  readonly principals: readonly string[]
  readonly dataClasses: readonly string[]
  /** Fields that signals or findings name, as paths with dots. */
  readonly fields: readonly string[]
  /** Endpoints that should come first, by endpoint id. */
  readonly steps: ReadonlyMap<string, string>
  /** Endpoints whose objects' owners (`user`), or tenants, were learned. */
  readonly bound: ReadonlyMap<string, ReadonlySet<'user' | 'tenant'>>
  /** Roles of those who use the endpoints and are not part of it. */
  readonly roles: readonly string[]
  /** The most calls in a minute that anybody else who is `paced` makes to these endpoints, on whichever host. */
  readonly usualPerMinute: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A policy that may stop it. */
export interface Patch {
  readonly name: string
  readonly title: string
  /** Why this one fits. */
  readonly why: string
  /** In shadow. */
  readonly source: string
}

type Maker = (subject: PatchSubject) => Omit<Patch, 'name'> | undefined

const dayMs = 86_400_000
const suspendDays = 1

const reads = new Set([
  ...['owner-binding', 'object-enumeration', 'object-exclusivity', 'object-guessing', 'object-provenance'],
  ...['slow-exfiltration', 'unusual-export', 'linked-accounts', 'store-exfiltration', 'cross-tenant'],
])
const logins = new Set([
  ...['credential-stuffing', 'brute-force', 'password-spraying', 'otp-cracking', 'token-cracking'],
  ...['account-creation', 'account-takeover'],
])
const rates = new Set([
  ...['volume', 'scraping', 'object-enumeration', 'object-guessing', 'slow-exfiltration', 'expensive-call'],
  ...['page-size', 'llm-tokens', 'query-cost', 'flow-velocity', 'coupon-abuse', 'stock-hoarding'],
  ...['unusual-export', 'scanner'],
])
const schemas = new Set([
  ...['schema-violation', 'extreme-value', 'parameter-pollution', 'mass-assignment'],
  ...['undocumented-parameter', 'value-violation', 'type-drift', 'missing-required', 'open-model'],
])

const has = (subject: PatchSubject, causes: ReadonlySet<string>): boolean =>
  subject.causes.some(cause => causes.has(cause))

/** The best known first: what names the flaw itself, then what slows, then what shuts the actor out. */
const makers: Readonly<Record<string, Maker>> = {
  'owner-guard': subject => {
    const endpoints = withBinding(subject, 'user')
    if (!has(subject, reads) || endpoints.length === 0) return undefined
    const where = placesOf(endpoints)
    return {
      title: "Answer nobody with another user's object",
      why: `Whose the objects of ${wordsOf(endpoints)} are was learned: an answer with somebody else's is withheld, from whoever asks.`,
      source: ownerGuard.render({ ...where, name: nameOf('owner-guard', subject) }),
    }
  },
  'tenant-guard': subject => {
    const endpoints = withBinding(subject, 'tenant')
    if (!has(subject, reads) || endpoints.length === 0) return undefined
    return {
      title: "Answer nobody with another tenant's data",
      why: `Which tenant's the objects of ${wordsOf(endpoints)} are was learned.`,
      source: tenantGuard.render({ ...placesOf(endpoints), name: nameOf('tenant-guard', subject) }),
    }
  },
  'injection-guard': subject =>
    subject.causes.includes('injection-payload') || subject.causes.includes('ssrf-egress')
      ? {
          title: 'Refuse requests that carry an injection payload',
          why: `Payloads were sent to ${wordsOf(subject.endpoints)}.`,
          source: injectionGuard.render({
            ...placesOf(subject.endpoints),
            name: nameOf('injection-guard', subject),
          }),
        }
      : undefined,
  'sequence-guard': subject => {
    const [endpoint = '', step = ''] = [...subject.steps][0] ?? []
    const predecessor = placeOf(step)
    if (placeOf(endpoint) === undefined || predecessor === undefined) return undefined
    return {
      title: 'Ask for the step before',
      why: `${endpoint} comes after ${step}; it was called without.`,
      source: sequenceGuard.render({
        ...placesOf([endpoint]),
        name: nameOf('sequence-guard', subject),
        predecessor,
      }),
    }
  },
  'role-guard': subject =>
    subject.causes.includes('function-level') && subject.roles.length > 0
      ? {
          title: `Let only ${subject.roles.join(', ')} use it`,
          why: `Others who use ${wordsOf(subject.endpoints)} have one of these roles.`,
          source: document(nameOf('role-guard', subject), {
            match: placesOf(subject.endpoints),
            when: `!identity.roles.exists(role, role in ${celList(subject.roles)})`,
            action: { type: 'block', status: 403 },
            reason: 'This function is not permitted for this account.',
            tests: [
              {
                name: 'one of the roles',
                input: { identity: { roles: subject.roles.slice(0, 1) } },
                expect: 'pass',
              },
              { name: 'another role', input: { identity: { roles: ['another role'] } }, expect: 'block' },
              { name: 'no role', input: {}, expect: 'block' },
            ],
          }),
        }
      : undefined,
  'field-strip': subject =>
    subject.causes.includes('mass-assignment') && subject.fields.length > 0
      ? {
          title: 'Take the fields out of requests',
          why: `The fields ${subject.fields.join(', ')} were sent by who should not set them.`,
          source: document(nameOf('field-strip', subject), {
            match: placesOf(subject.endpoints),
            action: { type: 'strip', fields: subject.fields.map(pointerOf) },
            tests: [{ name: 'a request', input: {}, expect: 'strip' }, elsewhere],
          }),
        }
      : undefined,
  'data-mask': subject =>
    subject.causes.includes('data-exposure') && subject.dataClasses.length > 0
      ? {
          title: `Mask ${subject.dataClasses.join(', ')} in answers`,
          why: `${wordsOf(subject.endpoints)} answered with more than before.`,
          source: dataMasking.render({
            ...placesOf(subject.endpoints),
            name: nameOf('data-mask', subject),
            dataClasses: subject.dataClasses,
            exemptRoles: [],
          }),
        }
      : undefined,
  'field-mask': subject =>
    subject.causes.includes('undocumented-response-field') && subject.fields.length > 0
      ? {
          title: `Mask ${subject.fields.join(', ')} in answers`,
          why: `${wordsOf(subject.endpoints)} answers with it, and the specification does not name it.`,
          source: dataMasking.render({
            ...placesOf(subject.endpoints),
            name: nameOf('field-mask', subject),
            dataClasses: [],
            fields: subject.fields.map(pointerOf),
            exemptRoles: [],
          }),
        }
      : undefined,
  'schema-guard': subject =>
    has(subject, schemas)
      ? {
          title: 'Refuse what the schema does not know',
          why: `What ${wordsOf(subject.endpoints)} is sent was learned, or is specified.`,
          source: document(nameOf('schema-guard', subject), {
            match: placesOf(subject.endpoints),
            when: 'size(request.violations) > 0',
            action: { type: 'block', status: 422 },
            reason: 'The request is not of the form that is expected.',
            tests: [
              {
                name: 'a field that nobody knows',
                input: { request: { violations: ['role: is not known'] } },
                expect: 'block',
              },
              { name: 'a request that fits', input: {}, expect: 'pass' },
            ],
          }),
        }
      : undefined,
  'token-guard': subject =>
    subject.causes.includes('security-mismatch')
      ? {
          title: 'Ask for a credential',
          why: `${wordsOf(subject.endpoints)} is specified to need one, and answers without.`,
          source: document(nameOf('token-guard', subject), {
            match: placesOf(subject.endpoints),
            when: 'token.kind == ""',
            action: { type: 'block', status: 401 },
            reason: 'A credential is needed.',
            tests: [
              { name: 'without a credential', input: {}, expect: 'block' },
              { name: 'with a token', input: { token: { kind: 'bearer-jwt' } }, expect: 'pass' },
            ],
          }),
        }
      : undefined,
  'endpoint-guard': subject =>
    subject.causes.includes('undocumented-endpoint')
      ? {
          title: 'Close what nobody specified',
          why: `${wordsOf(subject.endpoints)} is in no specification.`,
          source: document(nameOf('endpoint-guard', subject), {
            match: placesOf(subject.endpoints),
            action: { type: 'block', cloak: 404 },
            tests: [{ name: 'a request', input: {}, expect: 'block' }, elsewhere],
          }),
        }
      : undefined,
  'rate-guard': subject => {
    if (!has(subject, rates) && !has(subject, logins)) return undefined
    const requests = Math.max(has(subject, logins) ? 5 : 10, Math.ceil(subject.usualPerMinute * 1.5))
    const places = placesOf(subject.endpoints)
    const name = nameOf('rate-guard', subject)
    const everyone = hasService(subject.principals)
    return {
      title: `Slow more than ${requests} calls in a minute`,
      why: `${everyone ? 'Nobody' : 'No user'} else makes more than ${subject.usualPerMinute} calls a minute to ${wordsOf(subject.endpoints)}.`,
      source: everyone
        ? document(name, { match: places, action: { type: 'throttle', requests, windowSeconds: 60 } })
        : rateBudget.render({ ...places, name, requests, windowSeconds: 60 }),
    }
  },
}

/** A star in the name of who chose it would stand for others too, so such a name is compared, not matched. */
const actorBlock: Maker = subject => {
  const principals = subject.principals.filter(one => !/^(anonymous|address|ip|unknown):/.test(one))
  const [first] = principals
  if (first === undefined) return undefined
  return {
    title: `Refuse ${principals.length === 1 ? first : `${principals.length} actors`} for a day`,
    why: 'Holds whatever they do, and ends by itself: a stopgap until the flaw is closed.',
    source: document(nameOf('actor-block', subject), {
      ...(principals.some(one => one.includes('*'))
        ? { when: `identity.principal in ${celList(principals)}` }
        : { match: { principals } }),
      action: { type: 'block', status: 403 },
      expiresAt: new Date(subject.now + suspendDays * dayMs).toISOString(),
      reason: 'This account is suspended pending review.',
      tests: [
        { name: first, input: { identity: { principal: first } }, expect: 'block' },
        { name: 'another account', input: { identity: { principal: `not ${first}` } }, expect: 'pass' },
      ],
    }),
  }
}

/** A request that is none of those that the endpoints name. */
const elsewhere: PolicyTest = {
  name: 'another endpoint',
  input: { request: { path: '/another/endpoint/than/these' } },
  expect: 'pass',
}

/** Policies that may stop it, in shadow: the ones that close the flaw first, the one that only shuts its actor out last. */
export function patchesFor(subject: PatchSubject): readonly Patch[] {
  // Without an endpoint that can be named a match would be everything.
  const endpoints = subject.endpoints.filter(id => placeOf(id) !== undefined)
  const known = { ...subject, endpoints }
  const all = { ...(endpoints.length === 0 ? {} : makers), 'actor-block': actorBlock }
  return Object.entries(all).flatMap(([id, make]) => {
    const made = make(known)
    return made === undefined ? [] : [{ name: nameOf(id, subject), ...made }]
  })
}

/** Workloads are not slowed for what a user did: each passes on the calls of many. */
const hasService = (principals: readonly string[]): boolean =>
  principals.some(one => one.startsWith('service:'))

/** Whether the rate of `principal` says what callers like those of `subject` need. */
export const paced = (principal: string, { principals }: Pick<PatchSubject, 'principals'>): boolean =>
  !principals.includes(principal) && (hasService(principals) || !principal.startsWith('service:'))

/** A valid name of a policy, whatever the id. */
const nameOf = (id: string, subject: PatchSubject): string => {
  const its = subject.id
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '')
    .slice(0, 32)
    .replace(/^[.-]+/, '')
    .replace(/[.-]+$/, '')
  return its === '' ? id : `${id}-${its}`
}

const withBinding = ({ endpoints, bound }: PatchSubject, scope: 'user' | 'tenant'): readonly string[] =>
  endpoints.filter(endpoint => bound.get(endpoint)?.has(scope) === true)

const maxNamed = 3
const wordsOf = (endpoints: readonly string[]): string =>
  endpoints.length <= maxNamed
    ? endpoints.join(', ')
    : `${endpoints.slice(0, maxNamed).join(', ')} and ${endpoints.length - maxNamed} more`

/** Endpoint ids as a policy's match names them. On any host: the caller says which one it is, and might say another. */
function placesOf(ids: readonly string[]): { readonly endpoints: string[] } {
  const endpoints = ids.map(placeOf).filter(place => place !== undefined)
  return { endpoints: [...new Set(endpoints)] }
}

/** `GET /orders/{orderId}` of `GET api.shop.example/orders/{orderId}`; undefined of what is no endpoint's id, or would stand for others too. */
export function placeOf(id: string): string | undefined {
  const [, method, path] = /^(\S+) [^/]*(\/.*)$/.exec(id) ?? []
  return method === undefined || path === undefined || path.includes('*') ? undefined : `${method} ${path}`
}

/** `order.items[].price` as a JSON pointer with a star for each element. */
const pointerOf = (path: string): string =>
  `/${path
    .replaceAll('[]', '.*')
    .split('.')
    .filter(part => part !== '' && part !== '$')
    .map(part => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/')}`

function document(name: string, spec: Readonly<Record<string, unknown>>): string {
  return stringify(
    {
      apiVersion: 'sallyport/v1alpha1',
      kind: 'ApiPolicy',
      metadata: { name },
      spec: { ...spec, mode: 'shadow' },
    },
    { lineWidth: 0 },
  )
}
