import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { moment, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { decisionView } from '../schemas/views.ts'
import { present } from '../views/present.ts'
import { decisionViewOf } from '../views/views.ts'

export const listDecisions = defineRoute({
  method: 'GET',
  path: '/decisions',
  summary: 'What policies decided, newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    since: moment.optional(),
    principal: name.optional(),
    policy: name.optional(),
  }),
  response: pageOf('DecisionPage', decisionView),
  async handler({ backend, query }) {
    const page = await backend.state.decisions(present(query))
    return { ...page, items: page.items.map(decisionViewOf) }
  },
})
