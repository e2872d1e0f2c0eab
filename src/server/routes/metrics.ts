import { backendSamples, prometheusText } from '../metrics.ts'
import { defineRoute } from '../route.ts'
import { incidentPage } from '../views/incident-page.ts'

export const metrics = defineRoute({
  method: 'GET',
  path: '//metrics',
  summary: 'Counters and gauges as Prometheus text',
  role: 'viewer',
  response: { mediaType: 'text/plain; version=0.0.4; charset=utf-8' },
  async handler({ backend, counters, reply }) {
    const open = new Map<string, number>()
    for (const { severity } of (await incidentPage(backend, { status: 'open', limit: 1_000 })).items) {
      open.set(severity, (open.get(severity) ?? 0) + 1)
    }
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    return prometheusText({ ...counters(), ...backendSamples(backend, open) })
  },
})
