import { callCount, defineDriftRule, sided, subjectText } from '../rule.ts'

const orders = `paths:
  /orders:
    post:
      parameters: [{ name: dry, in: query, schema: { type: boolean } }]
      requestBody: { content: { application/json: { schema: { type: object, properties: { item: { type: string } } } } } }
      responses: { '200': { description: ok } }
`

export const undocumentedParameter = defineDriftRule({
  id: 'undocumented-parameter',
  title: 'Parameter in no specification',
  summary: 'A call succeeded with a query parameter, header or body field that its operation does not name.',
  owasp: ['API3:2023', 'API9:2023'],
  call: ({ deviations }) =>
    deviations.flatMap(one =>
      one.kind === 'undocumented' && one.side === 'request'
        ? [{ ...one, subject: sided('request', one.subject) }]
        : [],
    ),
  severity: ({ dataClasses, subject }) =>
    dataClasses.length > 0 || subject.startsWith('request:') ? 'medium' : 'low',
  why: ({ subject, calls, dataClasses }) =>
    `The ${subjectText(subject)} was sent in ${callCount(calls)} that succeeded, and the specification does not know it${
      dataClasses.length === 0 ? '' : `; it carries ${dataClasses.join(', ')}`
    }. An accepted field that nobody reviewed is how mass assignment begins.`,
  fix: ({ subject }) => `Document the ${subjectText(subject)}, or reject requests that carry it.`,
  examples: {
    fires: [
      { specification: orders, calls: [{ request: 'POST /orders?debug=1', body: { item: 'a' } }] },
      { specification: orders, calls: [{ request: 'POST /orders', body: { item: 'a', admin: true } }] },
    ],
    quiet: [
      { specification: orders, calls: [{ request: 'POST /orders?dry=true', body: { item: 'a' } }] },
      { specification: orders, calls: [{ request: 'POST /orders?debug=1', status: 400, body: {} }] },
    ],
  },
})
