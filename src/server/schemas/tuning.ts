import { z } from 'zod'
import { dismissalReasons, dismissalScopes } from '../../detect/tuning/suppression.ts'
import { whyStates } from '../../detect/tuning/why.ts'
import { severities } from '../../kit/severity.ts'
import type {
  BacktestView,
  DetectorView,
  DismissalView,
  SuppressionView,
  VisitView,
  WhyView,
} from '../api.ts'
import { answer } from './registry.ts'
import { incidentView } from './views.ts'

const text = z.string()
const texts = z.array(z.string())
const count = z.number().min(0)
const time = z.string().describe('RFC 3339')

export const suppressionView: z.ZodType<SuppressionView> = answer(
  'Suppression',
  z.object({
    id: text,
    detector: text,
    detectorTitle: text,
    actor: text.exactOptional().describe('Any where absent.'),
    endpoint: text.exactOptional().describe('Any where absent.'),
    scope: z.enum(dismissalScopes),
    reason: z.enum(dismissalReasons),
    note: text.exactOptional(),
    incident: text,
    attemptsOnly: z.boolean().describe('Only refused attempts were dismissed: a success is raised.'),
    at: time,
    by: text,
    expiresAt: time,
    removedAt: time.exactOptional(),
    removedBy: text.exactOptional(),
    hits: count.describe('Findings it kept from being raised.'),
    lastHit: time.exactOptional(),
  }),
)

export const suppressionList = answer('SuppressionList', z.object({ items: z.array(suppressionView) }))

export const dismissalView: z.ZodType<DismissalView> = answer(
  'Dismissal',
  z.object({ incident: incidentView, suppressions: z.array(suppressionView) }),
)

export const visitView: z.ZodType<VisitView> = answer(
  'Visit',
  z.object({ page: text, at: time, before: time.exactOptional() }),
)

export const detectorView: z.ZodType<DetectorView> = answer(
  'Detector',
  z.object({
    id: text,
    title: text,
    summary: text,
    kind: z.enum(['deterministic', 'statistical']),
    family: text as unknown as z.ZodType<DetectorView['family']>,
    severity: z.enum(severities),
    owasp: texts,
    attack: texts,
    whenNotAnAttack: text,
    enabled: z.boolean(),
    options: z.array(z.object({ name: text, value: z.number(), default: z.number(), reason: text })),
    signals7d: count,
    signals30d: count,
    incidents30d: count,
    confirmed: count.describe('Incidents that people said were attacks.'),
    dismissed: count.describe('Incidents that people said were none.'),
    precision: z
      .object({ value: z.number().nullable(), low: z.number(), high: z.number(), n: count })
      .describe('Confirmed among those that somebody spoke of, with the 95 % interval of Wilson.'),
    suppressions: count,
    suppressed: count,
    held: count.describe('Signals of the last seven days that were held back for the noise budget.'),
    threshold: z.object({ value: z.number(), base: z.number(), why: text }),
    calibration: z.object({ method: z.enum(['none', 'platt', 'isotonic']), n: count }),
  }),
)

export const detectorList = answer('DetectorList', z.object({ items: z.array(detectorView) }))

const run = z.object({
  options: z.record(z.string(), z.number()),
  signals: count,
  principals: count,
  millisPerThousandCalls: count,
  state: count,
})

const backtestSignal = z.object({
  id: text,
  time,
  severity: z.enum(severities),
  confidence: z.number(),
  principal: text,
  endpoint: text.exactOptional(),
  message: text,
  evidence: texts,
})

export const backtestView: z.ZodType<BacktestView> = answer(
  'Backtest',
  z.object({
    detector: text,
    calls: count,
    from: time.exactOptional(),
    to: time.exactOptional(),
    truncated: z.boolean(),
    before: run,
    after: run,
    appeared: z.array(backtestSignal),
    vanished: z.array(backtestSignal),
  }),
)

const whyView: z.ZodType<WhyView> = answer(
  'Why',
  z.object({
    detector: text,
    title: text,
    state: z.enum(whyStates),
    text,
    value: z.number().exactOptional(),
    threshold: z.number().exactOptional(),
    unit: text.exactOptional(),
  }),
)

export const whyList = answer('WhyList', z.object({ items: z.array(whyView) }))
