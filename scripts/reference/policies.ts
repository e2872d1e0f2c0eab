import { expressionLimits, maxMacros } from '../../src/policy/cel-engine.ts'
import { factFields, factFunctions } from '../../src/policy/fact-fields.ts'
import type { PolicyAction, PolicyMode } from '../../src/policy/facts.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { block, code, list, page, prose, table } from './markdown.ts'
import { policyKeys } from './policy-keys.ts'

/** What each fact is; the type holds this list to the facts there are. */
const meanings: {
  readonly [Group in keyof typeof factFields]: Readonly<Record<keyof (typeof factFields)[Group], string>>
} = {
  request: {
    method: 'Method, upper case.',
    path: 'Path as sent, without the query.',
    host: 'Host the request is for.',
    query: 'Parameters by name; repeated ones joined with `&`.',
    headers: 'Headers by lower-case name; repeated ones joined with `, `.',
    size: 'Bytes of the body.',
    payload: 'Kind of [injection payload](payloads.md) it carries, or empty.',
    contentType: 'Media type of the body, lower case, without parameters.',
    bodyKind:
      'How the body could be read: `empty`, `json`, `form`, `multipart`, `text`, `binary`, `malformed` (also: cut off).',
    body: 'The decoded body; null without one. Reading one that is binary, malformed or has more than 5,000 members is a fault.',
    depth: 'Levels of nesting of the body.',
    fields: 'Members and elements of the body at all levels, counted up to 5,000.',
    violations:
      'What is wrong with the body by the schema of the endpoint: `items[].price: must be number, is string`.',
  },
  identity: {
    principal: 'Who calls: `user:alice`, `service:billing`, `anonymous:…`.',
    kind: 'The part before the colon.',
    name: 'The part after it.',
    tenant: 'The organisation the caller belongs to, or empty.',
    roles: 'Roles of the caller.',
    claims: 'Claims of a JWT.',
    confidence: '0 to 1: how sure the identification is.',
    risk: '0 to 100: the highest risk of the incidents the caller is part of.',
  },
  endpoint: {
    id: 'Endpoint: `GET api.example/orders/{orderId}`.',
    template: 'Path template, or the path where the endpoint is not known.',
    params: 'Values of the placeholders by name.',
    known: 'Whether the catalog knows the endpoint.',
    operation:
      '[Operation](protocols.md) of GraphQL, JSON-RPC, MCP …: `mutation:cancelOrder`; `unknown` where it could not be seen; empty where the request carries none.',
    exposure: '`external`, `internal`, `unknown`.',
    criticality: 'What it is for: `admin`, `payment`, `authentication`, `export`, `personal-data`, `other`.',
    dataClasses: 'Classes of data it carries, and their groups.',
    inventory: '`documented`, `shadow`, `zombie`, `orphan`, `candidate`, `unknown`.',
    risk: '0 to 100.',
    service: 'The workload that serves it, else the group it belongs to.',
    owner: 'Who owns it.',
  },
  source: {
    ip: 'Address of the caller.',
    country:
      'Country of the address (ISO 3166-1 alpha-2), by `analysis.addresses` and `analysis.addressFile`.',
    asn: 'Number of its autonomous system, by the same.',
    network: 'Name of the configured range it lies in.',
    networkKind: '`office`, `vpn`, `hosting`, `mobile`, or empty.',
    workload: 'The workload that calls: `cluster/namespace/name`, what is known of it.',
    serviceAccount: 'Its service account.',
    namespace: 'Its namespace.',
    ja4: 'TLS fingerprint of the client, where the sensor tells it.',
  },
  token: {
    kind: '`bearer-jwt`, `bearer`, `api-key`, `basic`, `session`, `mtls`, `signature`, or empty.',
    algorithm: '`alg` of a JWT.',
    issuer: '`iss`.',
    audience: '`aud`.',
    ageSeconds: 'Seconds since `iat`; infinite where it does not say.',
    expiresIn: 'Seconds until `exp`, negative once it has expired; infinite where it does not say.',
    senderConstrained:
      'It is bound to a key or certificate (`cnf`) and the request shows that one (DPoP, mutual TLS).',
    verified: 'Its signature was checked with a configured key.',
    scopes: 'Scopes of the token.',
    oddities: 'What no honest issuer writes into its header: `unsigned`, `jku`, `x5u`, `jwk`, `x5c`, `kid`.',
  },
  graphql: {
    depth: 'Levels of the deepest document of the request.',
    aliases: 'Aliases in all of them.',
    complexity: 'Fields selected in all of them.',
  },
  ai: {
    model: 'Model that is asked for.',
    tool: 'Tool that is called at an MCP server; of a batch the first.',
    tools: 'Every tool that is called at an MCP server or offered to a model.',
    maxTokens: 'The most tokens the answer may have, as the request says; 0 where it does not.',
    inputTokens: 'Tokens of the request, as the answer counts them.',
    outputTokens: 'Tokens of the answer, as it counts them.',
  },
  response: {
    status: 'Status of the answer.',
    size: 'Bytes of its body.',
    headers: 'Headers by lower-case name.',
    body: 'The decoded body, as of the request.',
    records: 'Elements of the longest list at the top or up to two levels down; 1 of an object.',
    dataClasses: 'Classes of data and their groups (`pii`) of the fields that this answer carries.',
  },
  object: {
    owner: 'Whose object the answer carries, or empty.',
    tenant: 'Of which organisation, or empty.',
    foreign: 'It belongs to another user than the caller.',
    foreignTenant: 'It belongs to another organisation than the caller.',
  },
  now: { hour: 'Hour of the day, UTC.', weekday: 'Day of the week, 0 is Sunday.' },
}

const actions: Readonly<Record<PolicyAction['type'], string>> = {
  allow:
    'is an exception: what other policies (`policies`, or all) say of the call is set aside. It needs an owner and an end',
  quarantine:
    'blocks, and keeps the principal, token or device out until the time is over or a person lets it in again; never an address',
  block:
    'answers with a problem document and the status; the request or its answer goes no further. With `cloak: 404` the caller is not told why',
  challenge:
    'answers 401: `step-up` asks for another authentication (RFC 9470) unless the token shows it, `proof-of-work` for some hashing by the client',
  throttle:
    'lets so many requests, or so much cost, per window and principal or `key` pass and answers 429 with `Retry-After` beyond',
  strip: 'takes fields out of a JSON request and lets it pass',
  mask: 'hides fields of a JSON answer and keeps their types: text becomes `***`, a number 0',
  tag: 'lets pass, keeps a record, and sets `header` on the request for the service, or on the answer for the caller',
  observe: 'lets pass and keeps a record',
}

const modes: Readonly<Record<PolicyMode, string>> = {
  shadow: 'records what would have been done, and does nothing else; `monitor` is its former name',
  canary: 'does it for a share of the principals, always the same ones, and records it for the others',
  enforce: 'does it',
}

const facts = (): string[][] =>
  Object.entries(factFields).flatMap(([group, fields]) =>
    Object.entries(fields).map(([name, type]) => [
      code(`${group}.${name}`),
      code(type),
      (meanings[group as keyof typeof factFields] as Readonly<Record<string, string>>)[name] ?? '',
    ]),
  )

/** `policies.md`: the format of policy documents, the facts, and the templates. */
export const policiesPage = (): string =>
  page(
    'Policies',
    '`src/policy`',
    `A policy is a YAML document; a file may hold several. ${code('sallyport policy lint')} checks files without a server, ${code('policy test')} runs the tests inside,
${code('policy simulate')} says whom it would have touched in recorded calls, ${code('policy apply')} puts it in force. A policy that cannot be read is refused
with file, line and column; the ones in force stay.`,
    '## Keys',
    table(
      ['key', 'values', 'without it', 'what it is'],
      policyKeys.map(({ path, values, fallback, meaning }) => [code(path), values, fallback, meaning]),
    ),
    '## Facts',
    `What ${code('when')} may name. A policy that names ${code('response')} or ${code('object')} is asked in the response phase. All numbers are doubles: write
${code('response.status < 300.0')}. An expression has at most ${expressionLimits.maxAstNodes} nodes, ${expressionLimits.maxDepth} levels and ${maxMacros} list macros
(${['all', 'exists', 'exists_one', 'map', 'filter'].map(code).join(', ')}); the pattern of ${code('matches()')} is written out and has no nested repetition.`,
    table(['fact', 'type', 'what it is'], facts()),
    'What the catalog says of an endpoint is empty where it does not know it. A policy that asks `flow` is about what the caller did before.',
    table(
      ['function', 'what it gives'],
      Object.entries(factFunctions).map(([name, gives]) => [code(name), gives]),
    ),
    '## Actions',
    list(Object.entries(actions).map(([type, does]) => `${code(type)} ${does}.`)),
    'The list is in order of strength. Of several policies that match, the strongest that refuses is carried out, of equal ones the one of higher `priority`, then by name; what is not refused is changed as all of them say. Quarantine in force comes before all of them.',
    '## Modes',
    list(Object.entries(modes).map(([mode, does]) => `${code(mode)} ${does}.`)),
    '## Templates',
    'Documents to read, change and apply. Each passes its own tests.',
    ...policyTemplates.flatMap(template => [
      `### ${code(template.id)}`,
      prose(template.summary),
      block('yaml', template.render()),
    ]),
  )
