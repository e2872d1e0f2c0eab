import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { eventsView, eventTypes } from '../schemas/event.ts'
import { list, name } from '../schemas/params.ts'
import { eventViewOf } from '../views/event.ts'
import { present } from '../views/present.ts'

/** Incidents that are looked through for those that rest on an event. */
const latestIncidents = 200

export const listEvents = defineRoute({
  method: 'GET',
  path: '/events',
  summary: 'What happened on a workload besides calls, newest first; or the events that evidence names',
  role: 'viewer',
  query: z.strictObject({
    workload: name.optional().describe('Of this one: `shop/orders`.'),
    ids: list
      .optional()
      .describe('Joined by commas, or given several times; those that are kept no more are left out.'),
    type: z.enum(eventTypes).optional().describe('Of the events of a workload.'),
    limit: z.coerce
      .number({ error: 'must be a whole number from 1 to 200' })
      .int()
      .min(1)
      .max(200)
      .default(50),
  }),
  response: eventsView,
  async handler({ backend, query }) {
    if ((query.workload === undefined) === (query.ids === undefined))
      throw new SallyportError('usage/invalid-argument', 'Either "workload" or "ids" is needed.', {
        where: 'query',
        mend: 'Give ?workload=shop/orders, or ?ids= as evidence names them.',
      })
    const found = await backend.askGraph('events', present(query))
    const incidents = found.length === 0 ? [] : await incidentsWith(backend)
    return {
      items: found.map(one =>
        eventViewOf(
          one,
          incidents.flatMap(({ id, evidence }) => (evidence.has(one.event.id) ? [id] : [])),
        ),
      ),
    }
  },
})

async function incidentsWith(
  backend: Backend,
): Promise<readonly { readonly id: string; readonly evidence: ReadonlySet<string> }[]> {
  const { items } = await backend.state.incidents({ limit: latestIncidents })
  return items.map(({ id, evidence }) => ({ id, evidence: new Set<string>(evidence) }))
}
