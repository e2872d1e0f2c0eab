import { z } from 'zod'
import type { MergeReview } from '../../catalog/directions/merge-review.ts'
import type { LearnedMessages } from '../../catalog/messages.ts'
import { type Labels, labelSources } from '../../catalog/ownership/labels.ts'
import type { SchemaNode } from '../../catalog/schema-node.ts'
import { dismissalReasons, dismissalScopes } from '../../detect/tuning/suppression.ts'
import { nodeKinds } from '../../graph/node.ts'
import { severities } from '../../kit/severity.ts'
import { findingStatuses } from '../../store/ports/catalog-state.ts'
import type {
  AuditView,
  CallBucketView,
  CallView,
  DecisionDetailView,
  DecisionSummaryView,
  DecisionView,
  EndpointDetailView,
  EndpointView,
  FeedbackView,
  FindingView,
  IncidentDetailView,
  IncidentView,
  OverviewView,
  PinView,
  PolicyCheckView,
  PrincipalView,
  QuarantinePreviewView,
  QuarantineView,
  SensorView,
  SessionView,
  SignalView,
  TokenView,
} from '../api.ts'
import { policyVersionView } from './policies.ts'
import { answer } from './registry.ts'

const text = z.string()
const texts = z.array(z.string())
const count = z.number().min(0)
const time = z.string().describe('RFC 3339')
const role = z.enum(['viewer', 'analyst', 'admin'])
const facts = z.record(z.string(), z.unknown())

export const sessionView: z.ZodType<SessionView> = answer('Session', z.object({ name: text, role }))

const label = z.object({
  value: text,
  from: z.enum(labelSources).describe('Who says so, the strongest first.'),
  why: text,
})

const labels: z.ZodType<Labels> = answer(
  'Labels',
  z.object({
    owner: label.exactOptional(),
    environment: label.exactOptional(),
    group: label.exactOptional(),
    tags: z.array(label),
    criticality: label,
    flows: z.array(
      z.object({
        flow: text,
        step: text,
        value: z
          .object({
            currency: text,
            amount: z.number().exactOptional(),
            field: text.exactOptional().describe('Of the call that says it: `request:total`.'),
          })
          .exactOptional(),
      }),
    ),
  }),
)

const endpointFields = {
  id: text,
  protocol: text,
  host: text,
  method: text,
  template: text,
  calls: count,
  statuses: z.record(z.string(), count),
  firstSeen: time,
  lastSeen: time,
  auth: texts,
  dataClasses: z.object({ request: texts, response: texts }),
  exposure: z.enum(['external', 'internal', 'unknown']),
  inventory: z.enum(['documented', 'shadow', 'zombie', 'orphan', 'candidate', 'unknown']),
  criticality: text,
  risk: z.object({
    score: count,
    factors: z.array(z.object({ factor: text, points: z.number(), why: text })),
  }),
  labels: labels.exactOptional(),
  workloads: texts.exactOptional().describe('Names of the workloads that answered, `namespace/name`.'),
}

export const endpointView: z.ZodType<EndpointView> = answer('Endpoint', z.object(endpointFields))

const schemaNode: z.ZodType<SchemaNode> = answer(
  'LearnedSchema',
  z.object({
    type: z.union([text, texts]),
    format: text.exactOptional(),
    dataClass: text.exactOptional(),
    formerDataClass: text.exactOptional().describe('The class it had until its values spoke against it.'),
    testData: text.exactOptional().describe('The class of which it holds nothing but published examples.'),
    get properties() {
      return z.record(z.string(), schemaNode).exactOptional()
    },
    required: texts.exactOptional(),
    get items() {
      return schemaNode.exactOptional()
    },
    get additionalProperties() {
      return z.union([z.literal(false), schemaNode]).exactOptional()
    },
    enum: z.array(z.union([text, z.number(), z.boolean(), z.null()])).exactOptional(),
    minimum: z.number().exactOptional(),
    maximum: z.number().exactOptional(),
    minLength: count.exactOptional(),
    maxLength: count.exactOptional(),
    variants: z
      .object({
        property: text,
        of: z.array(z.object({ value: text, seen: count, properties: texts, required: texts })),
      })
      .exactOptional(),
    recursesTo: count
      .exactOptional()
      .describe('The objects here are of the kind that stands so many schemas above.'),
    seen: count,
    confidence: z.number().min(0).max(1).exactOptional(),
    skipped: count.exactOptional(),
  }),
)

const bodyFields = {
  mediaType: text,
  seen: count,
  schema: schemaNode.exactOptional(),
  binary: z.boolean().exactOptional(),
}

const messages: z.ZodType<LearnedMessages> = answer(
  'LearnedMessages',
  z.object({
    parameters: z.array(
      z.object({
        in: z.enum(['path', 'query', 'header']),
        name: text,
        required: z.boolean(),
        schema: schemaNode,
      }),
    ),
    requests: z.array(z.object(bodyFields)),
    requestRequired: z.boolean(),
    responses: z.array(z.object({ ...bodyFields, group: text, statuses: z.array(z.number()) })),
    credentials: z.array(z.object({ scheme: text, at: text })),
  }),
)

export const findingView: z.ZodType<FindingView> = answer(
  'Finding',
  z.object({
    id: text,
    rule: text,
    severity: z.enum(severities),
    endpoint: text,
    title: text,
    why: text,
    fix: text,
    owasp: texts,
    evidence: texts.describe('Ids of calls that show it.'),
    status: z.enum(findingStatuses).describe('`gone`: no longer so; kept for 90 days.'),
    firstSeen: time,
    lastSeen: time,
    dismissed: z
      .object({
        by: text,
        at: time,
        reason: text,
        until: time.exactOptional().describe('Open again from then on.'),
      })
      .exactOptional(),
  }),
)

export const signalView: z.ZodType<SignalView> = answer(
  'Signal',
  z.object({
    id: text,
    detector: text,
    detectorTitle: text,
    time,
    severity: z.enum(severities),
    confidence: z.number().min(0).max(1),
    principal: text,
    tenant: text.exactOptional(),
    endpoint: text.exactOptional(),
    message: text,
    observed: facts,
    expected: facts,
    attempt: z.boolean(),
    owasp: texts,
    attack: texts,
    evidence: texts,
    objects: texts,
    dataClasses: texts,
    actor: text.exactOptional().describe('Who is to blame where that is not the principal.'),
    calibrated: z
      .object({ raw: z.number(), n: count })
      .exactOptional()
      .describe('The confidence was corrected by what people said of `n` incidents.'),
    held: z
      .object({ score: z.number(), threshold: z.number() })
      .exactOptional()
      .describe('Held back for the noise budget: it opens no incident.'),
  }),
)

const dataField = {
  side: z.enum(['request', 'response']),
  field: text,
  dataClass: text,
  values: count,
  sample: text.exactOptional().describe('First two and last two characters of one value.'),
}

export const endpointDetailView: z.ZodType<EndpointDetailView> = answer(
  'EndpointDetail',
  z.object({
    ...endpointFields,
    fields: z.array(z.object(dataField)),
    dataMap: z
      .array(z.object({ ...dataField, group: z.enum(['pii', 'pci', 'phi', 'secret']) }))
      .describe('The fields again, by group of class.'),
    requestSchema: schemaNode.exactOptional(),
    responseSchemas: z.record(z.string(), schemaNode),
    messages: messages.exactOptional(),
    callers: z.array(z.object({ principal: text, calls: count, refused: count, lastSeen: time })).max(20),
    owners: z.array(
      z.object({ scope: text, field: text, claim: text, seen: count, agreement: z.number().min(0).max(1) }),
    ),
    signals: z.array(signalView),
    findings: z.array(findingView).max(100).describe('Open and dismissed ones.'),
  }),
)

export const pinView: z.ZodType<PinView> = answer(
  'Pin',
  z.object({
    id: text,
    host: text,
    template: text,
    at: time,
    by: text.describe('Begins with `file:` where it stands in the catalog file.'),
  }),
)

export const mergeReviewView: z.ZodType<MergeReview> = answer(
  'MergeReview',
  z.object({
    id: text,
    host: text,
    state: z.enum(['merged', 'apart', 'pinned']),
    template: text.describe('As it is, or as it would be when merged.'),
    words: texts.describe('Some of the words, as they were in paths.'),
    count,
    methods: texts,
    calls: count,
    evidence: z.array(z.object({ term: text, nats: z.number(), why: text })),
    nats: z.number().describe('What spoke for values (positive) or against.'),
    threshold: z.number().describe('Nats at which words become values.'),
    held: z
      .enum(['answers'])
      .exactOptional()
      .describe('The word had been a value, until its calls showed an operation of its own.'),
    pin: text.exactOptional(),
  }),
)

export const quarantineView: z.ZodType<QuarantineView> = answer(
  'Quarantine',
  z.object({
    id: text,
    kind: z.enum(['principal', 'token', 'device']),
    target: text,
    reason: text,
    incident: text.exactOptional(),
    createdAt: time,
    createdBy: text,
    expiresAt: time,
    releasedAt: time.exactOptional(),
    releasedBy: text.exactOptional(),
  }),
)

export const quarantinePreviewView: z.ZodType<QuarantinePreviewView> = answer(
  'QuarantinePreview',
  z.object({
    calls: count,
    principals: count,
    named: z.array(z.object({ principal: text, calls: count })),
    endpoints: z.array(z.object({ endpoint: text, calls: count })),
    truncated: z.boolean().describe('There were more calls than were read: the newest were.'),
    ttlSeconds: count.describe('How long it would last when no other time is given.'),
    shared: z.boolean().describe('More principals share it than may be shut out together: it is refused.'),
  }),
)

const link = { name: text, calls: count, firstSeen: time, lastSeen: time }

export const principalView: z.ZodType<PrincipalView> = answer(
  'Principal',
  z.object({
    id: text,
    kind: text,
    tenant: text.exactOptional(),
    roles: texts,
    calls: count,
    risk: count,
    firstSeen: time,
    lastSeen: time,
    addresses: texts,
    devices: count,
    endpoints: z.array(z.object({ endpoint: text, calls: count })),
    quarantine: quarantineView.exactOptional(),
    ties: z
      .object({
        tokens: z.array(z.object(link)),
        devices: z.array(z.object(link)),
        addresses: z.array(z.object({ ...link, shared: z.boolean() })),
        linked: z.array(z.object({ principal: text, by: text, name: text, strength: z.number() })),
      })
      .exactOptional(),
    habits: z
      .object({
        normal: z
          .object({ callsPerDay: count, endpoints: count, hours: z.array(count), bytes: count, days: count })
          .exactOptional()
          .describe('Medians of its earlier days with calls; absent before three of them.'),
        today: z.object({
          date: text,
          calls: count,
          endpoints: count,
          hours: z.array(count),
          bytes: count,
        }),
        deviations: z.array(
          z.object({
            what: z.enum(['calls', 'endpoints', 'bytes', 'hours']),
            text,
            value: count,
            usual: count,
          }),
        ),
        objects: z
          .array(z.object({ object: text, endpoint: text, time, refused: z.boolean() }))
          .max(20)
          .describe('Touched last, newest first.'),
      })
      .exactOptional(),
  }),
)

export const feedbackView: z.ZodType<FeedbackView> = answer(
  'Feedback',
  z.object({
    incident: text,
    verdict: z.enum(['attack', 'benign']),
    note: text.exactOptional(),
    at: time,
    by: text,
    detectors: texts,
  }),
)

const message = z
  .object({
    headers: z.array(z.tuple([text, text])),
    body: text.exactOptional(),
    bodyTruncated: z.boolean(),
  })
  .exactOptional()

export const callView: z.ZodType<CallView> = answer(
  'Call',
  z.object({
    id: text,
    time,
    durationMs: z.number().exactOptional(),
    method: text,
    host: text,
    target: text,
    status: z.number().exactOptional(),
    endpoint: text,
    principal: text,
    tenant: text.exactOptional(),
    ip: text.exactOptional(),
    userAgent: text.exactOptional(),
    callerWorkload: text.exactOptional().describe('Who called, where a sensor told it.'),
    workload: text.exactOptional().describe('Who answered, where a sensor told it.'),
    requestBytes: count,
    responseBytes: count,
    detectors: texts,
    verdict: z.object({ decisionId: text, action: text, policy: text.exactOptional() }).exactOptional(),
    request: message,
    response: message,
    credentials: z
      .array(
        z.object({
          scheme: text,
          at: text,
          fingerprint: text,
          claims: facts.exactOptional(),
          verification: text,
        }),
      )
      .exactOptional(),
  }),
)

export const callBucketView: z.ZodType<CallBucketView> = answer(
  'CallBucket',
  z.object({ time, calls: count, refused: count, failed: count }),
)

const incidentFields = {
  id: text,
  title: text,
  severity: z.enum(severities),
  risk: count,
  opened: time,
  updated: time,
  status: z.enum(['open', 'contained', 'closed']),
  principals: texts,
  tenants: texts,
  endpoints: texts,
  workloads: texts,
  dataClasses: texts,
  detectors: texts,
  signals: texts,
  objects: texts,
  objectCount: count,
  evidence: texts,
  path: z
    .array(
      z.object({
        node: text.describe('Its id in the graph.'),
        kind: z.enum(nodeKinds),
        name: text,
        how: text.describe('How it was come to from the one before; `then` where no edge is known.'),
      }),
    )
    .exactOptional()
    .describe('The way through the graph; absent where it is about calls alone.'),
  story: z.array(
    z.object({
      time,
      text,
      evidence: texts.describe('Ids of calls, or of other events.'),
      stage: text.exactOptional().describe('The stage of an intrusion it stands for.'),
    }),
  ),
  actions: z.array(
    z.object({
      kind: text,
      title: text,
      target: text,
      ttlSeconds: count,
      effect: z.object({ principals: count, calls: count, others: count }),
    }),
  ),
  unsure: texts,
  blastRadius: z
    .object({ objects: count, records: count, dataClasses: texts, tenants: texts, endpoints: texts })
    .exactOptional()
    .describe('What it reached: what came back, not what was refused.'),
  atStake: z.object({ amount: count, currency: text }).exactOptional(),
  changed: z
    .object({ revision: count, at: time, worseAt: time })
    .exactOptional()
    .describe('Counts what changed in it; `worseAt` is when its risk or severity last rose.'),
  changedSinceVisit: z
    .enum(['new', 'grew', 'worse'])
    .exactOptional()
    .describe('Against the last visit of who asks. Absent: as it was.'),
  resolution: z.object({ reason: text, at: time, by: text }).exactOptional(),
  dismissal: z
    .object({
      reason: z.enum(dismissalReasons),
      note: text.exactOptional(),
      scope: z.enum(dismissalScopes),
      until: time,
    })
    .exactOptional()
    .describe('Set when closed by a dismissal that holds.'),
  feedback: feedbackView.exactOptional().describe('What a person said that it was.'),
}

export const incidentView: z.ZodType<IncidentView> = answer('Incident', z.object(incidentFields))

export const auditView: z.ZodType<AuditView> = answer(
  'AuditRecord',
  z.object({ sequence: count, time, actor: text, action: text, target: text, detail: facts }),
)

export const incidentDetailView: z.ZodType<IncidentDetailView> = answer(
  'IncidentDetail',
  z.object({
    ...incidentFields,
    signalDetails: z.array(signalView),
    quarantine: z.array(quarantineView),
    history: z.array(auditView),
    calls: z.array(callView).max(50),
    whenNotAnAttack: z.array(z.object({ detector: text, text })),
  }),
)

export const policyCheckView: z.ZodType<PolicyCheckView> = answer(
  'PolicyCheck',
  z.object({
    valid: z.boolean(),
    problems: z.array(
      z.object({
        severity: z.enum(['error', 'warning']),
        message: text,
        where: text.exactOptional(),
        line: z.number().exactOptional(),
        column: z.number().exactOptional(),
        mend: text.exactOptional(),
      }),
    ),
    tests: z
      .array(
        z.object({
          policy: text,
          test: text,
          passed: z.boolean(),
          expected: text,
          actual: text,
          message: text.exactOptional(),
        }),
      )
      .describe('The tests written inside; none are run while it cannot be read.'),
  }),
)

const decision = {
  id: text,
  time,
  action: text,
  phase: text,
  policy: text,
  mode: text,
  principal: text,
  endpoint: text,
  call: text,
  reason: text,
  acted: z.boolean().describe('False where it was only written down.'),
}

export const decisionView: z.ZodType<DecisionView> = answer('Decision', z.object(decision))

export const decisionSummaryView: z.ZodType<DecisionSummaryView> = answer(
  'DecisionSummary',
  z.object({ since: time, decisions: count, acted: count, principals: count, truncated: z.boolean() }),
)

export const decisionDetailView: z.ZodType<DecisionDetailView> = answer(
  'DecisionDetail',
  z.object({
    ...decision,
    policyVersion: policyVersionView.exactOptional().describe('As it stood then.'),
    decided: callView.exactOptional(),
    condition: text.exactOptional().describe('Of the policy as it stood then.'),
    facts: z
      .array(z.object({ name: text, value: text }))
      .exactOptional()
      .describe(
        'What the condition read of the call, as far as the recording and what is known now tell it.',
      ),
    quarantine: z.array(quarantineView).describe('Entries that hold for this caller now.'),
  }),
)

export const sensorView: z.ZodType<SensorView> = answer(
  'Sensor',
  z.object({
    id: text,
    kind: text,
    state: text,
    events: count,
    dropped: count,
    rejected: count,
    lastEventAt: time.exactOptional(),
    detail: text.exactOptional(),
    address: text.exactOptional(),
    perSecond: z.number().exactOptional(),
    lagMs: z.number().exactOptional().describe('How far behind the newest event was when it came.'),
    sampledShare: z.number().exactOptional(),
    sees: text.exactOptional().describe('What it sees of a call: `none`, `head`, `request`, `full`.'),
    sources: z
      .array(z.object({ name: text, events: count, lastEventAt: time, silent: z.boolean() }))
      .exactOptional(),
  }),
)

export const tokenView: z.ZodType<TokenView> = answer(
  'Token',
  z.object({
    id: text,
    name: text,
    role,
    createdAt: time,
    lastUsedAt: time.exactOptional(),
    revokedAt: time.exactOptional(),
    token: text.exactOptional(),
  }),
)

export const overviewView: z.ZodType<OverviewView> = answer(
  'Overview',
  z.object({
    headline: text,
    incidents: z.array(incidentView),
    openIncidents: count,
    newEndpoints: z.array(endpointView).max(10),
    riskiest: z.array(endpointView).max(5),
    totals: z.object({ endpoints: count, principals: count, calls: count, candidates: count }),
    traffic: z.array(callBucketView),
    sensors: z.array(sensorView),
    quarantine: z.array(quarantineView),
    demo: z.boolean(),
    gateway: text.exactOptional(),
  }),
)
