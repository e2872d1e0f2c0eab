import { type CallRequest, type CallResponse, headerOf } from '../../call/api-call.ts'
import type { Content } from '../../call/content.ts'
import { workloadName } from '../../call/workload.ts'
import type { StoredCall } from '../../store/ports/call-store.ts'
import type { CallView } from '../api/call.ts'
import { optional } from './optional.ts'
import { stamp } from './stamp.ts'

/** As in a list: without headers, bodies and credentials. */
export function callViewOf(stored: StoredCall): CallView {
  const { call } = stored
  const { verdict } = call
  return {
    id: call.id,
    time: stamp(call.time),
    ...optional('durationMs', call.durationMs),
    method: call.request.method,
    host: call.destination.host,
    target: call.request.target,
    ...optional('status', call.response?.status),
    endpoint: stored.endpoint,
    principal: stored.principal,
    ...optional('tenant', stored.tenant),
    ...optional('ip', call.source.ip),
    ...optional('userAgent', headerOf(call.request.headers, 'user-agent')),
    ...optional('callerWorkload', workloadName(call.source.workload ?? {})),
    ...optional('workload', workloadName(call.destination.workload ?? {})),
    requestBytes: call.request.bodySize,
    responseBytes: call.response?.bodySize ?? 0,
    detectors: stored.detectors,
    ...optional(
      'verdict',
      verdict === undefined
        ? undefined
        : {
            decisionId: verdict.decisionId,
            action: verdict.action,
            ...optional('policy', verdict.policy),
          },
    ),
  }
}

/** With headers, bodies and credentials as they were kept: redacted at the sensor. */
export function callDetailViewOf(stored: StoredCall): CallView {
  const { call } = stored
  return {
    ...callViewOf(stored),
    request: messageOf(call.request),
    ...optional('response', call.response === undefined ? undefined : messageOf(call.response)),
    credentials: call.credentials.map(({ scheme, at, fingerprint, claims, verification }) => ({
      scheme,
      at,
      fingerprint,
      ...optional('claims', claims),
      verification,
    })),
  }
}

function messageOf({ headers, content, bodyTruncated }: CallRequest | CallResponse) {
  return { headers, ...optional('body', bodyText(content)), bodyTruncated }
}

function bodyText(content: Content): string | undefined {
  switch (content.kind) {
    case 'json':
    case 'form':
    case 'multipart':
      return JSON.stringify(content.value)
    case 'text':
    case 'malformed':
      return content.text
    case 'empty':
    case 'binary':
      return undefined
  }
}
