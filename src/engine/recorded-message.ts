import { type ApiCall, headerOf } from '../call/api-call.ts'
import type { Message } from '../enforce/amendment.ts'
import type { EndpointAbout } from '../policy/endpoint-about.ts'

/**
 * A recorded request or answer as what changes messages takes it: secrets are masks by now, and texts as before. What was no JSON, or was cut
 * off, cannot be changed here either.
 */
export function recordedMessage(
  side: ApiCall['request'] | NonNullable<ApiCall['response']>,
  about: EndpointAbout | undefined,
): Message {
  const { content, bodySize, bodyTruncated } = side
  const type = headerOf(side.headers, 'content-type')
  const headers = type === undefined ? [] : [['content-type', type] as const]
  if (content.kind === 'empty') return { body: undefined, headers, about }
  if (content.kind !== 'json')
    return {
      body: { bytes: new Uint8Array(0), size: Math.max(1, bodySize), truncated: true },
      headers,
      about,
    }
  const bytes = Buffer.from(JSON.stringify(content.value))
  return { body: { bytes, size: bytes.length, truncated: bodyTruncated }, headers, about }
}
