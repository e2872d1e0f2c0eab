import { z } from 'zod'
import { severities } from '../../kit/severity.ts'
import { defineRoute } from '../route.ts'
import { name } from '../schemas/params.ts'
import { answer, pageOf } from '../schemas/registry.ts'

const findingView = answer(
  'Finding',
  z.object({
    id: z.string(),
    rule: z.string(),
    severity: z.enum(severities),
    endpoint: z.string(),
    title: z.string(),
    why: z.string(),
    fix: z.string(),
    owasp: z.array(z.string()),
    evidence: z.array(z.string()).describe('Ids of calls that show it.'),
  }),
)

export const listFindings = defineRoute({
  method: 'GET',
  path: '/findings',
  summary: 'What should be mended, most severe first: where traffic differs from the specifications',
  role: 'viewer',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Items per page.'),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/, 'is not of a page of findings')
      .optional()
      .describe('From the page before.'),
    rule: name.optional(),
    endpoint: name.optional(),
    severity: z.enum(severities).optional(),
  }),
  response: pageOf('FindingPage', findingView),
  async handler({ backend, query }) {
    const all = backend
      .findings()
      .filter(
        one =>
          (query.rule === undefined || one.rule === query.rule) &&
          (query.endpoint === undefined || one.endpoint === query.endpoint) &&
          (query.severity === undefined || one.severity === query.severity),
      )
    const from = Number(query.cursor ?? 0)
    const items = all.slice(from, from + query.limit).map(one => ({
      ...one,
      owasp: [...one.owasp],
      evidence: [...one.evidence],
    }))
    const next = from + items.length
    return next < all.length ? { items, cursor: String(next) } : { items }
  },
})
