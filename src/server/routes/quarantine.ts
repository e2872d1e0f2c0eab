import { z } from 'zod'
import { carryOut } from '../../enforce/actions.ts'
import { ladderSeconds } from '../../enforce/quarantine-ladder.ts'
import { mostSharing, previewQuarantine } from '../../engine/quarantine-preview.ts'
import { SallyportError } from '../../kit/error.ts'
import { quarantineBounds } from '../../policy/parse.ts'
import { defineRoute } from '../route.ts'
import { byId, flag, name, paging } from '../schemas/params.ts'
import { quarantinePreviewView, quarantineView } from '../schemas/quarantine.ts'
import { pageOf } from '../schemas/registry.ts'
import { quarantineViewOf } from '../views/quarantine.ts'
import { sortedPage } from '../views/sorted-page.ts'

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
  summary:
    'Keeps a principal, a token or a device out for a while; never a device that more than five principals share',
  role: 'analyst',
  audit: 'quarantine.add',
  status: 201,
  body: z.strictObject({
    kind: z.enum(['principal', 'token', 'device']),
    target: name,
    reason,
    ttlSeconds: z
      .number()
      .optional()
      .describe('60 to 2,592,000; when absent 15 minutes, the next time an hour, then a day.'),
  }),
  response: quarantineView,
  async handler({ actor, backend, body, now, live, audit }) {
    const ttlSeconds =
      body.ttlSeconds ?? ladderSeconds(body, await backend.state.quarantine(now, { all: true }), now)
    const action = { kind: `quarantine-${body.kind}`, target: body.target, ttlSeconds }
    const entry = { ...carryOut(action, actor.name, now), reason: body.reason }
    const touched = await previewQuarantine(entry, backend.calls, now)
    if (entry.kind === 'device' && touched.principals > mostSharing) {
      throw new SallyportError(
        'resource/conflict',
        `${touched.principals} principals came from this device in the last 24 hours: it is shared, and is not shut out.`,
        { where: body.target, mend: 'Shut out the principals or tokens instead.' },
      )
    }
    await backend.state.putQuarantine(entry)
    await audit(entry.id, {
      kind: body.kind,
      target: body.target,
      reason: body.reason,
      ttlSeconds,
      touched: { principals: touched.principals, calls: touched.calls },
    })
    await backend.changed('quarantine')
    live.tellQuarantine()
    return quarantineViewOf(entry)
  },
})

export const previewOfQuarantine = defineRoute({
  method: 'POST',
  path: '/quarantine/preview',
  summary: 'Whom a quarantine would have touched in the last 24 hours, and how long it would last',
  role: 'analyst',
  computes: true,
  body: z.strictObject({ kind: z.enum(['principal', 'token', 'device']), target: name }),
  response: quarantinePreviewView,
  async handler({ backend, body, now }) {
    const touched = await previewQuarantine(body, backend.calls, now)
    const entries = await backend.state.quarantine(now, { all: true })
    return {
      ...touched,
      ttlSeconds: ladderSeconds(body, entries, now),
      shared: body.kind === 'device' && touched.principals > mostSharing,
    }
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

export const extendQuarantine = defineRoute({
  method: 'POST',
  path: '/quarantine/{id}/extend',
  summary: 'Keeps somebody out for so long from now on; never for less than before',
  role: 'analyst',
  audit: 'quarantine.extend',
  params: byId,
  body: z.strictObject({
    ttlSeconds: z.number().min(quarantineBounds.least).max(quarantineBounds.most),
  }),
  response: quarantineView,
  async handler({ backend, body, params, now, live, audit }) {
    const entry = (await backend.state.quarantine(now)).find(({ id }) => id === params.id)
    if (entry === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such quarantine in force.', {
        where: params.id,
        mend: 'List them with GET /api/v1/quarantine.',
      })
    }
    const expiresAt = Math.max(entry.expiresAt, now + Math.round(body.ttlSeconds * 1000))
    const extended = { ...entry, expiresAt }
    await backend.state.putQuarantine(extended)
    await audit(entry.id, {
      kind: entry.kind,
      target: entry.target,
      from: new Date(entry.expiresAt).toISOString(),
      until: new Date(expiresAt).toISOString(),
    })
    await backend.changed('quarantine')
    live.tellQuarantine()
    return quarantineViewOf(extended)
  },
})
