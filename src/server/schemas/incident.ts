import { z } from 'zod'
import { dismissalReasons, dismissalScopes } from '../../detect/tuning/suppression.ts'
import { nodeKinds } from '../../graph/node.ts'
import { severities } from '../../kit/severity.ts'
import type { IncidentDetailView, IncidentView } from '../api/incident.ts'
import { auditView } from './audit.ts'
import { callView } from './call.ts'
import { feedbackView } from './feedback.ts'
import { count, text, texts, time } from './fields.ts'
import { quarantineView } from './quarantine.ts'
import { answer } from './registry.ts'
import { signalView } from './signal.ts'

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
