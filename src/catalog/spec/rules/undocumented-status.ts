import { responseFor } from '../judge-call.ts'
import { callCount, defineDriftRule } from '../rule.ts'

const orders = `paths:
  /orders:
    post: { responses: { '201': { description: made } } }
`

/** Answers of anything in front of an API, or of a failing one: no specification lists them all. */
const anybodys = new Set([
  304, 400, 401, 403, 404, 405, 406, 408, 410, 411, 412, 413, 414, 415, 416, 417, 421, 429, 431,
])

export const undocumentedStatus = defineDriftRule({
  id: 'undocumented-status',
  title: 'Status in no specification',
  summary:
    'An operation answers with a status it does not list. Refusals that any proxy may give, and server errors, are not drift.',
  owasp: ['API9:2023'],
  call: ({ call, bound }) => {
    const status = call.response?.status
    const { exhaustive, responses } = bound.operation
    if (!exhaustive || status === undefined || responses.size === 0) return []
    if (status < 200 || status >= 500 || anybodys.has(status)) return []
    return responseFor(responses, status) === undefined
      ? [
          {
            subject: `status:${status}`,
            expected: [...responses.keys()].slice(0, 12).join(', '),
            observed: String(status),
          },
        ]
      : []
  },
  severity: ({ observed }) => (observed.startsWith('2') ? 'medium' : 'low'),
  why: ({ calls, expected, observed }) =>
    `Answered ${callCount(calls)} with ${observed}; the specification lists ${expected}.`,
  fix: ({ observed }) => `Document the answer ${observed} with its schema, or do not give it.`,
  examples: {
    fires: [{ specification: orders, calls: [{ request: 'POST /orders', status: 202 }] }],
    quiet: [
      { specification: orders, calls: [{ request: 'POST /orders', status: 201 }] },
      { specification: orders, calls: [{ request: 'POST /orders', status: 403 }] },
    ],
  },
})
