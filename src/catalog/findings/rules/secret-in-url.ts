import { readMask } from '../../../call/mask.ts'
import { callCount, defineFindingRule } from '../rule.ts'
import { namesSession, provesNothing } from '../session-name.ts'

const get = (target: string, status = 200) => ({
  title: `GET ${target}`,
  request: { method: 'GET', target },
  response: { status, headers: { 'content-type': 'application/json' }, body: { ok: true } },
})

/** What a signed address carries so that it needs nothing else. */
const signatures: ReadonlySet<string> = new Set(['signature'])

const secretIn = (name: string, value: string): string | undefined => {
  const mask = readMask(value)
  if (mask === undefined || signatures.has(mask.what)) return undefined
  if (mask.what === 'session' && !namesSession(name)) return undefined
  return mask.what === 'token' && provesNothing(name) ? undefined : mask.what
}

export const secretInUrl = defineFindingRule({
  id: 'secret-in-url',
  title: 'Secret in the URL',
  summary:
    'A password, key or token that is not the call’s own credential stands in the path or the query string, where every log and history keeps it.',
  owasp: ['API8:2023'],
  call: ({ call, match, succeeded }) => {
    if (!succeeded || (call.request.query.length === 0 && match.params.length === 0)) return []
    const own = new Set(call.credentials.map(({ at }) => at.toLowerCase()))
    const query = call.request.query.flatMap(([name, value]) => {
      const what = own.has(`query:${name.toLowerCase()}`) ? undefined : secretIn(name, value)
      return what === undefined
        ? []
        : [{ subject: `query:${name}`.slice(0, 200), expected: 'no secret', observed: what }]
    })
    const path = match.params.flatMap(([name, value]) => {
      const what = secretIn(name, value)
      return what === undefined ? [] : [{ subject: `path:${name}`, expected: 'no secret', observed: what }]
    })
    return [...query, ...path]
  },
  severity: ({ endpoint, observed }) =>
    endpoint?.exposure === 'external' && observed === 'password' ? 'high' : 'medium',
  why: ({ calls, observed, subject }) =>
    `${callCount(calls)} carried a secret (${observed}) in the ${subject.startsWith('path:') ? 'path' : 'query'} (\`${subject.slice(subject.indexOf(':') + 1)}\`) and succeeded.`,
  fix: () => 'Send it in the body of a POST or in a header, and replace what was sent so.',
  examples: {
    fires: [[get('/login?user=ada&password=correct-horse-7')]],
    quiet: [
      [get('/login?user=ada')],
      [get('/tasks?WorkflowSid=WW5a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d')],
      [get('/versions?clientToken=5a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d')],
      [get('/login?user=ada&password=correct-horse-7', 400)],
    ],
  },
})
