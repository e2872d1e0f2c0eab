import { z } from 'zod'
import type { OverviewView } from '../api/overview.ts'
import { callBucketView } from './call-bucket.ts'
import { endpointView } from './endpoint.ts'
import { count, text } from './fields.ts'
import { incidentView } from './incident.ts'
import { quarantineView } from './quarantine.ts'
import { answer } from './registry.ts'
import { sensorView } from './sensor.ts'

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
