import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/engine/config.ts'
import { envoyRefusal, noEnvoy } from '../support/envoy.ts'
import { cluster, listener, type } from '../support/envoy-config.ts'
import { kubernetesDefinition, publishedDefinition } from '../support/policy-definitions.ts'

const folder = join(import.meta.dirname, '../../deploy/kubernetes')

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: Readonly<Record<string, unknown>>
}

const manifests = readdirSync(folder)
  .filter(name => name.endsWith('.yaml'))
  .flatMap(file =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(document => {
      expect(document.errors).toEqual([])
      return { file, manifest: document.toJS() as Manifest }
    }),
  )
const one = (kind: string): Manifest => {
  const found = manifests.filter(({ manifest }) => manifest.kind === kind)
  expect(found).toHaveLength(1)
  return found[0]!.manifest
}

/** By the API server's own types. */
const core = ['Namespace', 'ConfigMap', 'PersistentVolumeClaim', 'Deployment', 'Service', 'NetworkPolicy']
/** By what their projects publish. */
const custom = [
  'EnvoyExtensionPolicy',
  'SecurityPolicy',
  'ReferenceGrant',
  'EnvoyFilter',
  'DestinationRule',
  'AuthorizationPolicy',
] as const

describe('the manifests for Kubernetes', () => {
  it('are of kinds that are checked here, all of them', () => {
    expect([...new Set(manifests.map(({ manifest }) => manifest.kind))].sort()).toEqual(
      [...core, ...custom, 'IstioOperator'].sort(),
    )
  })

  it('are what the API server takes', () => {
    for (const kind of core) {
      const holds = kubernetesDefinition(`V1${kind}`)
      expect([kind, holds(one(kind)), holds.errors]).toEqual([kind, true, null])
    }
    expect(kubernetesDefinition('V1Deployment')({ ...one('Deployment'), spec: { replica: 1 } })).toBe(false)
  })

  for (const kind of custom) {
    const version = one(kind).apiVersion.split('/').at(-1) as string
    const holds = publishedDefinition(kind, version)
    it.skipIf(holds === undefined)(
      `are what ${kind} is defined as${holds === undefined ? ' (skipped: its definition is not here; npm test brings it)' : ''}`,
      () => {
        expect([holds!(one(kind)), holds!.errors]).toEqual([true, null])
        expect(holds!({ ...one(kind), spec: { ...one(kind).spec, unheardOf: 1 } })).toBe(false)
      },
    )
  }

  it('configure Sallyport as it takes it, and fit each other', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'sallyport-manifest-'))
    try {
      const file = join(scratch, 'sallyport.yaml')
      writeFileSync(file, one('ConfigMap').data?.['sallyport.yaml'] as string)
      const { decisionPoints, server } = loadConfig(file, {})
      expect(decisionPoints.envoy).toMatchObject({ enabled: true, host: '0.0.0.0', port: 4601 })
      expect(server.host).toBe('127.0.0.1')
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
    const text = (kind: string): string => JSON.stringify(one(kind).spec)
    for (const kind of [
      'Service',
      'NetworkPolicy',
      'Deployment',
      'EnvoyExtensionPolicy',
      'SecurityPolicy',
      'EnvoyFilter',
    ])
      expect(text(kind), kind).toContain('4601')
    for (const kind of ['EnvoyFilter', 'DestinationRule', 'IstioOperator'])
      expect(text(kind), kind).toContain('sallyport.sallyport.svc.cluster.local')
    const selector = { 'app.kubernetes.io/name': 'sallyport' }
    for (const kind of ['Service', 'NetworkPolicy', 'Deployment'])
      expect(text(kind), kind).toContain(JSON.stringify(selector))
    expect(text('AuthorizationPolicy')).toContain('"provider":{"name":"sallyport"}')
    expect(text('IstioOperator')).toContain('"name":"sallyport"')
  })

  it.skipIf(noEnvoy !== '')(
    `patch in a filter that Envoy starts with${noEnvoy === '' ? '' : ` (skipped: ${noEnvoy})`}`,
    () => {
      const { configPatches } = one('EnvoyFilter').spec as {
        readonly configPatches: readonly { readonly patch: { readonly value: object } }[]
      }
      const configured = (filter: object): object => ({
        static_resources: {
          clusters: [
            cluster('outbound|4601||sallyport.sallyport.svc.cluster.local', 4601, true),
            cluster('shop', 1),
          ],
          listeners: [
            listener(1, {
              name: 'http',
              typed_config: {
                '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
                stat_prefix: 'http',
                route_config: {
                  virtual_hosts: [
                    {
                      name: 'all',
                      domains: ['*'],
                      routes: [{ match: { prefix: '/' }, route: { cluster: 'shop' } }],
                    },
                  ],
                },
                http_filters: [
                  filter,
                  {
                    name: 'router',
                    typed_config: { '@type': type('extensions.filters.http.router.v3.Router') },
                  },
                ],
              },
            }),
          ],
        },
      })
      const scratch = mkdtempSync(join(tmpdir(), 'sallyport-filter-'))
      try {
        const filter = configPatches[0]!.patch.value as { readonly typed_config: object }
        expect(envoyRefusal(configured(filter), scratch)).toBe('')
        const wrong = { ...filter, typed_config: { ...filter.typed_config, unheard_of: true } }
        expect(envoyRefusal(configured(wrong), scratch)).toContain('unheard_of')
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    },
  )
})
