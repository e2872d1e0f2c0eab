import { retirementOf } from '../retirement.ts'
import { callCount, defineDriftRule, sided } from '../rule.ts'

const old = `paths:
  /old:
    get: { deprecated: true, responses: { '200': { description: ok } } }
  /new:
    get:
      parameters: [{ name: page, in: query, deprecated: true, schema: { type: integer } }]
      responses: { '200': { description: ok } }
`

export const deprecatedInUse = defineDriftRule({
  id: 'deprecated-in-use',
  title: 'Deprecated endpoint still answers',
  summary:
    'An operation, parameter or field that its specification calls deprecated is still used, or an operation that a newer version no longer has or its own answers (`Deprecation`, RFC 9745; `Sunset`, RFC 8594) declare on the way out still answers with success.',
  owasp: ['API9:2023'],
  call: ({ call, bound, deviations, succeeded }) => {
    if (!succeeded) return []
    const parts = deviations.flatMap(({ kind, side, subject, expected }) =>
      kind === 'deprecated' ? [{ subject: sided(side, subject), expected, observed: 'deprecated' }] : [],
    )
    const retirement = retirementOf(call, bound)
    return retirement === undefined
      ? parts
      : [
          { subject: '', expected: retirement.by, observed: retirement.past ? 'sunset' : 'deprecated' },
          ...parts,
        ]
  },
  severity: ({ observed, endpoint }) =>
    observed === 'sunset' ? (endpoint?.exposure === 'external' ? 'high' : 'medium') : 'low',
  why: ({ calls, expected, observed }) =>
    `${callCount(calls)} still succeeded: ${expected}${observed === 'sunset' ? ', and its end has passed' : ''}.`,
  fix: ({ observed }) =>
    observed === 'sunset'
      ? 'Take it down or answer 410; move the remaining callers first.'
      : 'Set a date for its end (`Sunset`), and move the callers named in the evidence.',
  examples: {
    fires: [
      { specification: old, calls: [{ request: 'GET /old' }] },
      { specification: old, calls: [{ request: 'GET /new?page=2' }] },
      {
        specification: old,
        calls: [{ request: 'GET /new', answerHeaders: [['deprecation', '@1688169599']] }],
      },
    ],
    quiet: [
      { specification: old, calls: [{ request: 'GET /new' }] },
      { specification: old, calls: [{ request: 'GET /old', status: 410 }] },
    ],
  },
})
