import { z } from 'zod'
import { severities } from '../../kit/severity.ts'
import type { BacktestView } from '../api/backtest.ts'
import { count, text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

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
