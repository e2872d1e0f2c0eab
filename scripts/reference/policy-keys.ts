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
    path: 'spec.phase',
    values: '`request`, `response`',
    fallback: 'what `when` needs',
    meaning: 'Whether it is asked before the request is passed on, or before the answer is.',
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
    path: 'spec.when',
    values: 'CEL expression',
    fallback: 'always true',
    meaning: 'The condition over the facts below.',
  },
  {
    path: 'spec.action.type',
    values: '`block`, `throttle`, `quarantine`, `tag`',
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
    path: 'spec.action.requests',
    values: '1 to 1000000',
    fallback: 'required for `throttle`',
    meaning: 'Of `throttle`: how many requests per window and principal.',
  },
  {
    path: 'spec.action.windowSeconds',
    values: '1 to 86400',
    fallback: 'required for `throttle`',
    meaning: 'Of `throttle`: the window.',
  },
  {
    path: 'spec.action.target',
    values: '`principal`, `token`',
    fallback: '`principal`',
    meaning: 'Of `quarantine`: whom to keep out.',
  },
  {
    path: 'spec.action.ttl',
    values: '`1m` to `30d`',
    fallback: '`1h`',
    meaning: 'Of `quarantine`: for how long.',
  },
  {
    path: 'spec.mode',
    values: '`monitor`, `enforce`',
    fallback: '`monitor`',
    meaning: '`monitor` only records what would have been done.',
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
    values: '`pass`, `block`, `throttle`, `quarantine`, `tag`',
    fallback: 'required',
    meaning: 'What the policy must say to that input, whatever its mode.',
  },
]
