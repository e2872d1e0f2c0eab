import { z } from 'zod'
import { formatEventLine } from '../../call/event-line.ts'
import { SallyportError } from '../../kit/error.ts'
import { type CallId, callId } from '../../kit/id.ts'
import type { CallQuery, StoredCall } from '../../store/ports/call-store.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { callView } from '../schemas/call.ts'
import { callBucketView } from '../schemas/call-bucket.ts'
import { byId, excluded, list, moment, name, paging } from '../schemas/params.ts'
import { answer, pageOf } from '../schemas/registry.ts'
import { callDetailViewOf, callViewOf } from '../views/call.ts'
import { callBucketViewOf } from '../views/call-bucket.ts'

const status = z.string().regex(/^[1-5](\d\d|xx)$/, 'must be a status such as 404, or a class such as 4xx')
const exclusions = ['endpoint', 'principal', 'tenant', 'host', 'method', 'status', 'ip'] as const

const conditions = {
  since: moment.optional(),
  until: moment.optional(),
  endpoint: name.optional(),
  principal: name.optional(),
  tenant: name.optional(),
  host: name.optional(),
  method: name.optional(),
  status: status.optional(),
  ip: name.optional(),
  detector: name.optional(),
  workload: name.optional().describe('At either end, e.g. shop/orders.'),
  text: name.optional().describe('Part of path and query, any case.'),
  ids: list.optional().describe('Joined by commas, or given several times.'),
  'not.endpoint': excluded.optional(),
  'not.principal': excluded.optional(),
  'not.tenant': excluded.optional(),
  'not.host': excluded.optional(),
  'not.method': excluded.optional(),
  'not.status': excluded.pipe(z.array(status)).optional(),
  'not.ip': excluded.optional(),
}

const conditionSchema = z.strictObject(conditions)

function callQueryOf(given: z.output<typeof conditionSchema>): CallQuery {
  const not: { [key in (typeof exclusions)[number]]?: readonly string[] } = {}
  const query: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given))
    if (!key.startsWith('not.') && value !== undefined) query[key] = value
  for (const key of exclusions) {
    const values = given[`not.${key}`]
    if (values !== undefined) not[key] = values
  }
  return { ...(query as CallQuery), ...(Object.keys(not).length === 0 ? {} : { not }) }
}

export const listCalls = defineRoute({
  method: 'GET',
  path: '/calls',
  summary: 'Recorded calls, newest first',
  role: 'viewer',
  query: z.strictObject({ ...paging, ...conditions }),
  response: pageOf('CallPage', callView),
  async handler({ backend, query }) {
    const page = await backend.calls.query(callQueryOf(query))
    return { ...page, items: page.items.map(callViewOf) }
  },
})

const linesView = answer(
  'EventLinePage',
  z.object({ items: z.array(z.string()), cursor: z.string().exactOptional() }),
)

export const exportCalls = defineRoute({
  method: 'GET',
  path: '/calls/export',
  summary: 'Recorded calls as event lines, newest first, redacted as they were kept',
  role: 'viewer',
  query: z.strictObject({ ...paging, ...conditions }),
  response: linesView,
  async handler({ backend, query }) {
    const page = await backend.calls.query(callQueryOf(query))
    return {
      items: page.items.map(({ call }) => formatEventLine(call).trimEnd()),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    }
  },
})

const mostBuckets = 2_000

const histogramView = answer('CallHistogram', z.object({ items: z.array(callBucketView) }))

export const callHistogram = defineRoute({
  method: 'GET',
  path: '/calls/histogram',
  summary: 'How many calls per span of time; empty spans are left out',
  role: 'viewer',
  query: z.strictObject({
    ...conditions,
    bucketMs: z.coerce
      .number({ error: 'must be a whole number of milliseconds' })
      .int()
      .min(100)
      .max(31 * 86_400_000)
      .default(60_000),
  }),
  response: histogramView,
  async handler({ backend, query, now }) {
    const { bucketMs, ...rest } = query
    const until = rest.until ?? now
    const since = rest.since ?? (await backend.calls.stats()).oldest ?? until
    if ((until - since) / bucketMs > mostBuckets) {
      throw new SallyportError(
        'usage/invalid-argument',
        `At most ${mostBuckets} spans can be counted at once.`,
        {
          where: 'query.bucketMs',
          mend: `Use at least ${Math.ceil((until - since) / mostBuckets)} here, or a shorter range.`,
        },
      )
    }
    const buckets = await backend.calls.histogram(callQueryOf(rest), bucketMs)
    return { items: [...buckets].sort((a, b) => a.time - b.time).map(callBucketViewOf) }
  },
})

export const showCall = defineRoute({
  method: 'GET',
  path: '/calls/{id}',
  summary: 'One call with headers and bodies as they were kept: secrets replaced',
  role: 'viewer',
  params: byId,
  response: callView,
  async handler({ backend, params }) {
    return callDetailViewOf(await findCall(backend, callId(params.id)))
  },
})

export async function findCall(backend: Backend, id: CallId): Promise<StoredCall> {
  const stored = await backend.calls.get(id)
  if (stored !== undefined) return stored
  throw new SallyportError('resource/not-found', 'There is no such call.', {
    where: id,
    mend: 'It may be older than what is kept (calls.retentionDays).',
  })
}
