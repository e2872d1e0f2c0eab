import type { Json } from '../call/content.ts'
import { measureBody, mediaTypeOf, recordsIn } from './body-facts.ts'
import type { EndpointTraits, PolicyFacts } from './facts.ts'

type Part = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
const number = (value: unknown, fallback = 0): number => (typeof value === 'number' ? value : fallback)
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : [])
const texts = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)])) : {}

/** Where a test's facts are made up from when it says nothing. */
export interface FactDefaults {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly operation?: string
  readonly traits?: Partial<EndpointTraits>
}

/**
 * Facts from what a test names of them; the rest is empty. `request.path` and `endpoint.template` stand in for each
 * other, `identity.principal` and `kind:name` too; depth, fields and records follow from the body that is given. `flow` is the endpoints
 * done before with the seconds since.
 */
export function buildFacts(input: Part, defaults: FactDefaults): PolicyFacts {
  const part = (name: string): Part => (isRecord(input[name]) ? (input[name] as Part) : {})
  const request = requestPart(part('request'), part('endpoint'), defaults)
  return {
    request,
    identity: identityPart(part('identity')),
    endpoint: endpointPart(part('endpoint'), request, defaults),
    source: sourcePart(part('source')),
    token: tokenPart(part('token')),
    graphql: {
      depth: number(part('graphql').depth),
      aliases: number(part('graphql').aliases),
      complexity: number(part('graphql').complexity),
    },
    ai: aiPart(part('ai')),
    flow: { secondsSince: endpoint => number(part('flow')[endpoint], -1) },
    now: { hour: number(part('now').hour), weekday: number(part('now').weekday) },
    response: responsePart(part('response')),
    object: {
      owner: text(part('object').owner),
      tenant: text(part('object').tenant),
      foreign: part('object').foreign === true,
      foreignTenant: part('object').foreignTenant === true,
    },
  }
}

function requestPart(request: Part, endpoint: Part, defaults: FactDefaults): PolicyFacts['request'] {
  const headers = texts(request.headers)
  const body = 'body' in request ? (request.body as Json) : null
  const measured = measureBody(body)
  return {
    method: text(request.method ?? defaults.method),
    host: text(request.host ?? defaults.host),
    path: text(request.path ?? endpoint.template ?? defaults.path),
    query: texts(request.query),
    headers,
    size: number(request.size),
    payload: text(request.payload),
    contentType: text(request.contentType ?? mediaTypeOf(headers['content-type'])),
    bodyKind: text(request.bodyKind ?? ('body' in request ? 'json' : 'empty')),
    body,
    depth: number(request.depth, measured.depth),
    fields: number(request.fields, measured.fields),
    violations: list(request.violations),
  }
}

function identityPart(identity: Part): PolicyFacts['identity'] {
  const name = text(identity.name)
  const kind = text(identity.kind ?? 'user')
  return {
    principal: text(identity.principal ?? (name === '' ? '' : `${kind}:${name}`)),
    kind,
    name,
    tenant: text(identity.tenant),
    roles: list(identity.roles),
    claims: isRecord(identity.claims) ? identity.claims : {},
    confidence: number(identity.confidence, 1),
    risk: number(identity.risk),
  }
}

function endpointPart(
  endpoint: Part,
  { method, host, path }: PolicyFacts['request'],
  { path: usual, operation: usually, traits = {} }: FactDefaults,
): PolicyFacts['endpoint'] {
  const template = text(endpoint.template ?? (path === '' ? usual : path))
  const operation = text(endpoint.operation ?? usually)
  return {
    id: text(endpoint.id ?? `${method} ${host}${template}${operation === '' ? '' : `#${operation}`}`),
    template,
    params: texts(endpoint.params),
    known:
      typeof endpoint.known === 'boolean' ? endpoint.known : template.includes('{') || 'template' in endpoint,
    operation,
    exposure: text(endpoint.exposure ?? traits.exposure),
    criticality: text(endpoint.criticality ?? traits.criticality),
    dataClasses: list(endpoint.dataClasses ?? traits.dataClasses),
    inventory: text(endpoint.inventory ?? traits.inventory),
    risk: number(endpoint.risk, traits.risk),
    service: text(endpoint.service ?? traits.service),
    owner: text(endpoint.owner ?? traits.owner),
  }
}

const sourcePart = (source: Part): PolicyFacts['source'] => ({
  ip: text(source.ip),
  country: text(source.country),
  asn: number(source.asn),
  network: text(source.network),
  networkKind: text(source.networkKind),
  workload: text(source.workload),
  serviceAccount: text(source.serviceAccount),
  namespace: text(source.namespace),
  ja4: text(source.ja4),
})

const tokenPart = (token: Part): PolicyFacts['token'] => ({
  kind: text(token.kind),
  algorithm: text(token.algorithm),
  issuer: text(token.issuer),
  audience: list(token.audience),
  ageSeconds: number(token.ageSeconds, Number.POSITIVE_INFINITY),
  expiresIn: number(token.expiresIn, Number.POSITIVE_INFINITY),
  senderConstrained: token.senderConstrained === true,
  verified: token.verified === true,
  scopes: list(token.scopes),
  oddities: list(token.oddities),
})

const aiPart = (ai: Part): PolicyFacts['ai'] => ({
  model: text(ai.model),
  tool: text(ai.tool),
  tools: list(ai.tools),
  maxTokens: number(ai.maxTokens),
  inputTokens: number(ai.inputTokens),
  outputTokens: number(ai.outputTokens),
})

function responsePart(response: Part): NonNullable<PolicyFacts['response']> {
  const body = 'body' in response ? (response.body as Json) : null
  return {
    status: number(response.status, 200),
    size: number(response.size),
    headers: texts(response.headers),
    body,
    records: number(response.records, recordsIn(body)),
    dataClasses: list(response.dataClasses),
  }
}
