import { z } from 'zod'
import { carryOut } from '../../enforce/actions.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineRoute } from '../route.ts'
import { byId, flag, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { quarantineView } from '../schemas/views.ts'
import { sortedPage } from '../views/sorted-page.ts'
import { quarantineViewOf } from '../views/views.ts'

export const reason = z.string().trim().min(1).max(2_000)

export const listQuarantine = defineRoute({
  method: 'GET',
  path: '/quarantine',
  summary: 'Who is kept out, newest first; with `all`, also who was',
  role: 'viewer',
  query: z.strictObject({ ...paging, all: flag.optional() }),
  response: pageOf('QuarantinePage', quarantineView),
  async handler({ backend, query, now }) {
    const entries = await backend.state.quarantine(now, { all: query.all === true })
    const page = sortedPage(entries, entry => [entry.createdAt, entry.id], query)
    return { ...page, items: page.items.map(quarantineViewOf) }
  },
})

export const addQuarantine = defineRoute({
  method: 'POST',
  path: '/quarantine',
  summary: 'Keeps a principal or a token out for a while',
  role: 'analyst',
  audit: 'quarantine.add',
  status: 201,
  body: z.strictObject({
    kind: z.enum(['principal', 'token', 'device']),
    target: name,
    reason,
    ttlSeconds: z.number().describe('60 to 2,592,000.'),
  }),
  response: quarantineView,
  async handler({ actor, backend, body, now, live, audit }) {
    const action = { kind: `quarantine-${body.kind}`, target: body.target, ttlSeconds: body.ttlSeconds }
    const entry = { ...carryOut(action, actor.name, now), reason: body.reason }
    await backend.state.putQuarantine(entry)
    await audit(entry.id, {
      kind: body.kind,
      target: body.target,
      reason: body.reason,
      ttlSeconds: body.ttlSeconds,
    })
    await backend.changed('quarantine')
    live.tellQuarantine()
    return quarantineViewOf(entry)
  },
})

export const releaseQuarantine = defineRoute({
  method: 'DELETE',
  path: '/quarantine/{id}',
  summary: 'Lets somebody in again',
  role: 'analyst',
  audit: 'quarantine.release',
  params: byId,
  response: quarantineView,
  async handler({ actor, backend, params, now, live, audit }) {
    const entry = await backend.state.releaseQuarantine(params.id, actor.name, now)
    if (entry === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such quarantine.', { where: params.id })
    }
    await audit(entry.id, {
      kind: entry.kind,
      target: entry.target,
      ...(entry.incident === undefined ? {} : { incident: entry.incident }),
    })
    await backend.changed('quarantine')
    live.tellQuarantine()
    const incident = entry.incident === undefined ? undefined : await backend.state.incident(entry.incident)
    if (incident !== undefined) await live.tellIncident(incident)
    return quarantineViewOf(entry)
  },
})
