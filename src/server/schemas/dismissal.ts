import { z } from 'zod'
import type { DismissalView } from '../api/dismissal.ts'
import { incidentView } from './incident.ts'
import { answer } from './registry.ts'
import { suppressionView } from './suppression.ts'

export const dismissalView: z.ZodType<DismissalView> = answer(
  'Dismissal',
  z.object({ incident: incidentView, suppressions: z.array(suppressionView) }),
)
