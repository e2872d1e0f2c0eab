import { z } from 'zod'
import { exportOpenApi } from '../../catalog/openapi/export.ts'
import { defineRoute } from '../route.ts'
import { name } from '../schemas/params.ts'
import { answer } from '../schemas/registry.ts'

const catalogDocument = answer(
  'CatalogDocument',
  z.looseObject({ openapi: z.string(), info: z.unknown(), paths: z.record(z.string(), z.unknown()) }),
)

export const exportCatalog = defineRoute({
  method: 'GET',
  path: '/exports/openapi',
  summary: 'The catalog as one OpenAPI 3.1 document, as it was learned from traffic',
  role: 'viewer',
  query: z.strictObject({
    host: name.optional().describe('Only endpoints of this host.'),
    candidates: z
      .enum(['true', 'false'])
      .optional()
      .describe('Also what has too little evidence to be called an endpoint.'),
  }),
  response: catalogDocument,
  async handler({ backend, query }) {
    const { host, candidates } = query
    const endpoints = backend.endpoints().filter(endpoint => host === undefined || endpoint.host === host)
    return exportOpenApi(endpoints, { candidates: candidates === 'true' }) as z.output<typeof catalogDocument>
  },
})
