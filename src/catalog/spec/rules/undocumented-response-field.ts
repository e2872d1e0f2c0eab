import { callCount, defineDriftRule, sided, subjectText } from '../rule.ts'

const user = `paths:
  /me:
    get:
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, properties: { id: { type: integer }, extra: { type: object } } } } }
`

export const undocumentedResponseField = defineDriftRule({
  id: 'undocumented-response-field',
  title: 'Response field in no specification',
  summary: 'A successful answer carries a field that its schema does not name.',
  owasp: ['API3:2023'],
  call: ({ deviations }) =>
    deviations.flatMap(one =>
      one.kind === 'undocumented' && one.side === 'response'
        ? [{ ...one, subject: sided('response', one.subject) }]
        : [],
    ),
  severity: ({ dataClasses }) => (dataClasses.length > 0 ? 'high' : 'medium'),
  why: ({ subject, calls, dataClasses }) =>
    `The ${subjectText(subject)} came back in ${callCount(calls)}, and the specification does not name it${
      dataClasses.length === 0 ? '' : `; it carries ${dataClasses.join(', ')}`
    }.`,
  fix: ({ dataClasses }) =>
    dataClasses.length > 0
      ? 'Stop sending it unless clients need it; then document it and who may see it.'
      : 'Document it, or leave it out of the answer.',
  examples: {
    fires: [{ specification: user, calls: [{ request: 'GET /me', answer: { id: 1, password: 'x1' } }] }],
    quiet: [{ specification: user, calls: [{ request: 'GET /me', answer: { id: 1, extra: { any: 1 } } }] }],
  },
})
