/** The facts an expression may name, with their CEL types. The list in `facts.ts`, as data. */
export const factFields = {
  request: {
    method: 'string',
    path: 'string',
    host: 'string',
    query: 'map<string, string>',
    headers: 'map<string, string>',
    size: 'double',
    payload: 'string',
  },
  identity: {
    principal: 'string',
    kind: 'string',
    name: 'string',
    tenant: 'string',
    roles: 'list<string>',
    claims: 'map<string, dyn>',
    confidence: 'double',
  },
  endpoint: {
    id: 'string',
    template: 'string',
    params: 'map<string, string>',
    known: 'bool',
    operation: 'string',
  },
  response: { status: 'double', size: 'double', headers: 'map<string, string>' },
  object: { owner: 'string', tenant: 'string', foreign: 'bool', foreignTenant: 'bool' },
  now: { hour: 'double', weekday: 'double' },
} as const
