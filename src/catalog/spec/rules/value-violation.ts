import { callCount, defineDriftRule, sided, subjectText } from '../rule.ts'

const orders = `paths:
  /orders:
    get:
      parameters: [{ name: state, in: query, schema: { type: string, enum: [open, paid] } }]
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { due: { type: string, format: date }, rows: { type: integer, maximum: 50 }, code: { type: string, pattern: '^[A-Z]{2}(?:-[0-9]+)+$' } } } } }
`

export const valueViolation = defineDriftRule({
  id: 'value-violation',
  title: 'Value outside its enumeration, bounds or format',
  summary:
    'A value is of the right type, but not one of those listed, not of the format or pattern named, or beyond a bound: of a number, a length or a list.',
  owasp: ['API9:2023'],
  folds: true,
  call: ({ deviations }) =>
    deviations.flatMap(one =>
      one.kind === 'value' ? [{ ...one, subject: sided(one.side, one.subject) }] : [],
    ),
  severity: () => 'low',
  why: ({ subject, calls, expected }) =>
    `The ${subjectText(subject)} should be ${expected}; ${callCount(calls)} had another value and succeeded.`,
  fix: ({ subject }) =>
    subject.startsWith('response:')
      ? 'Add the value to the specification, or stop sending it.'
      : 'Reject such values, or add them to the specification.',
  examples: {
    fires: [
      { specification: orders, calls: [{ request: 'GET /orders?state=lost' }] },
      { specification: orders, calls: [{ request: 'GET /orders', answer: { due: 'tomorrow' } }] },
      { specification: orders, calls: [{ request: 'GET /orders', answer: { rows: 51 } }] },
      { specification: orders, calls: [{ request: 'GET /orders', answer: { code: 'NL-12-' } }] },
    ],
    quiet: [
      {
        specification: orders,
        calls: [
          { request: 'GET /orders?state=paid', answer: { due: '2026-01-31', rows: 50, code: 'NL-12-3' } },
        ],
      },
    ],
  },
})
