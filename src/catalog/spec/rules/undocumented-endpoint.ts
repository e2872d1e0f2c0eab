import { callCount, defineDriftRule } from '../rule.ts'

const orders = `paths:
  /orders:
    get: { responses: { '200': { description: ok } } }
`

export const undocumentedEndpoint = defineDriftRule({
  id: 'undocumented-endpoint',
  title: 'Endpoint in no specification',
  summary: 'An endpoint answers that none of the given specifications has.',
  owasp: ['API9:2023'],
  endpoint: endpoint =>
    endpoint.inventory === 'shadow'
      ? [{ subject: '', expected: 'in a specification', observed: 'answers' }]
      : [],
  severity: ({ endpoint }) =>
    endpoint !== undefined &&
    endpoint.exposure === 'external' &&
    (endpoint.dataClasses.response.length > 0 || endpoint.auth.includes('none'))
      ? 'high'
      : 'medium',
  why: ({ calls, endpoint }) =>
    `Answered ${callCount(calls)}, in no specification${
      endpoint === undefined || endpoint.dataClasses.response.length === 0
        ? ''
        : `; answers with ${endpoint.dataClasses.response.join(', ')}`
    }. What nobody documented, nobody reviews, tests or retires.`,
  fix: () => 'Add it to the specification, or take it down.',
  examples: {
    fires: [
      {
        specification: orders,
        calls: Array.from({ length: 6 }, () => ({ request: 'GET /debug/users', answer: { users: [] } })),
      },
    ],
    quiet: [
      { specification: orders, calls: Array.from({ length: 6 }, () => ({ request: 'GET /orders' })) },
      {
        specification: orders,
        calls: Array.from({ length: 6 }, () => ({ request: 'GET /.env', status: 404 })),
      },
    ],
  },
})
