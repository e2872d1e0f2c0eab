/** A way of guarding: what a draft is made of. */
export interface PolicyKind {
  /** Begins the policy's name. */
  readonly prefix: string
  readonly why: string
  /** Lines under `spec`. */
  readonly spec: readonly string[]
  readonly tests: readonly { readonly name: string; readonly input: string; readonly expect: string }[]
}

const ownerGuard: PolicyKind = {
  prefix: 'owner-guard',
  why: 'Refuses an answer that belongs to someone other than the caller.',
  spec: [
    'phase: response',
    'when: response.status < 300.0 && object.foreign && !("admin" in identity.roles) && !("support" in identity.roles)',
    'action: { type: block, status: 403 }',
    'reason: This does not belong to you.',
  ],
  tests: [
    {
      name: 'an object of another user',
      input: '{ response: { status: 200 }, object: { owner: alice, foreign: true } }',
      expect: 'block',
    },
    {
      name: 'an own object',
      input: '{ response: { status: 200 }, object: { owner: alice, foreign: false } }',
      expect: 'pass',
    },
  ],
}

const tenantGuard: PolicyKind = {
  prefix: 'tenant-guard',
  why: 'Refuses an answer that belongs to another tenant.',
  spec: [
    'phase: response',
    'when: response.status < 300.0 && object.foreignTenant',
    'action: { type: block, status: 403 }',
    'reason: This belongs to another tenant.',
  ],
  tests: [
    {
      name: 'an object of another tenant',
      input: '{ response: { status: 200 }, object: { tenant: b, foreignTenant: true } }',
      expect: 'block',
    },
    {
      name: 'an own object',
      input: '{ response: { status: 200 }, object: { tenant: a, foreignTenant: false } }',
      expect: 'pass',
    },
  ],
}

const throttle: PolicyKind = {
  prefix: 'throttle',
  why: 'Lets each caller make 30 requests a minute.',
  spec: [
    'phase: request',
    'action: { type: throttle, requests: 30, windowSeconds: 60 }',
    'reason: Too many requests. Try again later.',
  ],
  tests: [{ name: 'a request', input: '{}', expect: 'throttle' }],
}

const injectionGuard: PolicyKind = {
  prefix: 'injection-guard',
  why: 'Refuses a request that carries an attack in one of its values.',
  spec: [
    'phase: request',
    'when: request.payload != ""',
    'action: { type: block, status: 403 }',
    'reason: This request is not permitted.',
  ],
  tests: [
    { name: 'an injection', input: '{ request: { payload: sql-injection } }', expect: 'block' },
    { name: 'an ordinary request', input: '{ request: { payload: "" } }', expect: 'pass' },
  ],
}

/** By words in a detector's id; the first that fits any of them is taken. */
const kinds: readonly (readonly [RegExp, PolicyKind])[] = [
  [/owner/, ownerGuard],
  [/tenant/, tenantGuard],
  [/inject|payload|ssrf|traversal|xss/, injectionGuard],
  [/login|stuffing|spray|brute|password|rate|volume|otp|guess/, throttle],
]

/** Which kind of policy answers what was detected; guarding the owner where nothing fits better. */
export const policyKindFor = (detectors: readonly string[]): PolicyKind =>
  kinds.find(([pattern]) => detectors.some(detector => pattern.test(detector)))?.[1] ?? ownerGuard
