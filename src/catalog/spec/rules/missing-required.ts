import { callCount, defineDriftRule, sided, subjectText } from '../rule.ts'

const orders = `paths:
  /orders:
    get:
      parameters: [{ name: shop, in: query, required: true, schema: { type: string } }]
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: integer } } } } }
`

export const missingRequired = defineDriftRule({
  id: 'missing-required',
  title: 'Required parameter or field missing',
  summary: 'A call succeeded without a parameter or field that the specification calls required.',
  owasp: ['API9:2023'],
  folds: true,
  call: ({ deviations }) =>
    deviations.flatMap(one =>
      one.kind === 'missing' ? [{ ...one, subject: sided(one.side, one.subject) }] : [],
    ),
  severity: ({ subject }) => (subject.startsWith('response:') ? 'medium' : 'low'),
  why: ({ subject, calls }) =>
    `The ${subjectText(subject)} is required, and ${callCount(calls)} succeeded without it.`,
  fix: ({ subject }) =>
    subject.startsWith('response:')
      ? 'Send it always, or call it optional.'
      : 'Reject requests without it, or call it optional.',
  examples: {
    fires: [
      { specification: orders, calls: [{ request: 'GET /orders', answer: { id: 1 } }] },
      { specification: orders, calls: [{ request: 'GET /orders?shop=a', answer: {} }] },
    ],
    quiet: [{ specification: orders, calls: [{ request: 'GET /orders?shop=a', answer: { id: 1 } }] }],
  },
})
