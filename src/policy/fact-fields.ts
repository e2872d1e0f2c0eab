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
    contentType: 'string',
    bodyKind: 'string',
    body: 'dyn',
    depth: 'double',
    fields: 'double',
    violations: 'list<string>',
  },
  identity: {
    principal: 'string',
    kind: 'string',
    name: 'string',
    tenant: 'string',
    roles: 'list<string>',
    claims: 'map<string, dyn>',
    confidence: 'double',
    risk: 'double',
  },
  endpoint: {
    id: 'string',
    template: 'string',
    params: 'map<string, string>',
    known: 'bool',
    operation: 'string',
    exposure: 'string',
    criticality: 'string',
    dataClasses: 'list<string>',
    inventory: 'string',
    risk: 'double',
    service: 'string',
    owner: 'string',
  },
  source: {
    ip: 'string',
    country: 'string',
    asn: 'double',
    network: 'string',
    networkKind: 'string',
    workload: 'string',
    serviceAccount: 'string',
    namespace: 'string',
    ja4: 'string',
  },
  token: {
    kind: 'string',
    algorithm: 'string',
    issuer: 'string',
    audience: 'list<string>',
    ageSeconds: 'double',
    expiresIn: 'double',
    senderConstrained: 'bool',
    verified: 'bool',
    scopes: 'list<string>',
    oddities: 'list<string>',
  },
  graphql: { depth: 'double', aliases: 'double', complexity: 'double' },
  ai: {
    model: 'string',
    tool: 'string',
    tools: 'list<string>',
    maxTokens: 'double',
    inputTokens: 'double',
    outputTokens: 'double',
  },
  response: {
    status: 'double',
    size: 'double',
    headers: 'map<string, string>',
    body: 'dyn',
    records: 'double',
    dataClasses: 'list<string>',
  },
  object: { owner: 'string', tenant: 'string', foreign: 'bool', foreignTenant: 'bool' },
  now: { hour: 'double', weekday: 'double' },
} as const

/** A root of facts that is asked by functions only. */
export const flowRoot = 'flow'

/** Functions beside CEL's own. */
export const factFunctions = {
  'inCidr(ip, range)': 'Whether an address lies in a range such as `10.0.0.0/8`; false where either is none.',
  'flow.done("METHOD /path")':
    'Whether the caller had an answer below 400 from that endpoint within the last hour; true where that cannot be told.',
  'flow.secondsSince("METHOD /path")':
    'Seconds since then; -1 where there was none; a fault where that cannot be told.',
} as const
