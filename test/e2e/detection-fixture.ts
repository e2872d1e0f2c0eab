import type { BacktestView } from '../../src/server/api/backtest.ts'
import type { CallView } from '../../src/server/api/call.ts'
import type { DetectorView } from '../../src/server/api/detector.ts'
import type { IncidentDetailView, IncidentView } from '../../src/server/api/incident.ts'
import type { OverviewView } from '../../src/server/api/overview.ts'
import type { PrincipalView } from '../../src/server/api/principal.ts'
import type { SignalView } from '../../src/server/api/signal.ts'
import type { SuppressionView } from '../../src/server/api/suppression.ts'
import type { WhyView } from '../../src/server/api/why.ts'

/** What detection tells over the REST API, for pages that are looked at without a system behind them. */
export interface DetectionData {
  incidents: IncidentDetailView[]
  detectors: DetectorView[]
  suppressions: SuppressionView[]
  signals: SignalView[]
  principals: PrincipalView[]
  calls: CallView[]
  why: WhyView[]
  backtest: BacktestView | undefined
  totals: OverviewView['totals']
}

const now = Date.now()
const at = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

export const invoices = 'GET api.shop.example/orders/{orderId}/invoice'
const exportId = 'POST api.shop.example/reports/export'

/** Text as attackers write it: markup, direction turned around, and no place to break. */
export const hostile = `user:<img src=x onerror=alert(1)>\u202Egnp.exe${'A'.repeat(160)}`

const signal = (id: string, more: Partial<SignalView> = {}): SignalView => ({
  id,
  detector: 'owner-binding',
  detectorTitle: 'Objects of others',
  time: at(32),
  severity: 'critical',
  confidence: 0.97,
  principal: 'user:mallory',
  tenant: 'acme',
  endpoint: invoices,
  message: 'user:mallory read 212 invoices that belong to 198 other users.',
  observed: { who: 'mallory', objects: 212, owners: 198, verb: 'read', field: 'customerId' },
  expected: { objects: 'none of others', claim: 'sub', calls: 18_340, principals: 26, agreement: 0.998 },
  attempt: false,
  owasp: ['API1:2023'],
  attack: ['T1213'],
  evidence: ['call-1', 'call-2'],
  objects: ['invoice:4711', 'invoice:4712'],
  dataClasses: ['payment-card'],
  ...more,
})

const scraping = signal('sig-2', {
  detector: 'scraping',
  detectorTitle: 'Taking a whole collection',
  severity: 'medium',
  confidence: 0.86,
  message: 'user:mallory read 4 812 records on 240 pages in 29 minutes, 4 812 in the last hour.',
  observed: {
    value: 4_812,
    metric: 'records per hour',
    unit: 'records',
    who: 'mallory',
    pages: '240 pages',
    pause: '1.8 s, always',
  },
  expected: { median: 40, p90: 96, p99: 180, n: 412, peers: '49 users with the role customer' },
})

const exported = signal('sig-3', {
  detector: 'unusual-export',
  detectorTitle: 'Unusual export',
  severity: 'high',
  confidence: 0.81,
  endpoint: exportId,
  message: 'user:mallory exported 84 000 000 bytes from POST /reports/export.',
  observed: { value: 84_000_000, metric: 'bytes of one export', unit: 'bytes' },
  expected: { median: 31_000_000, p90: 48_000_000, p99: 62_000_000, n: 96, peers: 'exports of 12 users' },
  held: { score: 41, threshold: 55 },
})

const call = (index: number): CallView => ({
  id: `call-${index}`,
  time: at(33 - index),
  durationMs: 12 + index,
  method: 'GET',
  host: 'api.shop.example',
  target: `/orders/${4710 + index}/invoice`,
  status: 200,
  endpoint: invoices,
  principal: 'user:mallory',
  tenant: 'acme',
  ip: '203.0.113.7',
  userAgent: 'python-requests/2.32',
  requestBytes: 0,
  responseBytes: 4_100,
  detectors: index === 1 ? ['owner-binding'] : [],
  request: { headers: [['accept', 'application/json']], bodyTruncated: false },
  response: { headers: [['content-type', 'application/json']], body: '{"total":41.5}', bodyTruncated: false },
  credentials: [
    {
      scheme: 'bearer-jwt',
      at: 'header:authorization',
      fingerprint: 'f3a9c1d27b4e',
      claims: { iss: 'https://id.shop.example', sub: 'mallory', tenant: 'acme', roles: ['customer'] },
      verification: 'verified',
    },
  ],
})

export const theft: IncidentDetailView = {
  id: 'inc-theft',
  title: 'user:mallory read 212 invoices that belong to 198 other users, and exported all of them',
  severity: 'critical',
  risk: 94,
  opened: at(40),
  updated: at(4),
  status: 'open',
  principals: ['user:mallory'],
  tenants: ['acme'],
  endpoints: [invoices, exportId],
  workloads: ['shop/orders'],
  dataClasses: ['payment-card', 'email', 'person-name'],
  detectors: ['owner-binding', 'scraping', 'unusual-export'],
  signals: ['sig-1', 'sig-2', 'sig-3'],
  objects: ['invoice:4711', 'invoice:4712', 'invoice:4713', 'customer:91'],
  objectCount: 212,
  evidence: ['call-1', 'call-2', 'call-3'],
  story: [
    {
      time: at(40),
      text: 'user:mallory signed in from an address never seen before.',
      evidence: [],
      stage: 'initial access',
    },
    {
      time: at(38),
      text: 'They asked for 31 addresses that do not exist.',
      evidence: ['call-1'],
      stage: 'discovery',
    },
    {
      time: at(36),
      text: 'They counted up the numbers of orders.',
      evidence: ['call-2'],
      stage: 'discovery',
    },
    {
      time: at(32),
      text: 'They read 212 invoices that belong to 198 other users.',
      evidence: ['call-1', 'call-2', 'call-3'],
      stage: 'collection',
    },
    { time: at(4), text: 'They exported 84 MB.', evidence: ['call-3'], stage: 'exfiltration' },
  ],
  actions: [
    {
      kind: 'quarantine-principal',
      title: 'Stop user:mallory for an hour',
      target: 'user:mallory',
      ttlSeconds: 3600,
      effect: { principals: 1, calls: 452, others: 0 },
    },
  ],
  unsure: ['Whether the token was stolen, or mallory acts in person.'],
  blastRadius: {
    objects: 212,
    records: 4_812,
    dataClasses: ['payment-card', 'email', 'person-name'],
    tenants: ['acme', 'globex', 'initech'],
    endpoints: [invoices, exportId],
  },
  atStake: { amount: 18_240.5, currency: 'EUR' },
  changed: { revision: 7, at: at(4), worseAt: at(4) },
  changedSinceVisit: 'worse',
  signalDetails: [signal('sig-1'), scraping, exported],
  quarantine: [],
  history: [],
  calls: [call(1), call(2), call(3)],
  whenNotAnAttack: [
    { detector: 'owner-binding', text: 'Support staff who act for customers, once their role is known.' },
  ],
}

const sentences = [
  ['user:eve tried 412 passwords of 38 accounts and got into one', 'credential-stuffing', 'critical'],
  ['service:sync called POST /admin/users, which no other service does', 'function-level', 'high'],
  ['user:dan used a token after its session had ended', 'token-reuse', 'high'],
  ['anonymous:9f2c11 asked for 96 addresses that do not exist', 'scanner', 'low'],
  ['user:olga ordered 60 times with one coupon', 'coupon-abuse', 'medium'],
] as const

/** Incidents for the queue: of all severities, some of which have moved since the last visit. */
export function incidents(count: number): IncidentDetailView[] {
  return Array.from({ length: count }, (_, index) => {
    const [title, detector, severity] = sentences[index % sentences.length] ?? sentences[0]
    const principal = title.slice(0, title.indexOf(' '))
    const change = index % 7 === 0 ? 'new' : index % 11 === 3 ? 'grew' : undefined
    return {
      ...theft,
      id: `inc-${index}`,
      title: index % 5 === 4 ? `${title} (${index})` : title,
      severity,
      risk: 20 + ((index * 37) % 70),
      opened: at(60 + index * 13),
      updated: at(5 + index * 3),
      status: index % 20 === 19 ? 'contained' : index % 20 === 18 ? 'closed' : 'open',
      principals: [principal],
      endpoints: [invoices],
      detectors: [detector],
      signals: [],
      dataClasses: index % 3 === 0 ? ['email'] : [],
      objects: [],
      objectCount: index % 3 === 0 ? index % 90 : 0,
      evidence: [],
      story: [],
      blastRadius:
        index % 3 === 0
          ? {
              objects: index % 90,
              records: 0,
              dataClasses: ['email'],
              tenants: ['acme'],
              endpoints: [invoices],
            }
          : { objects: 0, records: 0, dataClasses: [], tenants: [], endpoints: [] },
      atStake: { amount: index * 10, currency: index % 2 === 0 ? 'EUR' : 'USD' },
      signalDetails: [],
      calls: [],
      ...(change === undefined ? { changedSinceVisit: undefined } : { changedSinceVisit: change }),
    } as IncidentDetailView
  })
}

/** One whose every text was written by an attacker. */
const nasty: IncidentDetailView = {
  ...theft,
  id: 'inc-hostile',
  title: `${hostile} read 3 invoices`,
  severity: 'high',
  risk: 71,
  principals: [hostile],
  changedSinceVisit: 'new',
  objects: [`invoice:${'9'.repeat(200)}`],
  story: [{ time: at(9), text: `${hostile} read 3 invoices.`, evidence: [], stage: 'collection' }],
  signalDetails: [
    signal('sig-9', {
      principal: hostile,
      message: `${hostile} read 3 invoices.`,
      observed: { path: `/${'x'.repeat(300)}`, agent: '\u202E<script>alert(1)</script>' },
      expected: { path: 'one that exists' },
    }),
    { ...scraping, id: 'sig-10', principal: hostile, expected: { ...scraping.expected, peers: hostile } },
  ],
}

const detector = (id: string, title: string, more: Partial<DetectorView> = {}): DetectorView => ({
  id,
  title,
  summary: `${title}: compares what a caller does with what its peers do, and tells when the difference is large.`,
  kind: 'statistical',
  family: 'exfiltration',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1119'],
  whenNotAnAttack: 'A partner who is allowed to copy the collection, or a migration.',
  enabled: true,
  options: [
    { name: 'peerFactor', value: 3, default: 3, reason: 'Three times what 99 % of peers read in an hour.' },
    {
      name: 'records',
      value: 800,
      default: 500,
      reason: 'Five hundred records in an hour, whatever the peers take.',
    },
  ],
  signals7d: 12,
  signals30d: 41,
  incidents30d: 9,
  confirmed: 5,
  dismissed: 3,
  precision: { value: 0.625, low: 0.306, high: 0.863, n: 8 },
  suppressions: 1,
  suppressed: 17,
  held: 1,
  threshold: {
    value: 55,
    base: 30,
    why: 'Raised by the noise budget: there were 9 a day where 5 are meant.',
  },
  calibration: { method: 'none', n: 8 },
  ...more,
})

const unjudged = {
  confirmed: 0,
  dismissed: 0,
  precision: { value: null, low: 0, high: 1, n: 0 },
  suppressions: 0,
  suppressed: 0,
  held: 0,
  threshold: { value: 0, base: 0, why: '' },
  calibration: { method: 'none', n: 0 },
} as const

const detectors: DetectorView[] = [
  detector('scraping', 'Taking a whole collection'),
  detector('unusual-export', 'Unusual export', {
    confirmed: 1,
    dismissed: 9,
    precision: { value: 0.1, low: 0.018, high: 0.404, n: 10 },
    calibration: { method: 'platt', n: 10 },
  }),
  detector('owner-binding', 'Objects of others', {
    ...unjudged,
    kind: 'deterministic',
    family: 'authorization',
    severity: 'critical',
    options: [],
    signals7d: 1,
    signals30d: 2,
    incidents30d: 1,
  }),
  detector('scanner', 'Looking for what is there', {
    ...unjudged,
    kind: 'deterministic',
    family: 'automation',
    enabled: false,
    signals7d: 0,
    signals30d: 0,
    incidents30d: 0,
  }),
]

const suppression = (id: string, more: Partial<SuppressionView> = {}): SuppressionView => ({
  id,
  detector: 'scraping',
  detectorTitle: 'Taking a whole collection',
  actor: 'service:partner-feed',
  endpoint: 'GET api.shop.example/products',
  scope: 'actor-detector-endpoint',
  reason: 'expected-behaviour',
  note: 'Their nightly copy, agreed in May',
  incident: 'inc-3',
  attemptsOnly: false,
  at: at(9_000),
  by: 'ada',
  expiresAt: at(-20_000),
  hits: 17,
  lastHit: at(300),
  ...more,
})

export const mallory: PrincipalView = {
  id: 'user:mallory',
  kind: 'user',
  tenant: 'acme',
  roles: ['customer'],
  calls: 1_902,
  risk: 94,
  firstSeen: at(40_000),
  lastSeen: at(3),
  addresses: ['203.0.113.7', '198.51.100.20'],
  devices: 2,
  endpoints: [
    { endpoint: invoices, calls: 1_220 },
    { endpoint: exportId, calls: 3 },
  ],
  ties: {
    tokens: [{ name: 'f3a9c1d27b4e', calls: 452, firstSeen: at(41), lastSeen: at(3) }],
    devices: [
      { name: 'd-71c2', calls: 1_400, firstSeen: at(40_000), lastSeen: at(3_000) },
      { name: 'd-0b9e', calls: 502, firstSeen: at(41), lastSeen: at(3) },
    ],
    addresses: [
      { name: '203.0.113.7', calls: 502, firstSeen: at(41), lastSeen: at(3), shared: false },
      { name: '198.51.100.20', calls: 1_400, firstSeen: at(40_000), lastSeen: at(3_000), shared: true },
    ],
    linked: [{ principal: 'user:eve', by: 'device', name: 'd-0b9e', strength: 0.5 }],
  },
  habits: {
    normal: { callsPerDay: 38, endpoints: 5, hours: [8, 9, 10, 13, 14, 15, 16], bytes: 210_000, days: 12 },
    today: {
      date: new Date(now).toISOString().slice(0, 10),
      calls: 452,
      endpoints: 7,
      hours: [2, 3],
      bytes: 92_400_000,
    },
    deviations: [
      { what: 'calls', text: 'Today they made 452 calls, 12 times their usual 38', value: 452, usual: 38 },
      {
        what: 'bytes',
        text: 'They were answered 92.4 MB, where 210 kB are usual',
        value: 92_400_000,
        usual: 210_000,
      },
      {
        what: 'hours',
        text: 'They were active at hours at which they never were before',
        value: 2,
        usual: 0,
      },
    ],
    objects: Array.from({ length: 6 }, (_, index) => ({
      object: index === 5 ? `invoice:${'7'.repeat(120)}` : `invoice:${4711 + index}`,
      endpoint: invoices,
      time: at(4 + index),
      refused: index === 3,
    })),
  },
}

const why: WhyView[] = [
  {
    detector: 'owner-binding',
    title: 'Objects of others',
    state: 'learning',
    text: 'It has seen 9 owners of this endpoint and needs 20',
  },
  {
    detector: 'scraping',
    title: 'Taking a whole collection',
    state: 'below',
    text: 'mallory has read 120 records in this hour, and 540 would be needed: three times what 99 % of peers read',
    value: 120,
    threshold: 540,
    unit: 'records',
  },
  {
    detector: 'object-enumeration',
    title: 'Counting through objects',
    state: 'suppressed',
    text: 'Dismissed by ada until 23 December: their nightly copy',
  },
  { detector: 'brute-force', title: 'Guessing passwords', state: 'other-kind', text: 'It looks at logins' },
  { detector: 'scanner', title: 'Looking for what is there', state: 'off', text: 'It was turned off' },
]

const [someSignal] = [scraping]

export const backtest: BacktestView = {
  detector: 'scraping',
  calls: 184_220,
  from: at(10_000),
  to: at(1),
  truncated: true,
  before: {
    options: { peerFactor: 3, records: 800 },
    signals: 41,
    principals: 17,
    millisPerThousandCalls: 3.14,
    state: 2_210,
  },
  after: {
    options: { peerFactor: 5, records: 800 },
    signals: 29,
    principals: 12,
    millisPerThousandCalls: 3.02,
    state: 2_190,
  },
  appeared: [],
  vanished: Array.from({ length: 12 }, (_, index) => ({
    id: `gone-${index}`,
    time: at(90 + index * 40),
    severity: someSignal.severity,
    confidence: 0.7,
    principal: index === 3 ? hostile : `user:u${index}`,
    endpoint: 'GET api.shop.example/products',
    message: `${index === 3 ? hostile : `user:u${index}`} read 900 records on 45 pages in an hour.`,
    evidence: ['call-1'],
  })),
}

/** Detection with one of everything that the pages know how to show. */
export const detectionData = (): DetectionData => ({
  incidents: [theft, nasty, ...incidents(40)],
  detectors,
  suppressions: [
    suppression('sup-1'),
    suppression('sup-2', {
      detector: 'unusual-export',
      detectorTitle: 'Unusual export',
      actor: hostile,
      attemptsOnly: true,
      reason: 'test',
      hits: 0,
    }),
  ],
  signals: [...theft.signalDetails],
  principals: [mallory],
  calls: [call(1), call(2), call(3)],
  why,
  backtest,
  totals: { endpoints: 48, principals: 212, calls: 184_220, candidates: 3 },
})

export const emptyDetection = (): DetectionData => ({
  incidents: [],
  detectors: [],
  suppressions: [],
  signals: [],
  principals: [
    {
      ...mallory,
      risk: 0,
      calls: 3,
      endpoints: [],
      addresses: [],
      devices: 0,
      ties: noTies,
      habits: noHabits,
    },
  ],
  calls: [],
  why: [],
  backtest: undefined,
  totals: { endpoints: 48, principals: 212, calls: 184_220, candidates: 3 },
})

const noTies: NonNullable<PrincipalView['ties']> = { tokens: [], devices: [], addresses: [], linked: [] }
const noHabits: NonNullable<PrincipalView['habits']> = {
  today: { date: '2026-06-01', calls: 3, endpoints: 1, hours: [9], bytes: 900 },
  deviations: [],
  objects: [],
}

/** As a list tells it: without what only the incident's own page has. */
export function listed(incident: IncidentDetailView): IncidentView {
  const {
    signalDetails: _,
    quarantine: __,
    history: ___,
    calls: ____,
    whenNotAnAttack: _____,
    ...view
  } = incident
  return view
}
