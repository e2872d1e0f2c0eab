import type { ValidateFunction } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { shopGraph } from '../../src/posture/fixture.ts'
import { recommend } from '../../src/posture/recommend.ts'
import {
  kubearmorDefinition,
  kubernetesDefinition,
  publishedDefinition,
} from '../support/policy-definitions.ts'

const graph = shopGraph()

/** Recommendations of each kind as they are printed, with and without what fills most of the fields. */
const rows = [
  {
    kind: 'networkpolicy',
    definition: kubernetesDefinition('V1NetworkPolicy'),
    wrong: { spec: { podSelector: {}, ingres: [] } },
  },
  { kind: 'kubearmor', definition: kubearmorDefinition(), wrong: { spec: { process: { matchPath: [] } } } },
  {
    kind: 'cilium',
    definition: publishedDefinition('CiliumNetworkPolicy', 'v2'),
    wrong: { spec: { endpointSelector: {}, ingress: [{ fromEndpoint: [] }] } },
  },
  {
    kind: 'istio',
    definition: publishedDefinition('AuthorizationPolicy', 'v1'),
    wrong: { spec: { rules: [{ to: [{ operation: { path: ['/'] } }] }] } },
  },
] as const

const objects = (kind: string): readonly object[] =>
  ['workload:shop/orders', 'namespace:shop', 'namespace:web'].flatMap(node =>
    [{}, { gateway: 'web/storefront', days: 32, minCalls: 1 }].flatMap(more =>
      parseAllDocuments(recommend(graph, { for: node, kind, ...more }).yaml).flatMap(
        document => (document.toJS() as object | null) ?? [],
      ),
    ),
  )

describe('recommended policies', () => {
  for (const { kind, definition, wrong } of rows)
    it.skipIf(definition === undefined)(
      `are what the definition of ${kind} takes${definition === undefined ? ' (its Go module could not be had)' : ''}`,
      () => {
        const validate = definition as ValidateFunction
        const made = objects(kind)
        for (const object of made) {
          validate(object)
          expect([object, validate.errors ?? []]).toEqual([object, []])
        }
        expect(made.length).toBeGreaterThan(3)
        // A field that it does not know is refused.
        const [first] = made
        expect(validate({ ...first, ...wrong })).toBe(false)
      },
    )
})
