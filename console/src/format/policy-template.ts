import { endpointParts } from './names.ts'

/** A YAML string in double quotes: JSON's escapes are YAML's. Endpoint ids come from traffic. */
const text = (value: string): string => JSON.stringify(value)

/** A name as policies may have it: lower case, digits and hyphens. */
export function policyName(wish: string): string {
  const name = wish
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
    .replaceAll(/-+$/g, '')
  return name === '' ? 'new-policy' : name
}

export interface PolicyWish {
  readonly endpoint?: string
  readonly detectors: readonly string[]
  readonly incident?: string
}

interface Kind {
  readonly prefix: string
  readonly spec: readonly string[]
  readonly why: string
}

const ownerGuard: Kind = {
  prefix: 'owner-guard',
  why: 'Refuses an answer that belongs to someone other than the caller.',
  spec: [
    'phase: response',
    'when: response.status < 300.0 && object.foreign && !("admin" in identity.roles) && !("support" in identity.roles)',
    'action:',
    '  type: block',
    '  status: 403',
    'reason: This does not belong to you.',
  ],
}

const tenantGuard: Kind = {
  prefix: 'tenant-guard',
  why: 'Refuses an answer that belongs to another tenant.',
  spec: [
    'phase: response',
    'when: response.status < 300.0 && object.foreignTenant',
    'action:',
    '  type: block',
    '  status: 403',
    'reason: This belongs to another tenant.',
  ],
}

const throttle: Kind = {
  prefix: 'throttle',
  why: 'Lets each principal make 30 requests a minute here.',
  spec: [
    'phase: request',
    'action:',
    '  type: throttle',
    '  requests: 30',
    '  windowSeconds: 60',
    'reason: Too many requests. Try again later.',
  ],
}

const injectionGuard: Kind = {
  prefix: 'injection-guard',
  why: 'Refuses a request that carries an attack in one of its values.',
  spec: [
    'phase: request',
    'when: request.payload != ""',
    'action:',
    '  type: block',
    '  status: 400',
    'reason: This request cannot be accepted.',
  ],
}

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/tenant/, tenantGuard],
  [/inject|payload|ssrf|traversal|xss/, injectionGuard],
  [/login|stuffing|spray|brute|password|rate|volume|otp|guess/, throttle],
]

/** Which kind of policy answers what was detected; guarding the owner where nothing fits better. */
export function kindFor(detectors: readonly string[]): { readonly prefix: string; readonly why: string } {
  return kindOf(detectors)
}

const kindOf = (detectors: readonly string[]): Kind =>
  kinds.find(([pattern]) => detectors.some(detector => pattern.test(detector)))?.[1] ?? ownerGuard

/** The first draft of a policy: in monitor mode, for one endpoint where one is given, and said in its comments. */
export function draftPolicy(wish: PolicyWish): string {
  const kind = kindOf(wish.detectors)
  const parts = wish.endpoint === undefined ? undefined : endpointParts(wish.endpoint)
  const noun = parts?.template.split('/').findLast(part => part !== '' && !part.startsWith('{'))
  const match =
    parts === undefined
      ? []
      : [
          '  match:',
          ...(parts.host === '' ? [] : [`    hosts: [${text(parts.host)}]`]),
          `    endpoints: [${text(`${parts.method === '' ? '*' : parts.method} ${parts.template}`)}]`,
        ]
  return [
    `# ${kind.why}`,
    ...(wish.incident === undefined
      ? []
      : [`# Written because of incident ${policyComment(wish.incident)}.`]),
    'apiVersion: sallyport/v1alpha1',
    'kind: ApiPolicy',
    'metadata:',
    `  name: ${policyName(noun === undefined ? kind.prefix : `${kind.prefix}-${noun}`)}`,
    'spec:',
    '  # monitor only records what it would do; enforce does it.',
    '  mode: monitor',
    ...match,
    ...kind.spec.map(line => `  ${line}`),
    '',
  ].join('\n')
}

/** Nothing that could end a comment. */
const policyComment = (value: string): string => value.replaceAll(/[^\w.:-]/g, ' ')
