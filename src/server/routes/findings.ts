import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'

export const listFindings = defineRoute({
  method: 'GET',
  path: '/findings',
  summary: 'Posture findings: always empty in this version, which has no posture rules',
  role: 'viewer',
  query: z.strictObject({ ...paging }),
  response: pageOf('FindingPage', z.never()),
  async handler() {
    return { items: [] }
  },
})
