import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { byId, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { workloadDetailView, workloadView } from '../schemas/workload.ts'
import { idCursor, idPage } from '../views/id-page.ts'
import { present } from '../views/present.ts'
import { workloadDetailViewOf, workloadViewOf } from '../views/workload.ts'

export const listWorkloads = defineRoute({
  method: 'GET',
  path: '/workloads',
  summary: 'Running software, by name',
  role: 'viewer',
  query: z.strictObject({ ...paging, q: name.optional().describe('Part of the name, any case.') }),
  response: pageOf('WorkloadPage', workloadView),
  async handler({ backend, query }) {
    const { q, limit, cursor } = query
    const ask = { kind: 'workload' as const, limit, ...present({ q, after: idCursor(cursor) }) }
    return idPage(await backend.askGraph('nodes', ask), workloadViewOf)
  },
})

export const showWorkload = defineRoute({
  method: 'GET',
  path: '/workloads/{id}',
  summary: 'One workload: who calls it, what it answers, calls, reads and runs as',
  role: 'viewer',
  params: byId,
  response: workloadDetailView,
  async handler({ backend, params }) {
    return workloadDetailViewOf(await backend.askGraph('workload', { id: params.id }))
  },
})
