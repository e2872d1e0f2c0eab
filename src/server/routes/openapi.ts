import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { answer } from '../schemas/registry.ts'

const documentView = answer(
  'OpenApiDocument',
  z.looseObject({ openapi: z.string(), info: z.unknown(), paths: z.record(z.string(), z.unknown()) }),
)

export const openapi = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  role: 'viewer',
  response: documentView,
  async handler({ openapi: document }) {
    return document() as z.output<typeof documentView>
  },
})
