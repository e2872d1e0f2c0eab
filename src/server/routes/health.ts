import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { answer } from '../schemas/registry.ts'

const healthView = answer(
  'Health',
  z.object({ status: z.enum(['ok', 'degraded']), version: z.string(), uptimeMs: z.number().min(0) }),
)

export const health = defineRoute({
  method: 'GET',
  path: '/health',
  summary: 'Whether Sallyport runs; degraded while a sensor does not see everything',
  role: 'public',
  response: healthView,
  async handler({ backend, now }) {
    // A sensor that nobody asked for and that could not start is stopped, not missed.
    const isWhole = backend.sensors().every(({ state }) => state === 'running' || state === 'stopped')
    return {
      status: isWhole ? ('ok' as const) : ('degraded' as const),
      version: backend.version,
      uptimeMs: Math.max(0, now - backend.startedAt),
    }
  },
})
