import type { MergeReview } from '../../src/catalog/directions/merge-review.ts'
import type { Label } from '../../src/catalog/ownership/labels.ts'
import type { ChangeView } from '../../src/server/api/change.ts'
import type { EndpointDetailView, EndpointView } from '../../src/server/api/endpoint.ts'
import type { MaskedExampleView } from '../../src/server/api/example.ts'
import type { FindingView } from '../../src/server/api/finding.ts'
import type { OverviewView } from '../../src/server/api/overview.ts'
import type { PinView } from '../../src/server/api/pin.ts'
import type { ReachView } from '../../src/server/api/reach.ts'
import type { SpecView } from '../../src/server/api/spec.ts'

/** A catalog as the REST API tells it, for pages that are looked at without a system behind them. */
export interface ConsoleData {
  endpoints: EndpointView[]
  findings: FindingView[]
  reviews: MergeReview[]
  pins: PinView[]
  specs: SpecView[]
  changes: ChangeView[]
}

export const emptyData = (): ConsoleData => ({
  endpoints: [],
  findings: [],
  reviews: [],
  pins: [],
  specs: [],
  changes: [],
})

const now = Date.parse('2026-06-01T12:00:00.000Z')
const at = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const hosts = ['api.shop.example', 'pay.shop.example', 'partners.shop.example', 'admin.shop.example']
const nouns = [
  'orders',
  'users',
  'invoices',
  'carts',
  'products',
  'reviews',
  'payments',
  'reports',
  'sessions',
]
const actions = ['', '/items', '/history', '/export', '/notes', '/status', '/approval', '/attachments']
const methods = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE']
const owners = ['payments-team', 'orders-team', 'identity-team', 'platform']
const classes = [
  'email',
  'payment-card',
  'person-name',
  'phone',
  'jwt',
  'iban',
  'street-address',
  'diagnosis-code',
]
const inventories = [
  'documented',
  'documented',
  'documented',
  'shadow',
  'zombie',
  'candidate',
  'orphan',
] as const

const label = (value: string, from: Label['from'], why: string): Label => ({ value, from, why })

export function endpointOf(index: number, next: (below: number) => number): EndpointView {
  const host = hosts[next(hosts.length)] as string
  const noun = nouns[next(nouns.length)] as string
  const method = methods[next(methods.length)] as string
  const template = `/v${1 + (index % 7)}/area-${Math.floor(index / 300)}/${noun}/{${noun.slice(0, -1)}Id}${actions[next(actions.length)]}/s${index}`
  const inventory = inventories[next(inventories.length)] as EndpointView['inventory']
  const protocol = index % 40 === 7 ? 'mcp' : index % 40 === 9 ? 'llm' : index % 10 === 3 ? 'graphql' : 'rest'
  const owned = next(3) > 0
  const calls = inventory === 'orphan' ? 0 : 1 + next(50_000)
  const criticality = ['payment', 'personal-data', 'other', 'admin'][next(4)] as string
  return {
    id: `${method} ${host}${template}`,
    protocol,
    host,
    method,
    template,
    calls,
    statuses: calls === 0 ? {} : { 200: calls },
    firstSeen: at(50_000 - (index % 40_000)),
    lastSeen: at(index % 900),
    auth: next(4) === 0 ? ['none', 'bearer-jwt'] : ['bearer-jwt'],
    dataClasses: {
      request: [],
      response: next(3) === 0 ? [classes[next(classes.length)] as string, 'email'] : [],
    },
    exposure: next(2) === 0 ? 'external' : 'internal',
    inventory,
    criticality,
    risk: { score: next(101), factors: [] },
    labels: {
      ...(owned
        ? { owner: label(owners[next(owners.length)] as string, 'rule', 'rule teams in catalog.yaml') }
        : {}),
      environment: label(next(5) === 0 ? 'staging' : 'production', 'inferred', `its host is ${host}`),
      group: label(noun, 'inferred', `its path says "${noun}"`),
      tags: next(6) === 0 ? [label('public', 'specification', 'tag of its operation')] : [],
      criticality: label(criticality, 'inferred', 'by its path'),
      flows: [],
    },
  }
}

export function endpoints(count: number): EndpointView[] {
  const next = numbers(20)
  return Array.from({ length: count }, (_, index) => endpointOf(index, next))
}

const invoice: EndpointView = {
  id: 'GET api.shop.example/orders/{orderId}/invoice',
  protocol: 'rest',
  host: 'api.shop.example',
  method: 'GET',
  template: '/orders/{orderId}/invoice',
  calls: 18_340,
  statuses: { 200: 17_902, 403: 401, 500: 37 },
  firstSeen: at(40_000),
  lastSeen: at(1),
  auth: ['bearer-jwt'],
  dataClasses: { request: [], response: ['payment-card', 'email', 'person-name'] },
  exposure: 'external',
  inventory: 'shadow',
  criticality: 'payment',
  risk: {
    score: 74,
    factors: [
      { factor: 'data', points: 30, why: 'answers carry payment-card' },
      { factor: 'shadow', points: 15, why: 'no specification names it' },
    ],
  },
  workloads: ['shop/orders', 'shop/orders-canary'],
  labels: {
    owner: label('payments-team', 'rule', 'rule payments in catalog.yaml'),
    environment: label('production', 'workload', 'label env of shop/orders'),
    tags: [label('billing', 'specification', 'tag of its operation')],
    criticality: label('payment', 'inferred', 'its path says "invoice"'),
    flows: [{ flow: 'checkout', step: 'invoice', value: { currency: 'EUR', field: 'response:total' } }],
  },
}

const graphql: EndpointView = {
  ...invoice,
  id: 'POST api.shop.example/graphql',
  protocol: 'graphql',
  method: 'POST',
  template: '/graphql',
  inventory: 'documented',
  dataClasses: { request: [], response: [] },
}

const operation = (name: string, calls: number): EndpointView => ({
  ...graphql,
  id: `${graphql.id}#${name}`,
  template: `/graphql#${name}`,
  calls,
  dataClasses: { request: [], response: name === 'query:customer' ? ['email', 'phone'] : [] },
})

export const invoiceId = invoice.id
export const graphqlId = graphql.id

const finding = (index: number, more: Partial<FindingView> = {}): FindingView => ({
  id: `finding-${index}`,
  rule: 'undocumented-response-field',
  severity: (['medium', 'low', 'high', 'info', 'critical'] as const)[index % 5] ?? 'low',
  endpoint: index % 3 === 0 ? invoice.id : `GET api.shop.example/users/{userId}/field-${index}`,
  title: `Answers hold items[].card${index}, which the specification does not name`,
  why: `${index + 2} answers carried it, with payment card numbers in it.`,
  fix: 'Take it out of the answer, or write it into the specification with its schema.',
  owasp: ['API3:2023'],
  evidence: [],
  status: 'open',
  firstSeen: at(9_000 - index),
  lastSeen: at(index),
  ...more,
})

const review = (more: Partial<MergeReview>): MergeReview => ({
  id: 'api.shop.example /users',
  host: 'api.shop.example',
  state: 'merged',
  template: '/users/{userId}',
  words: ['anna', 'bernhard', 'clara', 'dora', 'emil', 'friederike', 'gustav', 'hanna'],
  count: 41,
  methods: ['GET', 'PUT'],
  calls: 1_204,
  evidence: [
    { term: 'count', nats: 3.4, why: '41 different words stand at one place' },
    { term: 'answers', nats: 1.8, why: 'their answers have one shape' },
    { term: 'contexts', nats: 0.9, why: 'what follows them is the same for all' },
    { term: 'repetition', nats: -1.1, why: 'each is called rather often for a value' },
  ],
  nats: 5,
  threshold: 2.7,
  ...more,
})

/** A small shop with one of everything that the pages know how to show. */
export function shopData(): ConsoleData {
  return {
    endpoints: [
      invoice,
      graphql,
      operation('query:customer', 812),
      operation('mutation:addToCart', 96),
      ...endpoints(60),
    ],
    findings: [
      ...Array.from({ length: 24 }, (_, index) => finding(index)),
      finding(90, {
        status: 'dismissed',
        dismissed: {
          by: 'ada',
          at: at(300),
          reason: 'An internal field, agreed with the team',
          until: at(-40_000),
        },
      }),
      finding(91, { status: 'gone' }),
    ],
    reviews: [
      review({}),
      review({
        id: 'api.shop.example /sync',
        state: 'apart',
        template: '/sync/{sync}',
        words: ['prices', 'stock', 'images', 'orders', 'labels'],
        count: 5,
        methods: ['POST'],
        calls: 310,
        nats: 1.9,
      }),
      review({
        id: 'pay.shop.example /merchants',
        host: 'pay.shop.example',
        state: 'pinned',
        template: '/merchants/{merchant}',
        words: ['northwind', 'contoso'],
        count: 2,
        nats: 0.4,
        pin: 'pin-1',
      }),
    ],
    pins: [
      { id: 'pin-1', host: 'pay.shop.example', template: '/merchants/{merchant}', at: at(90), by: 'ada' },
      { id: 'pin-2', host: '*', template: '/health/{probe}', at: at(9_000), by: 'file:catalog.yaml' },
    ],
    specs: [
      {
        name: 'shop',
        format: 'openapi',
        title: 'Shop API',
        version: '3.2.0',
        servers: ['api.shop.example/'],
        operations: 48,
        problems: ['paths./orders.get.responses.200: a reference to #/components/Order leads nowhere'],
        updatedAt: at(4_000),
        updatedBy: 'ada',
      },
    ],
    changes: [
      {
        id: 'c1',
        time: new Date().toISOString(),
        kind: 'field-new',
        endpoint: invoice.id,
        side: 'response',
        field: 'items[].card',
        after: 'string',
        dataClasses: ['payment-card'],
        sensitive: true,
      },
      {
        id: 'c2',
        time: new Date().toISOString(),
        kind: 'endpoint-new',
        endpoint: graphql.id,
        dataClasses: [],
        sensitive: false,
      },
    ],
  }
}

/** One endpoint in full, with what the list says of it. */
export function detailOf(endpoint: EndpointView, findings: readonly FindingView[]): EndpointDetailView {
  const carries = endpoint.id === invoice.id
  return {
    ...endpoint,
    fields: [],
    dataMap: carries
      ? [
          {
            side: 'response',
            field: 'items[].card',
            dataClass: 'payment-card',
            group: 'pci',
            values: 53_706,
            sample: '41…11',
          },
          {
            side: 'response',
            field: 'customer.email',
            dataClass: 'email',
            group: 'pii',
            values: 17_902,
            sample: 'an…le',
          },
          { side: 'request', field: 'query:token', dataClass: 'jwt', group: 'secret', values: 120 },
        ]
      : [],
    responseSchemas: {},
    ...(carries ? { messages: learned } : {}),
    callers: [
      { principal: 'user:anna', calls: 412, refused: 0, lastSeen: at(2) },
      { principal: 'service:billing', calls: 9_004, refused: 3, lastSeen: at(1) },
    ],
    owners: [{ scope: 'user', field: 'response:customerId', claim: 'sub', seen: 17_000, agreement: 0.998 }],
    signals: [],
    findings: findings.filter(one => one.endpoint === endpoint.id && one.status !== 'gone'),
  }
}

const learned: NonNullable<EndpointDetailView['messages']> = {
  parameters: [
    {
      in: 'path',
      name: 'orderId',
      required: true,
      schema: { type: 'integer', seen: 18_340, minimum: 1, maximum: 90_000 },
    },
    { in: 'query', name: 'token', required: false, schema: { type: 'string', dataClass: 'jwt', seen: 120 } },
    {
      in: 'query',
      name: 'lang',
      required: false,
      schema: { type: 'string', enum: ['de', 'en', 'fr'], seen: 9_000 },
    },
  ],
  requests: [],
  requestRequired: false,
  responses: [
    {
      group: '2xx',
      statuses: [200],
      mediaType: 'application/json',
      seen: 17_902,
      schema: {
        type: 'object',
        seen: 17_902,
        confidence: 0.998,
        required: ['total', 'customer', 'items'],
        properties: {
          total: { type: 'number', seen: 17_902, minimum: 0, maximum: 20_000 },
          note: { type: ['string', 'null'], seen: 3_100, formerDataClass: 'person-name' },
          customer: {
            type: 'object',
            seen: 17_902,
            required: ['email'],
            properties: { email: { type: 'string', format: 'email', dataClass: 'email', seen: 17_902 } },
          },
          items: {
            type: 'array',
            seen: 17_902,
            items: {
              type: 'object',
              seen: 53_706,
              required: ['card'],
              properties: {
                card: {
                  type: 'string',
                  dataClass: 'payment-card',
                  seen: 53_706,
                  minLength: 16,
                  maxLength: 16,
                },
                test: { type: 'string', seen: 20, testData: 'payment-card' },
              },
            },
          },
        },
      },
    },
    { group: '2xx', statuses: [200], mediaType: 'application/pdf', seen: 402, binary: true },
    {
      group: '4xx',
      statuses: [403],
      mediaType: 'application/problem+json',
      seen: 401,
      schema: {
        type: 'object',
        seen: 401,
        required: ['title'],
        properties: { title: { type: 'string', seen: 401 } },
      },
    },
  ],
  credentials: [{ scheme: 'bearer-jwt', at: 'header:authorization' }],
}

const example: MaskedExampleView = {
  call: 'call-1',
  time: at(0),
  method: 'GET',
  path: '/orders/4711/invoice',
  query: [['lang', 'de']],
  headers: [
    ['authorization', 'Bearer'],
    ['accept', 'application/json'],
  ],
  status: 200,
  responseHeaders: [['content-type', 'application/json']],
  responseBody: {
    mediaType: 'application/json',
    body: { total: 41.5, customer: { email: 'an…le' }, items: [{ card: '41…11' }] },
    cut: false,
  },
  masked: 2,
}

export const examples: readonly MaskedExampleView[] = [
  example,
  {
    ...example,
    call: 'call-2',
    status: 403,
    responseBody: { mediaType: 'application/problem+json', body: { title: 'Not yours.' }, cut: false },
    masked: 0,
  },
]

export const overview: OverviewView = {
  headline: 'Nothing needs a decision.',
  incidents: [],
  openIncidents: 0,
  newEndpoints: [],
  riskiest: [],
  totals: { endpoints: 0, principals: 0, calls: 0, candidates: 0 },
  traffic: [],
  sensors: [],
  quarantine: [],
  demo: false,
}

const none = { internet: 0, principal: 0, identity: 0, workload: 0, endpoint: 0, store: 0, data: 0, host: 0 }

/** A node from which no way leads on. */
export const reachesNothing = (id: string): ReachView => ({
  of: { id, kind: 'endpoint', name: id, firstSeen: at(9_000), lastSeen: at(1), events: 0, facts: {} },
  reached: none,
  reachable: none,
  data: [],
  stores: [],
  endpoints: [],
  identities: [],
})
