import { callCount, defineDriftRule, sided, subjectText } from '../rule.ts'

const order = `paths:
  /orders/{orderId}:
    get:
      parameters: [{ name: orderId, in: path, required: true, schema: { type: integer } }]
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { total: { type: number } } } } }
`

export const typeDrift = defineDriftRule({
  id: 'type-drift',
  title: 'Value of another type than specified',
  summary: 'A parameter or field has another type than its schema says, in a call that succeeded.',
  owasp: ['API9:2023'],
  call: ({ deviations }) =>
    deviations.flatMap(one =>
      one.kind === 'type' ? [{ ...one, subject: sided(one.side, one.subject) }] : [],
    ),
  severity: ({ observed }) => (observed === 'null' ? 'low' : 'medium'),
  why: ({ subject, calls, expected, observed }) =>
    `The ${subjectText(subject)} should be ${expected}; in ${callCount(calls)} it was ${observed}. Clients and checks built from the specification break on it.`,
  fix: ({ expected }) => `Send ${expected} again, or change the specification and its version.`,
  examples: {
    fires: [
      { specification: order, calls: [{ request: 'GET /orders/7', answer: { total: '12.50' } }] },
      { specification: order, calls: [{ request: 'GET /orders/seven', answer: { total: 1 } }] },
    ],
    quiet: [{ specification: order, calls: [{ request: 'GET /orders/7', answer: { total: 12 } }] }],
  },
})
