import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { auditView } from '../schemas/audit.ts'
import { paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { auditViewOf } from '../views/audit.ts'
import { present } from '../views/present.ts'

export const listAudit = defineRoute({
  method: 'GET',
  path: '/audit',
  summary: 'Who changed what, newest first',
  role: 'viewer',
  query: z.strictObject({ ...paging }),
  response: pageOf('AuditPage', auditView),
  async handler({ backend, query }) {
    const page = await backend.state.auditLog(present(query))
    return { ...page, items: page.items.map(auditViewOf) }
  },
})
