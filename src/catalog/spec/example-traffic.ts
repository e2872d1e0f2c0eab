import type { ApiCall } from '../../call/api-call.ts'
import type { Json } from '../../call/content.ts'
import type { Credential } from '../../call/credential.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { callId, type Fingerprint } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { Finding } from '../finding.ts'
import { Drift } from './drift.ts'
import { parseSpecification } from './parse.ts'
import type { DriftExample, ExampleCall } from './rule.ts'

const credentials: Readonly<Record<string, Pick<Credential, 'scheme' | 'at'>>> = {
  bearer: { scheme: 'bearer', at: 'header:authorization' },
  'bearer-jwt': { scheme: 'bearer-jwt', at: 'header:authorization' },
  basic: { scheme: 'basic', at: 'header:authorization' },
  'api-key-query': { scheme: 'api-key', at: 'query:api_key' },
  'api-key-header': { scheme: 'api-key', at: 'header:x-api-key' },
}

/** An example's call as a sensor would hand it over: JSON bodies, one caller, one call a second. */
export function exampleCall(example: ExampleCall, index: number): ApiCall {
  const [method = 'GET', target = '/'] = example.request.split(' ')
  const [path = '/', query = ''] = target.split('?')
  const credential = credentials[example.credential ?? 'bearer']
  const content = (value: unknown): ApiCall['request']['content'] =>
    value === undefined ? { kind: 'empty' } : { kind: 'json', value: value as Json }
  return {
    type: 'call',
    id: callId(`c-${index + 1}`),
    time: 1_790_000_000_000 + index * 1000,
    source: { ip: '203.0.113.7' },
    destination: { host: 'api.shop.example' },
    request: {
      method,
      target,
      path,
      query: [...new URLSearchParams(query)],
      httpVersion: '1.1',
      headers: [['content-type', 'application/json']],
      content: content(example.body),
      bodySize: example.body === undefined ? 0 : JSON.stringify(example.body).length,
      bodyTruncated: false,
    },
    response: {
      status: example.status ?? 200,
      headers: [['content-type', 'application/json'], ...(example.answerHeaders ?? [])],
      content: content(example.answer),
      bodySize: 0,
      bodyTruncated: false,
    },
    credentials:
      credential === undefined
        ? []
        : [{ ...credential, fingerprint: 'a'.repeat(32) as Fingerprint, verification: 'unverified' }],
  }
}

/** What the rules find in an example's calls. Throws where its specification cannot be read. */
export function findingsOf(example: DriftExample): readonly Finding[] {
  const source = `openapi: 3.1.0\ninfo: { title: example, version: '1' }\n${example.specification}`
  const { specification, problems } = parseSpecification(source, 'example.yaml')
  if (specification === undefined || problems.length > 0)
    throw new Error(problems[0]?.message ?? 'not a specification')
  const catalog = new Catalog()
  catalog.specify([specification])
  const drift = new Drift()
  catalog.onMerge((from, to) => drift.merged(from, to))
  const sessions = new SessionDirectory()
  example.calls.forEach((one, index) => {
    const call = exampleCall(one, index)
    const match = catalog.observe(call, identify(evidenceOf(call), sessions))
    drift.observe(call, match, catalog.boundOf(match.endpoint))
  })
  return drift.findings(catalog.endpoints(), id => catalog.boundOf(id))
}
