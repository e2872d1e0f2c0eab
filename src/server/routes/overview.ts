import type { CallBucketView } from '../api/call-bucket.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { overviewView } from '../schemas/overview.ts'
import { callBucketViewOf } from '../views/call-bucket.ts'
import { endpointViewOf } from '../views/endpoint.ts'
import { headline } from '../views/headline.ts'
import { incidentPage } from '../views/incident-page.ts'
import { quarantineViewOf } from '../views/quarantine.ts'
import { sensorViewOf } from '../views/sensor.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const minuteMs = 60_000

export const overview = defineRoute({
  method: 'GET',
  path: '/overview',
  summary: 'What needs a decision, in a sentence and its evidence',
  role: 'viewer',
  response: overviewView,
  async handler({ backend, now }) {
    const [open, contained, quarantine, traffic] = await Promise.all([
      incidentPage(backend, { status: 'open', limit: 1_000 }),
      incidentPage(backend, { status: 'contained', limit: 1_000 }),
      backend.state.quarantine(now),
      trafficOf(backend, now),
    ])
    const endpoints = backend.endpoints()
    const newest = endpoints
      .filter(endpoint => endpoint.firstSeen > now - dayMs && endpoint.inventory !== 'candidate')
      .sort((a, b) => b.firstSeen - a.firstSeen || (a.id < b.id ? -1 : 1))
    const riskiest = endpoints
      .filter(endpoint => endpoint.risk.score > 0)
      .sort((a, b) => b.risk.score - a.risk.score || (a.id < b.id ? -1 : 1))
    const stats = backend.stats()
    const gateway = backend.gatewayUrl()
    const sensors = backend.sensors()
    return {
      headline: headline({
        openIncidents: open.items.length,
        containedIncidents: contained.items.length,
        newEndpoints: newest,
        endpoints: stats.endpoints,
        calls: stats.calls,
        bypass: backend.bypass(),
        gateway,
        ailingSensors: sensors.filter(sensor => sensor.state === 'degraded').map(sensor => sensor.id),
      }),
      incidents: [...open.items].sort((a, b) => b.risk - a.risk || (a.id < b.id ? -1 : 1)).slice(0, 20),
      openIncidents: open.items.length,
      newEndpoints: newest.slice(0, 10).map(endpointViewOf),
      riskiest: riskiest.slice(0, 5).map(endpointViewOf),
      totals: {
        endpoints: stats.endpoints,
        principals: stats.principals,
        calls: stats.calls,
        candidates: stats.candidates,
      },
      traffic,
      sensors: sensors.map(sensorViewOf),
      quarantine: quarantine.map(quarantineViewOf),
      demo: backend.demo,
      ...(gateway === undefined ? {} : { gateway }),
    }
  },
})

/** The last 24 hours, by the minute where there is less than an hour of traffic, by the half hour otherwise. */
async function trafficOf(backend: Backend, now: number): Promise<readonly CallBucketView[]> {
  const since = now - dayMs
  const first = (await backend.calls.stats()).oldest
  const isYoung = first === undefined || first > now - hourMs
  const buckets = await backend.calls.histogram({ since }, isYoung ? minuteMs : 30 * minuteMs)
  return [...buckets].sort((a, b) => a.time - b.time).map(callBucketViewOf)
}
