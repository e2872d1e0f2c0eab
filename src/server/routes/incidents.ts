import { z } from 'zod'
import type { Incident, ProposedAction } from '../../detect/incident.ts'
import { carryOut } from '../../enforce/actions.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StoredCall } from '../../store/ports/call-store.ts'
import type { AuditRecord, QuarantineEntry } from '../../store/ports/state-store.ts'
import type { IncidentDetailView } from '../api/incident.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { incidentDetailView, incidentView } from '../schemas/incident.ts'
import { byId, moment, name, paging } from '../schemas/params.ts'
import { quarantineView } from '../schemas/quarantine.ts'
import { answer, pageOf } from '../schemas/registry.ts'
import { auditViewOf } from '../views/audit.ts'
import { callViewOf } from '../views/call.ts'
import { findIncident, incidentViewOf, signalsOf } from '../views/incident.ts'
import { incidentPage } from '../views/incident-page.ts'
import { quarantineViewOf } from '../views/quarantine.ts'
import { signalViewOf } from '../views/signal.ts'
import { standingOf } from '../views/standing.ts'
import { reason } from './quarantine.ts'
import { incidentsPage } from './visits.ts'

export const listIncidents = defineRoute({
  method: 'GET',
  path: '/incidents',
  summary: 'Incidents, most recently active first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    since: moment.optional(),
    status: z.enum(['open', 'contained', 'closed']).optional(),
    principal: name.optional().describe('In which this principal is named.'),
    visitedAt: moment
      .optional()
      .describe('Tell what changed since then; since the last visit of who asks when absent.'),
  }),
  response: pageOf('IncidentPage', incidentView),
  async handler({ actor, backend, query }) {
    const { limit, cursor, since, status, principal } = query
    const visited = query.visitedAt ?? (await backend.state.visit(actor.name, incidentsPage))
    return await incidentPage(backend, {
      limit,
      ...(visited === undefined ? {} : { visited }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(since === undefined ? {} : { since }),
      ...(status === undefined ? {} : { status }),
      ...(principal === undefined ? {} : { principal }),
    })
  },
})

export const showIncident = defineRoute({
  method: 'GET',
  path: '/incidents/{id}',
  summary: 'One incident with its signals, evidence calls and history',
  role: 'viewer',
  params: byId,
  response: incidentDetailView,
  async handler({ backend, params }) {
    return await detail(backend, await findIncident(backend, params.id))
  },
})

const mostCalls = 50

async function detail(backend: Backend, incident: Incident): Promise<IncidentDetailView> {
  const standing = await standingOf(backend)
  const [signals, calls, history] = await Promise.all([
    signalsOf(backend, incident),
    evidenceCalls(backend, incident),
    historyOf(backend, incident.id),
  ])
  const view = incidentViewOf(incident, standing)
  return {
    ...view,
    unsure:
      calls === undefined
        ? [...view.unsure, 'The recorded calls cannot be read at the moment.']
        : view.unsure,
    signalDetails: signals.map(signal => signalViewOf(signal, backend)),
    quarantine: standing.quarantine.filter(entry => entry.incident === incident.id).map(quarantineViewOf),
    history: history.map(auditViewOf),
    calls: (calls ?? []).map(callViewOf),
    whenNotAnAttack: incident.detectors.flatMap(detector => {
      const text = backend.detectorText(detector)?.whenNotAnAttack
      return text === undefined ? [] : [{ detector, text }]
    }),
  }
}

/** Oldest first. Undefined while the call store is away: the rest of the incident is still worth showing. */
async function evidenceCalls(
  backend: Backend,
  incident: Incident,
): Promise<readonly StoredCall[] | undefined> {
  const ids = incident.evidence.slice(0, mostCalls)
  if (ids.length === 0) return []
  try {
    const { items } = await backend.calls.query({ ids, limit: mostCalls })
    return [...items].sort((a, b) => a.call.time - b.call.time || (a.call.id < b.call.id ? -1 : 1))
  } catch (thrown) {
    if (SallyportError.from(thrown).code.startsWith('store/')) return undefined
    throw thrown
  }
}

/** What people did about it: the newest 50 of the newest 2,000 records. */
async function historyOf(backend: Backend, id: string): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = []
  let cursor: string | undefined
  for (let round = 0; round < 2; round += 1) {
    const page: Awaited<ReturnType<Backend['state']['auditLog']>> = await backend.state.auditLog({
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.items.filter(record => record.target === id || record.detail.incident === id))
    cursor = page.cursor
    if (cursor === undefined) break
  }
  return found.slice(0, 50)
}

const actionView = answer('ActionDone', z.object({ quarantine: quarantineView }))

export const actOnIncident = defineRoute({
  method: 'POST',
  path: '/incidents/{id}/actions',
  summary: 'Carries out an action the incident proposes',
  role: 'analyst',
  audit: 'incident.act',
  params: byId,
  body: z.strictObject({
    kind: name,
    target: name,
    ttlSeconds: z.number().optional().describe('60 to 2,592,000; as proposed when absent.'),
  }),
  response: actionView,
  async handler({ actor, backend, body, params, now, live, audit }) {
    const incident = await findIncident(backend, params.id)
    const action = proposed(incident, body)
    const wanted = { ...action, ttlSeconds: body.ttlSeconds ?? action.ttlSeconds }
    const made = { ...carryOut(wanted, actor.name, now, incident.id), reason: incident.title }
    const held = (await backend.state.quarantine(now)).find(
      entry => entry.kind === made.kind && entry.target === made.target && entry.incident === incident.id,
    )
    // Asked twice, it is one quarantine that lasts as long as the longer of the two.
    const entry: QuarantineEntry =
      held === undefined ? made : { ...held, expiresAt: Math.max(held.expiresAt, made.expiresAt) }
    await backend.state.putQuarantine(entry)
    await audit(incident.id, {
      kind: action.kind,
      target: action.target,
      quarantine: entry.id,
      until: new Date(entry.expiresAt).toISOString(),
    })
    await backend.changed('quarantine')
    live.tellQuarantine()
    await live.tellIncident(incident)
    return { quarantine: quarantineViewOf(entry) }
  },
})

function proposed(
  incident: Incident,
  wanted: { readonly kind: string; readonly target: string },
): ProposedAction {
  const action = incident.actions.find(one => one.kind === wanted.kind && one.target === wanted.target)
  if (action !== undefined) return action
  throw new SallyportError('usage/invalid-argument', 'The incident proposes no such action.', {
    where: 'body.kind',
    mend: 'Send kind and target of one of its actions, or add a quarantine with POST /api/v1/quarantine.',
  })
}

export const closeIncident = defineRoute({
  method: 'POST',
  path: '/incidents/{id}/close',
  summary: 'Closes an incident, saying why; it opens again when its actor goes on',
  role: 'analyst',
  audit: 'incident.close',
  params: byId,
  body: z.strictObject({ reason }),
  response: incidentView,
  async handler({ actor, backend, body, params, now, live, audit }) {
    const incident = await findIncident(backend, params.id)
    await backend.state.putResolution({
      incident: incident.id,
      status: 'closed',
      reason: body.reason,
      at: now,
      by: actor.name,
      revision: incident.changed?.revision ?? 0,
    })
    await audit(incident.id, { reason: body.reason })
    await backend.changed('resolutions')
    await live.tellIncident(incident)
    return incidentViewOf(incident, await standingOf(backend))
  },
})

export const reopenIncident = defineRoute({
  method: 'POST',
  path: '/incidents/{id}/reopen',
  summary: 'Opens a closed incident again',
  role: 'analyst',
  audit: 'incident.reopen',
  params: byId,
  body: z.strictObject({}),
  response: incidentView,
  async handler({ backend, params, live, audit }) {
    const incident = await findIncident(backend, params.id)
    await backend.state.deleteResolution(incident.id)
    await audit(incident.id)
    await backend.changed('resolutions')
    await live.tellIncident(incident)
    return incidentViewOf(incident, await standingOf(backend))
  },
})
