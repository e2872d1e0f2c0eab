import { criticalities } from '../catalog/criticalities.ts'
import { maxExpressionLength } from './cel-engine.ts'
import { policyApiVersion, policyKind, rolloutBounds } from './document.ts'
import { actionTypes, type PolicyAction } from './facts.ts'
import { expectations } from './parse.ts'
import { difficultyBounds } from './read-action.ts'

type Schema = Readonly<Record<string, unknown>>

const texts: Schema = { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 1000 }
const expression: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: maxExpressionLength,
  description: 'CEL',
}
const duration: Schema = { type: 'string', pattern: '^[0-9]{1,9}[smhd]$' }
const pointers: Schema = { type: 'array', items: { type: 'string', pattern: '^/' } }
const whole = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum })
const oneOf = (words: readonly string[]): Schema => ({ enum: words })
const closed = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
})

const actions: Readonly<Record<PolicyAction['type'], readonly Schema[]>> = {
  allow: [closed({ policies: texts })],
  quarantine: [closed({ target: oneOf(['principal', 'token', 'device']), ttl: duration })],
  block: [
    closed({ status: { anyOf: [whole(400, 499), { const: 503 }] } }),
    closed({ cloak: { const: 404 } }, ['cloak']),
  ],
  challenge: [
    closed({ kind: { const: 'step-up' }, acrValues: texts, maxAge: whole(0, 31_536_000) }),
    closed(
      {
        kind: { const: 'proof-of-work' },
        difficulty: whole(difficultyBounds.least, difficultyBounds.most),
        ttl: duration,
      },
      ['kind'],
    ),
  ],
  throttle: [
    closed(
      {
        requests: whole(1, 1_000_000),
        windowSeconds: whole(1, 2_592_000),
        key: expression,
        cost: expression,
      },
      ['requests', 'windowSeconds'],
    ),
    closed(
      {
        budget: { type: 'number', minimum: 0.001, maximum: 1e12 },
        windowSeconds: whole(1, 2_592_000),
        key: expression,
        cost: expression,
      },
      ['budget', 'windowSeconds'],
    ),
  ],
  strip: [closed({ unknown: { type: 'boolean' }, readOnly: { type: 'boolean' }, fields: pointers })],
  mask: [closed({ fields: pointers, dataClasses: texts })],
  tag: [closed({ header: { type: 'string' }, value: { type: 'string', maxLength: 256 } })],
  observe: [closed({})],
}

/** An action's own keys with its type among them. */
const typed = (type: string, schema: Schema): Schema => ({
  ...schema,
  properties: { type: { const: type }, ...(schema.properties as object) },
  required: ['type', ...((schema.required ?? []) as readonly string[])],
})

/** JSON Schema (2020-12) of a policy document, for editors. The parser knows more: what expressions name, and what goes together. */
export const policyJsonSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Sallyport ApiPolicy',
  ...closed(
    {
      apiVersion: { const: policyApiVersion },
      kind: { const: policyKind },
      metadata: closed(
        {
          name: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,62}$' },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
        ['name'],
      ),
      spec: closed(
        {
          owner: { type: 'string' },
          phase: oneOf(['request', 'response', 'flow']),
          match: closed({
            hosts: texts,
            methods: texts,
            endpoints: texts,
            principals: texts,
            roles: texts,
            workloads: texts,
            services: texts,
            dataClasses: texts,
            exposure: { type: 'array', items: oneOf(['external', 'internal', 'unknown']) },
            criticality: { type: 'array', items: oneOf(criticalities) },
          }),
          when: expression,
          action: { anyOf: actionTypes.flatMap(type => actions[type].map(schema => typed(type, schema))) },
          mode: oneOf(['shadow', 'canary', 'enforce', 'monitor']),
          canary: closed(
            { percent: { type: 'number', minimum: 0.01, maximum: 100 }, seed: { const: 'principal' } },
            ['percent'],
          ),
          rollout: closed({
            steps: {
              type: 'array',
              items: { type: 'number', minimum: 0.1, maximum: 100 },
              maxItems: rolloutBounds.steps,
            },
            stepMinutes: {
              type: 'array',
              items: whole(0, rolloutBounds.minutes),
              maxItems: rolloutBounds.steps,
            },
            shadowMinutes: whole(0, rolloutBounds.minutes),
            shadowCalls: whole(0, rolloutBounds.calls),
            canaryMinutes: whole(0, rolloutBounds.minutes),
            automaticRollback: { type: 'boolean' },
          }),
          priority: whole(-1000, 1000),
          onError: oneOf(['allow', 'deny']),
          expiresAt: { type: 'string' },
          reason: { type: 'string', maxLength: 200 },
          tests: {
            type: 'array',
            items: closed(
              { name: { type: 'string' }, input: { type: 'object' }, expect: oneOf(expectations) },
              ['name', 'expect'],
            ),
          },
        },
        ['action'],
      ),
    },
    ['apiVersion', 'kind', 'metadata', 'spec'],
  ),
}
