import { z } from 'zod'
import { changeKinds } from '../../catalog/changes/catalog-change.ts'
import type { ChangeView } from '../api/change.ts'
import { defineRoute } from '../route.ts'
import { list, moment, name, paging } from '../schemas/params.ts'
import { answer, pageOf } from '../schemas/registry.ts'
import { changeViewOf } from '../views/change.ts'
import { sortedPage } from '../views/sorted-page.ts'

const changeView: z.ZodType<ChangeView> = answer(
  'CatalogChange',
  z.object({
    id: z.string(),
    time: z.string().describe('RFC 3339; when the catalog told it, in the time of the traffic.'),
    kind: z.enum(changeKinds),
    endpoint: z.string(),
    side: z.enum(['request', 'response']).exactOptional(),
    field: z.string().exactOptional(),
    before: z.string().exactOptional(),
    after: z.string().exactOptional(),
    dataClasses: z
      .array(z.string())
      .describe('What the field, or the endpoint where none is named, carries.'),
    sensitive: z.boolean().describe('Data of a class is touched.'),
  }),
)

export const listChanges = defineRoute({
  method: 'GET',
  path: '/changes',
  summary: 'What is new, changed or gone in the catalog, newest first; the newest 10,000, from memory',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    since: moment.optional(),
    until: moment.optional().describe('Before this moment.'),
    kind: list
      .pipe(z.array(z.enum(changeKinds)))
      .optional()
      .describe('One or several, joined by commas.'),
    endpoint: name.optional(),
  }),
  response: pageOf('CatalogChangePage', changeView),
  async handler({ backend, query }) {
    const { since, until, kind, endpoint } = query
    const found = backend
      .catalogChanges()
      .filter(
        change =>
          (since === undefined || change.time >= since) &&
          (until === undefined || change.time < until) &&
          (kind === undefined || kind.includes(change.kind)) &&
          (endpoint === undefined || change.endpoint === endpoint),
      )
    const page = sortedPage(found, change => [change.time, change.id], query)
    return { ...page, items: page.items.map(changeViewOf) }
  },
})
