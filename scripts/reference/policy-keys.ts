/** A key of a policy document: its path, what it takes, what holds without it. */
export interface PolicyKey {
  readonly path: string
  readonly values: string
  /** `required` where there is none. */
  readonly fallback: string
  readonly meaning: string
}

/** Every key the parser takes; a test asks the parser whether these are all. */
export const policyKeys: readonly PolicyKey[] = [
  {
    path: 'apiVersion',
    values: '`sallyport/v1alpha1`',
    fallback: 'required',
    meaning: 'Version of this format.',
  },
  { path: 'kind', values: '`ApiPolicy`', fallback: 'required', meaning: 'What this document is.' },
  {
    path: 'metadata.name',
    values: 'lower-case letters, digits, dots, hyphens; at most 63',
    fallback: 'required',
    meaning: 'Name of the policy, unique among all.',
  },
  {
    path: 'metadata.labels',
    values: 'mapping of text',
    fallback: 'none',
    meaning: 'For people and tools; decides nothing.',
  },
  {
    path: 'spec.owner',
    values: 'text',
    fallback: 'the label `owner`',
    meaning: 'Who answers for the policy; required for `allow`.',
  },
  {
    path: 'spec.phase',
    values: '`request`, `response`, `flow`',
    fallback: 'what the expressions and the action need',
    meaning:
      'Whether it is asked before the request is passed on, or before the answer is; `flow` is asked with the request, about what the caller did before.',
  },
  {
    path: 'spec.match.hosts',
    values: 'list: `api.example`, `*.example`',
    fallback: 'every host',
    meaning: 'Hosts it applies to.',
  },
  {
    path: 'spec.match.methods',
    values: 'list: `GET`',
    fallback: 'every method',
    meaning: 'Methods it applies to.',
  },
  {
    path: 'spec.match.endpoints',
    values: 'list: `GET /orders/{orderId}`, `* /admin/**`, `POST /graphql#mutation:*`',
    fallback: 'every endpoint',
    meaning:
      'Endpoints it applies to; `*` is one segment, `**` any number. What stands behind `#` names [operations](protocols.md), `*` being any text; without it all operations of the path are meant.',
  },
  {
    path: 'spec.match.principals',
    values: 'list: `user:alice`, `service:*`',
    fallback: 'everybody',
    meaning: 'Callers it applies to.',
  },
  {
    path: 'spec.match.roles',
    values: 'list of roles',
    fallback: 'everybody',
    meaning: 'Callers with at least one of these roles.',
  },
  {
    path: 'spec.match.workloads',
    values: 'list: `shop/orders`, `shop/*`',
    fallback: 'every workload',
    meaning: 'Workloads that call.',
  },
  {
    path: 'spec.match.services',
    values: 'list: `shop/orders`, `*orders`',
    fallback: 'every service',
    meaning: 'What serves the endpoint, as the catalog knows it.',
  },
  {
    path: 'spec.match.dataClasses',
    values: 'list: `email`, `pii`',
    fallback: 'any data',
    meaning: 'The endpoint carries at least one of these classes or groups of them.',
  },
  {
    path: 'spec.match.exposure',
    values: 'list of `external`, `internal`, `unknown`',
    fallback: 'any',
    meaning: 'Who can reach the endpoint.',
  },
  {
    path: 'spec.match.criticality',
    values: 'list of `admin`, `payment`, `authentication`, `export`, `personal-data`, `other`',
    fallback: 'any',
    meaning: 'What the endpoint is for.',
  },
  {
    path: 'spec.when',
    values: 'CEL expression',
    fallback: 'always true',
    meaning: 'The condition over the facts below.',
  },
  {
    path: 'spec.action.type',
    values: '`allow`, `quarantine`, `block`, `challenge`, `throttle`, `strip`, `mask`, `tag`, `observe`',
    fallback: 'required',
    meaning: 'What to do where it matches.',
  },
  {
    path: 'spec.action.status',
    values: '400 to 499, or 503',
    fallback: '403',
    meaning: 'Of `block`: the status of the answer.',
  },
  {
    path: 'spec.action.cloak',
    values: '`404`',
    fallback: 'none',
    meaning: 'Of `block`, in place of `status`: the caller is told that there is nothing here.',
  },
  {
    path: 'spec.action.requests',
    values: '1 to 1000000',
    fallback: 'required for `throttle`, or `budget`',
    meaning: 'Of `throttle`: how many requests per window and principal or key.',
  },
  {
    path: 'spec.action.budget',
    values: '0.001 to 1000000000000',
    fallback: 'none',
    meaning: 'Of `throttle`, in place of `requests`: how much cost.',
  },
  {
    path: 'spec.action.windowSeconds',
    values: '1 to 2592000',
    fallback: 'required for `throttle`',
    meaning: 'Of `throttle`: the window.',
  },
  {
    path: 'spec.action.key',
    values: 'CEL expression, a text',
    fallback: '`identity.principal`',
    meaning: 'Of `throttle`: what is counted by. Where it is empty the call is not counted.',
  },
  {
    path: 'spec.action.cost',
    values: 'CEL expression, a number',
    fallback: '1',
    meaning:
      'Of `throttle`: what one request costs. Where only the answer tells, it is taken then, and refuses the next.',
  },
  {
    path: 'spec.action.kind',
    values: '`step-up`, `proof-of-work`',
    fallback: '`step-up`',
    meaning: 'Of `challenge`: what the caller has to show.',
  },
  {
    path: 'spec.action.acrValues',
    values: 'list of text',
    fallback: 'none',
    meaning: 'Of `step-up`: authentication contexts (`acr`), any of which will do.',
  },
  {
    path: 'spec.action.maxAge',
    values: '0 to 31536000',
    fallback: 'none',
    meaning: 'Of `step-up`: seconds that the authentication (`auth_time`) may be old.',
  },
  {
    path: 'spec.action.difficulty',
    values: '8 to 24',
    fallback: '16',
    meaning: 'Of `proof-of-work`: leading zero bits that the hash must have.',
  },
  {
    path: 'spec.action.unknown',
    values: '`true`, `false`',
    fallback: '`false`',
    meaning: 'Of `strip`: takes out what the schema of the endpoint does not know.',
  },
  {
    path: 'spec.action.readOnly',
    values: '`true`, `false`',
    fallback: '`false`',
    meaning: 'Of `strip`: takes out what the specification calls read-only.',
  },
  {
    path: 'spec.action.fields',
    values: 'list of JSON pointers: `/items/*/card`',
    fallback: 'none',
    meaning: 'Of `mask` and `strip`: the fields; `*` is any element or member.',
  },
  {
    path: 'spec.action.dataClasses',
    values: 'list: `email`, `pii`',
    fallback: 'none',
    meaning: 'Of `mask`: every field of the answer that carries one of these, as the catalog learned it.',
  },
  {
    path: 'spec.action.header',
    values: 'header name',
    fallback: 'none',
    meaning: 'Of `tag`: the header that is set, in place of one that came.',
  },
  {
    path: 'spec.action.value',
    values: 'text, at most 256 characters',
    fallback: '`true`',
    meaning: 'Of `tag`: its value.',
  },
  {
    path: 'spec.action.policies',
    values: 'list of names',
    fallback: 'all',
    meaning: 'Of `allow`: the policies whose word is set aside.',
  },
  {
    path: 'spec.action.target',
    values: '`principal`, `token`, `device`',
    fallback: '`principal`',
    meaning: 'Of `quarantine`: whom to keep out.',
  },
  {
    path: 'spec.action.ttl',
    values: '`1m` to `30d`',
    fallback: '`1h`; `10m` for `proof-of-work`',
    meaning: 'Of `quarantine` for how long; of `proof-of-work` how long a solution lets pass (10s to 1d).',
  },
  {
    path: 'spec.mode',
    values: '`shadow`, `canary`, `enforce`',
    fallback: '`shadow`',
    meaning: '`shadow` only records what would have been done; `canary` does it for some.',
  },
  {
    path: 'spec.canary.percent',
    values: '0.01 to 100',
    fallback: 'required for `canary`',
    meaning: 'Share of the principals that a canary acts for.',
  },
  {
    path: 'spec.canary.seed',
    values: '`principal`',
    fallback: '`principal`',
    meaning: 'What decides who is among them.',
  },
  {
    path: 'spec.rollout.steps',
    values: 'list of 0.1 to 100, at most 20',
    fallback: '`enforcement.rollout.steps`',
    meaning: 'Percents of principals that its canary goes through.',
  },
  {
    path: 'spec.rollout.stepMinutes',
    values: 'list of 0 to 525600, at most 20',
    fallback: '`enforcement.rollout.stepMinutes`, unless it has steps of its own',
    meaning: 'Minutes at each of the steps at least, in their order; `canaryMinutes` where there is none.',
  },
  {
    path: 'spec.rollout.shadowMinutes',
    values: '0 to 525600',
    fallback: '`enforcement.rollout.shadowMinutes`',
    meaning: 'Minutes in shadow at least before it is promoted.',
  },
  {
    path: 'spec.rollout.shadowCalls',
    values: '0 to 1000000000',
    fallback: '`enforcement.rollout.shadowCalls`',
    meaning: 'Calls that the endpoints of its match have in that time at least.',
  },
  {
    path: 'spec.rollout.canaryMinutes',
    values: '0 to 525600',
    fallback: '`enforcement.rollout.canaryMinutes`',
    meaning: 'Minutes at a step of its canary at least.',
  },
  {
    path: 'spec.rollout.automaticRollback',
    values: '`true`, `false`',
    fallback: '`enforcement.rollout.automaticRollback`',
    meaning:
      'Whether it goes back to shadow by itself when it does harm; never where the configuration says no.',
  },
  {
    path: 'spec.priority',
    values: '-1000 to 1000',
    fallback: '0',
    meaning: 'Of equally strong actions the higher goes first.',
  },
  {
    path: 'spec.onError',
    values: '`allow`, `deny`',
    fallback: '`allow`',
    meaning:
      'What a fault of the expression means: no match, or a refusal with status 503. For a policy that names operations also what an operation that could not be seen means: no match, or a refusal with status 403.',
  },
  {
    path: 'spec.expiresAt',
    values: '`2026-12-31`, `2026-12-31T18:00:00Z`',
    fallback: 'never',
    meaning: 'From then on the policy is ignored.',
  },
  {
    path: 'spec.reason',
    values: 'at most 200 characters',
    fallback: 'a sentence for the action',
    meaning: 'What the caller is told.',
  },
  {
    path: 'spec.tests[].name',
    values: 'text',
    fallback: 'required',
    meaning: 'What the test shows.',
  },
  {
    path: 'spec.tests[].input',
    values: 'mapping of facts',
    fallback: 'empty',
    meaning: 'The facts as far as they matter; the others are empty.',
  },
  {
    path: 'spec.tests[].expect',
    values: '`pass`, or an action',
    fallback: 'required',
    meaning: 'What the policy must say to that input, whatever its mode.',
  },
]
