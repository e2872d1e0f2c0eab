import type { ApiCall } from '../api-call.ts'
import type { RawBody } from '../raw-exchange.ts'
import { Redactor } from '../redactor.ts'
import { sealCall } from '../seal-call.ts'
import type { ProtocolExample } from './protocol.ts'

const redactor = new Redactor({ key: new Uint8Array(32).fill(7) })

const bodyOf = (body: unknown): { readonly body?: RawBody } => {
  if (body === undefined) return {}
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8')
  return { body: { bytes, size: bytes.length, truncated: false } }
}

/** An example as the call that a sensor would have made of it. */
export function exampleCall({ request, response }: Pick<ProtocolExample, 'request' | 'response'>): ApiCall {
  return sealCall(
    {
      id: 'example',
      time: Date.UTC(2026, 2, 2, 9),
      source: { ip: '198.51.100.7' },
      destination: { host: 'api.shop.example' },
      request: {
        method: request.method,
        target: request.target,
        httpVersion: '1.1',
        headers: Object.entries(request.headers ?? {}),
        ...bodyOf(request.body),
      },
      ...(response === undefined
        ? {}
        : {
            response: {
              status: response.status,
              headers: Object.entries(response.headers ?? {}),
              ...bodyOf(response.body),
            },
          }),
    },
    redactor,
  )
}
