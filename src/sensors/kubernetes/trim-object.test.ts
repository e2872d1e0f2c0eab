import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownKinds } from './kinds.ts'
import { trimObject } from './trim-object.ts'

const secret = 'hunter2-correct-horse'

describe('what is kept of an object', () => {
  it('never is a secret, a value, a command or a last-applied copy', () => {
    const template = {
      metadata: { labels: { app: 'a' }, annotations: { note: secret } },
      spec: {
        serviceAccountName: 'a',
        containers: [
          {
            name: 'a',
            image: 'a:1',
            command: [secret],
            args: [secret],
            env: [
              { name: secret, value: secret },
              { name: 'B', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
            ],
          },
        ],
        volumes: [{ name: 'v', secret: { secretName: 'tls' } }],
      },
    }
    const metadata = {
      name: 'a',
      namespace: 'shop',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': secret,
        'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a',
      },
      managedFields: [{ manager: secret }],
    }
    const objects: readonly unknown[] = [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } },
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        type: 'Opaque',
        data: { a: secret },
        stringData: { a: secret },
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    ]
    const kept = objects.map(trimObject)
    expect(kept.every(object => object !== undefined)).toBe(true)
    const told = JSON.stringify(kept)
    expect(told).not.toContain(secret)
    for (const name of ['db', 'tls', 'role/a', 'Opaque']) expect(told).toContain(name)
  })

  it('is nothing where the kind is not known in that group', () => {
    const metadata = { name: 'a' }
    expect(trimObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata })).toBeUndefined()
    expect(trimObject({ apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata })).toBeUndefined()
    expect(trimObject({ apiVersion: 'v1', kind: 'Service', metadata: {} })).toBeUndefined()
    expect(trimObject({ apiVersion: 'v1', kind: 'Service', metadata })).toBeDefined()
  })

  it('keeps the controller of several owners', () => {
    const ownerReferences = [
      { kind: 'Team', name: 'x' },
      { kind: 'ReplicaSet', name: 'a-1', controller: true },
    ]
    expect(
      trimObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', ownerReferences } })?.metadata
        .ownerReferences,
    ).toEqual([{ kind: 'ReplicaSet', name: 'a-1' }])
  })

  it('is bounded, the same when trimmed again, and never throws', () => {
    const long = 'x'.repeat(100_000)
    fc.assert(
      fc.property(
        fc.constantFrom(...knownKinds),
        fc.anything({ withNullPrototype: true, maxDepth: 4 }),
        fc.anything(),
        (known, spec, labels) => {
          const group = known.groups[0] === '' ? 'v1' : `${known.groups[0]}/v1`
          const raw = {
            apiVersion: group,
            kind: known.kind,
            metadata: { name: 'a', labels: [labels, long], annotations: { note: long } },
            spec,
            rules: spec,
            subjects: [spec, long],
          }
          const once = trimObject(raw)
          expect(once).toBeDefined()
          expect(JSON.stringify(once).length).toBeLessThan(100_000)
          expect(trimObject(once)).toEqual(once)
          trimObject(spec)
        },
      ),
      { numRuns: 300 },
    )
  })
})
