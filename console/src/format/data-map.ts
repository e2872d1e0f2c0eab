import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import { decimal, percent } from './number.ts'

type Endpoint = Pick<EndpointDetailView, 'calls' | 'messages' | 'requestSchema' | 'responseSchemas'>
type Field = EndpointDetailView['dataMap'][number]

/** Places outside the body begin with where they are. */
const outsideBody = /^(?:path|query|header|cookie):/

/** Bodies of one side that were learned from. */
function bodies(endpoint: Endpoint, side: Field['side']): number {
  const { messages } = endpoint
  if (messages !== undefined) {
    const learned = side === 'request' ? messages.requests : messages.responses
    return learned.reduce((sum, { seen }) => sum + seen, 0)
  }
  return side === 'request'
    ? (endpoint.requestSchema?.seen ?? 0)
    : Object.values(endpoint.responseSchemas).reduce((sum, { seen }) => sum + seen, 0)
}

/**
 * How much of the traffic carries a field's data: `in 34 % of requests`, `3.2 per answer` where a list holds several. Empty
 * where nothing is known to compare with.
 */
export function shareText(endpoint: Endpoint, field: Field): string {
  const whole = outsideBody.test(field.field) ? endpoint.calls : bodies(endpoint, field.side)
  if (whole === 0 || field.values === 0) return ''
  const share = field.values / whole
  const [one, many] = field.side === 'request' ? ['request', 'requests'] : ['answer', 'answers']
  if (share > 1.05) return `${decimal(share)} per ${one}`
  return share >= 0.995 ? `in every ${one}` : `in ${percent(share)} of ${many}`
}

/** Where in a message a field is, and its name there: `query` and `q`; a body's fields have no place of their own. */
export function fieldPlace(field: string): { readonly place?: string; readonly name: string } {
  const at = outsideBody.exec(field)?.[0]
  return at === undefined ? { name: field } : { place: at.slice(0, -1), name: field.slice(at.length) }
}
