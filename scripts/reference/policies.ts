import { expressionLimits, maxMacros } from '../../src/policy/cel-engine.ts'
import { factFields } from '../../src/policy/fact-fields.ts'
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
  },
  identity: {
    principal: 'Who calls: `user:alice`, `service:billing`, `anonymous:…`.',
    kind: 'The part before the colon.',
    name: 'The part after it.',
    tenant: 'The organisation the caller belongs to, or empty.',
    roles: 'Roles of the caller.',
    claims: 'Claims of a JWT.',
    confidence: '0 to 1: how sure the identification is.',
  },
  endpoint: {
    id: 'Endpoint: `GET api.example/orders/{orderId}`.',
    template: 'Path template, or the path where the endpoint is not known.',
    params: 'Values of the placeholders by name.',
    known: 'Whether the catalog knows the endpoint.',
    operation:
      '[Operation](protocols.md) of GraphQL, JSON-RPC, MCP …: `mutation:cancelOrder`; `unknown` where it could not be seen; empty where the request carries none.',
  },
  response: {
    status: 'Status of the answer.',
    size: 'Bytes of its body.',
    headers: 'Headers by lower-case name.',
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
  block: 'answers with a problem document and the status; the request or its answer goes no further',
  throttle: 'lets so many requests per window and principal pass and answers 429 with `Retry-After` beyond',
  quarantine:
    'blocks, and keeps the principal or token out until the time is over or a person lets it in again',
  tag: 'lets pass and keeps a record',
}

const modes: Readonly<Record<PolicyMode, string>> = {
  monitor: 'records what would have been done, and does nothing else',
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
    '## Actions',
    list(Object.entries(actions).map(([type, does]) => `${code(type)} ${does}.`)),
    'Of several policies that match, the strongest action is carried out; quarantine in force comes before all of them.',
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
