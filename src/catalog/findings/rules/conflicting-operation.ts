import { callCount, defineFindingRule } from '../rule.ts'

const call = (header: string) => ({
  title: `Mcp-Method: ${header}`,
  request: {
    method: 'POST',
    target: '/mcp',
    headers: { 'content-type': 'application/json', 'mcp-method': header },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'refund', arguments: {} } },
  },
  response: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { jsonrpc: '2.0', id: 1, result: {} },
  },
})

export const conflictingOperation = defineFindingRule({
  id: 'conflicting-operation',
  title: 'Header and body name different operations',
  summary:
    'A request whose header (`Mcp-Method`, `Mcp-Name`, `SOAPAction`) names another operation than its body was accepted. What checks the header lets pass what the body asks for.',
  owasp: ['API5:2023', 'API8:2023'],
  call: ({ match, succeeded }) =>
    succeeded
      ? (match.operation?.conflicts ?? []).map(({ at, says }) => ({
          subject: at,
          expected: 'the same operation in both',
          observed: says === '' ? 'no header' : 'another operation in the header',
        }))
      : [],
  severity: ({ observed }) => (observed === 'no header' ? 'medium' : 'high'),
  why: ({ calls, observed, subject }) =>
    `${callCount(calls)} with ${observed} (\`${subject.slice(subject.indexOf(':') + 1)}\`) succeeded. A gateway or an authorisation check that reads the header decides about an operation that is not the one carried out.`,
  fix: () => 'Refuse requests whose header and body differ, before anything is carried out.',
  examples: {
    fires: [[call('tools/list')]],
    quiet: [[call('tools/call')], [{ ...call('tools/list'), response: { status: 400 } }]],
  },
})
