import type { PolicyFacts } from './facts.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
const texts = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)])) : {}

/**
 * Facts from what a test names of them; the rest is empty. `request.path` and `endpoint.template` stand in for each
 * other, `identity.principal` and `kind:name` too.
 */
export function buildFacts(
  input: Readonly<Record<string, unknown>>,
  defaults: {
    readonly host: string
    readonly method: string
    readonly path: string
    readonly operation?: string
  },
): PolicyFacts {
  const part = (name: string): Record<string, unknown> =>
    isRecord(input[name]) ? (input[name] as Record<string, unknown>) : {}
  const request = part('request')
  const identity = part('identity')
  const endpoint = part('endpoint')
  const now = part('now')
  const method = text(request.method ?? defaults.method)
  const host = text(request.host ?? defaults.host)
  const path = text(request.path ?? endpoint.template ?? defaults.path)
  const template = text(endpoint.template ?? path)
  const operation = text(endpoint.operation ?? defaults.operation)
  const name = text(identity.name)
  const kind = text(identity.kind ?? 'user')
  return {
    request: {
      method,
      host,
      path,
      query: texts(request.query),
      headers: texts(request.headers),
      size: number(request.size),
      payload: text(request.payload),
    },
    identity: {
      principal: text(identity.principal ?? (name === '' ? '' : `${kind}:${name}`)),
      kind,
      name,
      tenant: text(identity.tenant),
      roles: Array.isArray(identity.roles) ? identity.roles.map(text) : [],
      claims: isRecord(identity.claims) ? identity.claims : {},
      confidence: typeof identity.confidence === 'number' ? identity.confidence : 1,
    },
    endpoint: {
      id: text(endpoint.id ?? `${method} ${host}${template}${operation === '' ? '' : `#${operation}`}`),
      template,
      params: texts(endpoint.params),
      known:
        typeof endpoint.known === 'boolean'
          ? endpoint.known
          : template.includes('{') || 'template' in endpoint,
      operation,
    },
    now: { hour: number(now.hour), weekday: number(now.weekday) },
    response: {
      status: typeof part('response').status === 'number' ? (part('response').status as number) : 200,
      size: number(part('response').size),
      headers: texts(part('response').headers),
    },
    object: {
      owner: text(part('object').owner),
      tenant: text(part('object').tenant),
      foreign: part('object').foreign === true,
      foreignTenant: part('object').foreignTenant === true,
    },
  }
}
