import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../../call/api-call.ts'
import type { Workload } from '../../call/workload.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { callId, endpointId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { Endpoint } from '../endpoint.ts'
import { parseSpecification } from '../spec/parse.ts'
import { parseCatalogFile } from './catalog-file.ts'
import { CatalogLabeller } from './catalog-labeller.ts'
import type { LabelEvidence } from './labeller.ts'
import { type Label, labelSources } from './labels.ts'

const start = 1_700_000_000_000
const sessions = new SessionDirectory()

function call(sequence: number, workload?: Workload, host = 'api.shop.example'): ApiCall {
  return {
    type: 'call',
    id: callId(`c-${sequence}`),
    time: start + sequence * 1000,
    source: { ip: '203.0.113.7' },
    destination: { host, ...(workload === undefined ? {} : { workload }) },
    request: {
      method: 'POST',
      target: '/things',
      path: '/things',
      query: [],
      httpVersion: '1.1',
      headers: [],
      content: { kind: 'json', value: { amount: 5 } },
      bodySize: 12,
      bodyTruncated: false,
    },
    response: {
      status: 200,
      headers: [],
      content: { kind: 'json', value: { ok: true } },
      bodySize: 11,
      bodyTruncated: false,
    },
    credentials: [],
    principal: { id: `user-${sequence % 3}` },
  }
}

function learned(workloads: readonly (Workload | undefined)[] = [undefined], host?: string): Catalog {
  const catalog = new Catalog()
  for (let sequence = 0; sequence < 12; sequence += 1) {
    const one = call(sequence, workloads[sequence % workloads.length], host)
    catalog.observe(one, identify(evidenceOf(one), sessions))
  }
  return catalog
}

const id = endpointId('POST', 'api.shop.example', '/things')
const rules = (source: string): CatalogLabeller =>
  new CatalogLabeller(parseCatalogFile(source, 'catalog.yaml'), [])

describe('labels of a learned endpoint', () => {
  it('are told only while there is a labeller', () => {
    const catalog = learned()
    expect(catalog.endpoint(id)?.labels).toBeUndefined()
    catalog.label(new CatalogLabeller(undefined, []))
    expect(catalog.endpoint(id)?.labels).toEqual({
      group: { value: 'things', from: 'inferred', why: 'its path says "things"' },
      tags: [],
      criticality: {
        value: 'other',
        from: 'inferred',
        why: 'neither its name nor its data nor its answers say otherwise',
      },
      flows: [],
    })
    expect(catalog.endpoints().find(one => one.id === id)).toBe(catalog.endpoint(id))
    catalog.label(undefined)
    expect(catalog.endpoint(id)?.labels).toBeUndefined()
  })

  it('are worked out anew when the labeller, the endpoint or its specification changes', () => {
    const catalog = learned()
    catalog.label(rules('rules: [{ name: a, set: { owner: one } }]'))
    const before = catalog.endpoint(id)
    expect(before?.labels?.owner?.value).toBe('one')
    catalog.label(rules('rules: [{ name: a, set: { owner: two } }]'))
    expect(catalog.endpoint(id)?.labels?.owner?.value).toBe('two')
    const again = call(99, { name: 'api' })
    catalog.observe(again, identify(evidenceOf(again), sessions))
    expect(catalog.endpoint(id)?.workloads).toEqual(['api'])
    catalog.specify(specifications('tags: [stock]\n      x-owner: x'))
    expect(catalog.endpoint(id)?.labels?.tags).toEqual([
      { value: 'stock', from: 'specification', why: 'tag of its operation' },
    ])
  })

  it('come from the labels and the namespace of the workloads that answered', () => {
    const catalog = learned([
      {
        namespace: 'shop-staging',
        name: 'things',
        labels: { 'example.com/team': 'things-team', 'app.kubernetes.io/part-of': 'shop' },
      },
    ])
    catalog.label(
      rules(
        'rules: [{ name: s, match: { workload: shop-*, labels: { "app.kubernetes.io/part-of": shop } }, set: { tags: [k8s] } }]',
      ),
    )
    const endpoint = catalog.endpoint(id)
    expect(endpoint?.workloads).toEqual(['shop-staging/things'])
    expect(endpoint?.labels).toMatchObject({
      owner: { value: 'things-team', from: 'workload', why: 'label example.com/team of shop-staging/things' },
      environment: { value: 'staging', from: 'workload', why: 'its namespace is shop-staging' },
      group: { value: 'shop', from: 'workload' },
      tags: [{ value: 'k8s', from: 'rule' }],
    })
  })

  it('keep four workloads of an endpoint, and 32 short labels of each', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 90 }, (_, index) => [`l${index}`, 'x'.repeat(index === 0 ? 999 : 9)]),
    )
    const catalog = learned(Array.from({ length: 7 }, (_, index) => ({ name: `w${index}`, labels })))
    let kept: readonly Workload[] = []
    catalog.label({
      version: 1,
      label: (endpoint, _, evidence) => {
        kept = evidence?.workloads ?? []
        return endpoint
      },
    })
    expect(catalog.endpoint(id)?.workloads).toEqual(['w0', 'w1', 'w2', 'w3'])
    expect(kept.map(({ labels }) => Object.keys(labels ?? {}).length)).toEqual([32, 32, 32, 32])
    expect(kept.some(one => 'l0' in (one.labels ?? {}))).toBe(false)
  })
})

function specifications(extension: string): Parameters<Catalog['specify']>[0] {
  const { specification } = parseSpecification(
    `openapi: 3.1.0
info: { title: Things, version: '1', x-team: document-team }
servers: [{ url: https://api.shop.example }]
paths:
  /things:
    post:
      ${extension}
      responses: { '200': { description: fine } }
`,
    'things.yaml',
  )
  return specification === undefined ? [] : [specification]
}

describe('what a specification says', () => {
  it.each([
    ['x-owner: order-team', 'order-team', 'x-owner of the operation'],
    ['x-team: { name: crew, slack: "#crew" }', 'crew', 'x-team of the operation'],
    ['x-backstage: { owner: "group:default/payments" }', 'payments', 'x-backstage.owner of the operation'],
    ['summary: nothing', 'document-team', 'x-team of the document'],
  ])('%s', (extension, value, why) => {
    const catalog = learned()
    catalog.specify(specifications(extension))
    catalog.label(new CatalogLabeller(undefined, []))
    expect(catalog.endpoint(id)?.labels?.owner).toEqual({ value, from: 'specification', why })
  })

  it('groups by the first tag', () => {
    const catalog = learned()
    catalog.specify(specifications('tags: [stock, beta]'))
    catalog.label(rules('rules: [{ name: t, match: { tag: beta }, set: { tags: [preview] } }]'))
    const labels = catalog.endpoint(id)?.labels
    expect(labels?.group).toEqual({
      value: 'stock',
      from: 'specification',
      why: 'the first tag of its operation',
    })
    expect(labels?.tags.map(({ value, from }) => `${from} ${value}`)).toEqual([
      'rule preview',
      'specification stock',
      'specification beta',
    ])
  })
})

describe('criticality and risk', () => {
  const points = (endpoint: Endpoint | undefined): number | undefined =>
    endpoint?.risk.factors.find(({ factor }) => factor === 'criticality')?.points

  it('follow a rule', () => {
    const catalog = learned()
    catalog.label(
      rules('rules: [{ name: crown jewels, match: { path: /things }, set: { criticality: admin } }]'),
    )
    const endpoint = catalog.endpoint(id)
    expect(endpoint?.criticality).toBe('admin')
    expect(points(endpoint)).toBe(20)
    expect(endpoint?.risk.factors.find(({ factor }) => factor === 'criticality')?.why).toBe(
      'Counted as admin: rule crown jewels in catalog.yaml.',
    )
  })

  it('follow a person before a rule, and fall back where the word is no criticality', () => {
    const file = parseCatalogFile('rules: [{ name: a, set: { criticality: admin } }]', 'catalog.yaml')
    const told = (criticality: string): Endpoint | undefined => {
      const catalog = learned()
      catalog.label(new CatalogLabeller(file, [{ endpoint: id, criticality, reason: 'we asked them' }]))
      return catalog.endpoint(id)
    }
    expect(told('export')?.labels?.criticality).toEqual({
      value: 'export',
      from: 'person',
      why: 'we asked them',
    })
    expect(points(told('export'))).toBe(10)
    expect(told('nonsense')?.criticality).toBe('admin')
  })

  it('are those of a payment where a flow moves money', () => {
    const catalog = learned()
    catalog.label(
      rules(`flows:
  - name: checkout
    steps:
      - { name: browse, endpoint: GET /things }
      - { name: order, endpoint: POST api.shop.example/things }
    value: { currency: EUR, amount: 40 }`),
    )
    const endpoint = catalog.endpoint(id)
    expect(endpoint?.labels?.flows).toEqual([
      { flow: 'checkout', step: 'order', value: { currency: 'EUR', amount: 40 } },
    ])
    expect(endpoint?.labels?.criticality).toEqual({
      value: 'payment',
      from: 'rule',
      why: 'step order of the flow checkout has a value',
    })
    expect(points(endpoint)).toBe(15)
  })
})

describe('the strongest source', () => {
  const endpoint: Endpoint = {
    id,
    protocol: 'rest',
    host: 'api-staging.shop.example',
    method: 'POST',
    template: '/things',
    calls: 1,
    statuses: {},
    firstSeen: start,
    lastSeen: start,
    auth: [],
    dataClasses: { request: [], response: [] },
    fields: [],
    exposure: 'unknown',
    inventory: 'unknown',
    criticality: 'other',
    risk: { score: 0, factors: [] },
    responseSchemas: {},
  }

  it('has each property, whatever the others say', () => {
    const sources = fc.record({
      tag: fc.boolean(),
      person: fc.boolean(),
      rule: fc.boolean(),
      specification: fc.boolean(),
      workload: fc.boolean(),
    })
    let ran = 0
    fc.assert(
      fc.property(sources, fc.constantFrom('environment' as const, 'group' as const), (given, property) => {
        const file = parseCatalogFile(`rules: [{ name: r, set: { ${property}: rule } }]`, 'catalog.yaml')
        const labeller = new CatalogLabeller(
          given.rule ? file : undefined,
          given.person ? [{ endpoint: id, [property]: 'person' }] : [],
        )
        const evidence: LabelEvidence = {
          ...(given.specification
            ? { specification: { [property]: { value: 'specification', why: 'it says so' } } }
            : {}),
          workloads: given.workload
            ? [{ name: 'w', labels: { [property === 'group' ? 'part-of' : 'env']: 'workload' } }]
            : [],
          criticality: { name: 'other', why: 'nothing' },
          riskAs: () => ({ score: 0, factors: [] }),
        }
        const label: Label | undefined = labeller.label(
          endpoint,
          given.tag ? ['specification'] : [],
          evidence,
        ).labels?.[property]
        const tagged = given.tag && property === 'group'
        const says = { ...given, specification: given.specification || tagged }
        const expected = labelSources.find(source => source === 'inferred' || says[source])
        expect(label?.from).toBe(expected)
        if (expected !== 'inferred') expect(label?.value).toBe(expected)
        ran += 1
      }),
      { numRuns: 100, seed: 11 },
    )
    expect(ran).toBe(100)
  })

  it('of the rules is the first that says something of it', () => {
    const labeller = rules(`rules:
  - { name: a, match: { method: GET }, set: { owner: never } }
  - { name: b, match: { host: "*.shop.example" }, set: { group: first, tags: [x] } }
  - { name: c, match: { path: /things }, set: { owner: third, group: late, tags: [y, x] } }
  - { name: d, match: { host: api-staging.shop.example, path: "/thin*" }, set: { owner: late } }`)
    const labels = labeller.label(endpoint, []).labels
    expect([labels?.owner?.why, labels?.group?.value, labels?.tags.map(({ value }) => value)]).toEqual([
      'rule c in catalog.yaml',
      'first',
      ['x', 'y'],
    ])
  })

  it('is found the same with an index as without, whatever the rules', () => {
    const pattern = fc.constantFrom(
      '/things',
      '/things/**',
      '/**',
      '/**/things',
      '/*',
      '/other',
      '/thi*',
      '/{id}',
    )
    const host = fc.constantFrom(
      'api-staging.shop.example',
      '*.shop.example',
      '*.example',
      'other.example',
      '{t}.shop.example',
    )
    const rule = fc.record(
      {
        host: fc.oneof(host, fc.array(host, { minLength: 1, maxLength: 3 })),
        path: fc.oneof(pattern, fc.array(pattern, { minLength: 1, maxLength: 3 })),
        method: fc.constantFrom('POST', 'GET'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), matches => {
        const all = matches.map((match, index) => ({
          name: `r${index}`,
          match,
          set: { tags: [`t${index}`] },
        }))
        const alone = all.filter(
          one => rules(JSON.stringify({ rules: [one] })).label(endpoint, []).labels?.tags.length === 1,
        )
        const together = rules(JSON.stringify({ rules: all })).label(endpoint, []).labels?.tags
        expect(together?.map(({ value }) => value)).toEqual(alone.flatMap(({ set }) => set.tags))
      }),
      { numRuns: 200, seed: 12 },
    )
  })
})
