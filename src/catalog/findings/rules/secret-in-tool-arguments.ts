import type { Content, Json } from '../../../call/content.ts'
import { readMask } from '../../../call/mask.ts'
import { callCount, defineFindingRule } from '../rule.ts'
import type { Sighting } from '../sightings.ts'

/** Places of one call's arguments that are looked at, and how deep. */
const mostPlaces = 500
const depth = 8

const call = (args: object, status = 200) => ({
  title: `tools/call ${JSON.stringify(args)}`,
  request: {
    method: 'POST',
    target: '/mcp',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${'t0ken'.repeat(8)}` },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'query_db', arguments: args } },
  },
  response: {
    status,
    headers: { 'content-type': 'application/json' },
    body: { jsonrpc: '2.0', id: 1, result: { content: [] } },
  },
})

export const secretInToolArguments = defineFindingRule({
  id: 'secret-in-tool-arguments',
  title: 'Secret in the arguments of a tool',
  summary:
    'A model or an agent hands a password, key or token to an MCP tool as an argument. It went through the model’s context, its provider and every log of both.',
  owasp: ['API2:2023', 'API8:2023'],
  call: ({ call: heard, match }) =>
    match.operation?.protocol === 'mcp' && match.operation.name.startsWith('tools/call')
      ? secretsIn(heard.request.content)
      : [],
  severity: () => 'high',
  why: ({ calls, observed, subject }) =>
    `${callCount(calls)} carried a secret (${observed}) in the argument \`${subject.slice('argument:'.length)}\`. Whoever reads the conversation has it.`,
  fix: () =>
    'Give the tool’s server the secret itself, name it by a reference in the arguments, and replace what was sent.',
  examples: {
    fires: [[call({ dsn: 'shop', password: 'correct-horse-7' })]],
    quiet: [[call({ dsn: 'shop', limit: 10 })]],
  },
})

/** Secrets among the arguments of a tool's call: the path of each, and what it was. */
export function secretsIn(content: Content): readonly Sighting[] {
  if (content.kind !== 'json') return []
  const found = new Map<string, Sighting>()
  let left = mostPlaces
  const walk = (value: Json | undefined, at: string, level: number): void => {
    left -= 1
    if (left < 0 || value === undefined || value === null) return
    if (typeof value === 'string') {
      const mask = readMask(value)
      if (mask !== undefined)
        found.set(at, { subject: `argument:${at}`.slice(0, 200), expected: 'no secret', observed: mask.what })
      return
    }
    if (typeof value !== 'object' || level === 0) return
    if (Array.isArray(value)) for (const item of value as readonly Json[]) walk(item, `${at}[]`, level - 1)
    else
      for (const [key, inner] of Object.entries(value as { readonly [key: string]: Json }))
        walk(inner, at === '' ? key : `${at}.${key}`, level - 1)
  }
  const requests = Array.isArray(content.value) ? (content.value as readonly Json[]) : [content.value]
  for (const request of requests) walk(argumentsOf(request), '', depth)
  return [...found.values()]
}

function argumentsOf(request: Json): Json | undefined {
  const at = (value: Json | undefined, key: string): Json | undefined =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
      ? (value as { readonly [key: string]: Json })[key]
      : undefined
  return at(at(request, 'params'), 'arguments')
}
