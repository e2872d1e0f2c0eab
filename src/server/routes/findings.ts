import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { severities } from '../../kit/severity.ts'
import { findingStatuses, type StoredFinding } from '../../store/ports/catalog-state.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { findingView } from '../schemas/finding.ts'
import { byId, list, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { findingViewOf } from '../views/finding.ts'
import { present } from '../views/present.ts'
import { reason } from './quarantine.ts'

const dayMs = 86_400_000

export const listFindings = defineRoute({
  method: 'GET',
  path: '/findings',
  summary: 'What should be mended, most severe first, and what became of it',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    rule: name.optional(),
    endpoint: name.optional(),
    severity: z.enum(severities).optional(),
    status: list
      .pipe(z.array(z.enum(findingStatuses)).min(1))
      .optional()
      .describe('One or several, joined by commas; all when absent.'),
    q: name.optional().describe('Part of the rule, the endpoint or the title, any case.'),
  }),
  response: pageOf('FindingPage', findingView),
  async handler({ backend, query: { q: text, ...query }, now }) {
    const page = await backend.catalogFindings({ ...present({ ...query, text }), now })
    return { ...page, items: page.items.map(findingViewOf) }
  },
})

async function find(backend: Backend, id: string, now: number): Promise<StoredFinding> {
  const { items } = await backend.catalogFindings({ ids: [id], now })
  return items[0] ?? missing(id)
}

function missing(id: string): never {
  throw new SallyportError('resource/not-found', 'There is no such finding.', {
    where: id,
    mend: 'List them with GET /api/v1/findings.',
  })
}

export const showFinding = defineRoute({
  method: 'GET',
  path: '/findings/{id}',
  summary: 'One finding: why, what to do, the calls that show it',
  role: 'viewer',
  params: byId,
  response: findingView,
  async handler({ backend, params, now }) {
    return findingViewOf(await find(backend, params.id, now))
  },
})

export const dismissFinding = defineRoute({
  method: 'POST',
  path: '/findings/{id}/dismiss',
  summary: 'Says that a finding is to stay as it is, for good or for some days',
  role: 'analyst',
  audit: 'finding.dismiss',
  params: byId,
  body: z.strictObject({
    reason,
    days: z
      .number()
      .int('must be a whole number of days')
      .min(1, 'must be from 1 to 3650 days')
      .max(3_650, 'must be from 1 to 3650 days')
      .optional()
      .describe('Open again after so many; for good when absent.'),
  }),
  response: findingView,
  async handler({ actor, audit, backend, body, now, params }) {
    await find(backend, params.id, now)
    const until = body.days === undefined ? undefined : now + body.days * dayMs
    const word = present({ reason: body.reason, until, by: actor.name, at: now })
    const dismissed = (await backend.state.dismissFinding({ id: params.id, ...word })) ?? missing(params.id)
    await audit(params.id, {
      rule: dismissed.finding.rule,
      endpoint: dismissed.finding.endpoint,
      ...present(body),
    })
    return findingViewOf(await find(backend, params.id, now))
  },
})

export const reopenFinding = defineRoute({
  method: 'POST',
  path: '/findings/{id}/reopen',
  summary: 'Takes a dismissal back',
  role: 'analyst',
  audit: 'finding.reopen',
  params: byId,
  body: z.strictObject({}),
  response: findingView,
  async handler({ audit, backend, now, params }) {
    const { finding } = await find(backend, params.id, now)
    if ((await backend.state.reopenFinding(params.id)) === undefined) missing(params.id)
    await audit(params.id, { rule: finding.rule, endpoint: finding.endpoint })
    return findingViewOf(await find(backend, params.id, now))
  },
})
