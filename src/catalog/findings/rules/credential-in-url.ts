import { callCount, defineFindingRule } from '../rule.ts'
import { namesSession } from '../session-name.ts'

const get = (target: string, headers: Readonly<Record<string, string>> = {}, status = 200) => ({
  title: `GET ${target}`,
  request: { method: 'GET', target, headers },
  response: { status, headers: { 'content-type': 'application/json' }, body: { orders: [] } },
})

export const credentialInUrl = defineFindingRule({
  id: 'credential-in-url',
  title: 'Credential in the URL',
  summary:
    'A token, key or session is taken from the query string. Addresses end up in access logs, histories, proxies and the `Referer` of the next page.',
  owasp: ['API2:2023', 'API8:2023'],
  call: ({ call, succeeded }) =>
    succeeded
      ? call.credentials.flatMap(({ at, scheme }) =>
          // A signed address is made to be handed on, and ends by itself.
          at.startsWith('query:') &&
          scheme !== 'signature' &&
          (scheme !== 'session' || namesSession(at.slice('query:'.length)))
            ? [{ subject: at, expected: 'a header', observed: scheme }]
            : [],
        )
      : [],
  severity: ({ endpoint }) => (endpoint?.exposure === 'external' ? 'high' : 'medium'),
  why: ({ calls, observed, subject }) =>
    `${callCount(calls)} carried a credential (${observed}) in the query parameter \`${subject.slice('query:'.length)}\` and succeeded. Every log on the way now holds it.`,
  fix: () => 'Take it from a header, refuse it in the query, and replace the credentials that were sent so.',
  examples: {
    fires: [[get('/orders?api_key=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c')]],
    quiet: [
      [get('/orders', { 'x-api-key': '9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c' })],
      [get('/orders?api_key=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c', {}, 401)],
      [
        get(
          '/files/a.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260302%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T090000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
        ),
      ],
    ],
  },
})
