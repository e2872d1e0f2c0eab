import type { ApiCall } from '../../src/call/api-call.ts'
import type { Json } from '../../src/call/content.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { callId, type PrincipalId } from '../../src/kit/id.ts'

export interface Answered {
  readonly host: string
  readonly method: string
  readonly path: string
  /** JSON; an empty body when absent. */
  readonly answer?: Json | undefined
  /** 200 when absent. */
  readonly status?: number | undefined
  /** What a sensor knew of its template. */
  readonly route?: string | undefined
}

/** A call without a body as a sensor hands it on, `index` seconds after the first. */
export function answeredCall(
  { host, method, path, answer, status = 200, route }: Answered,
  index: number,
): ApiCall {
  return {
    type: 'call',
    id: callId(`c-${index}`),
    time: 1_700_000_000_000 + index * 1000,
    source: { ip: '203.0.113.7' },
    destination: { host },
    request: {
      method,
      target: path,
      path,
      query: [],
      httpVersion: '1.1',
      headers: [],
      content: { kind: 'empty' },
      bodySize: 0,
      bodyTruncated: false,
      ...(route === undefined ? {} : { route }),
    },
    response: {
      status,
      headers: [],
      content: answer === undefined ? { kind: 'empty' } : { kind: 'json', value: answer },
      bodySize: 0,
      bodyTruncated: false,
    },
    credentials: [],
  }
}

/** Who makes the call of that index where `count` users take turns. */
export function userInTurn(index: number, count: number): Identity {
  const name = `u${index % count}`
  return {
    principal: `user:${name}` as PrincipalId,
    kind: 'user',
    name,
    roles: [],
    claims: {},
    confidence: 1,
    device: 'd',
    evidence: 'JWT subject',
  }
}
