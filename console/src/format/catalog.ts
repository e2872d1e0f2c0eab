import type { EndpointView } from '../api/types.ts'
import { isOpen } from './endpoint.ts'
import { count, listed, plural } from './number.ts'

/** The catalog in a sentence: how much there is, and what of it is not as it should be. */
export function catalogSentence(endpoints: readonly EndpointView[]): string {
  const tally = (inventory: string): number =>
    endpoints.filter(endpoint => endpoint.inventory === inventory).length
  const shadow = tally('shadow')
  const zombie = tally('zombie')
  const candidate = tally('candidate')
  const open = endpoints.filter(
    endpoint => isOpen(endpoint) && endpoint.dataClasses.response.length > 0,
  ).length
  const parts = [
    shadow > 0 ? `${count(shadow)} undocumented` : '',
    zombie > 0 ? plural(zombie, 'zombie') : '',
    candidate > 0 ? `${count(candidate)} not yet certain` : '',
    open > 0
      ? `${count(open)} that ${open === 1 ? 'returns' : 'return'} personal or secret data without authentication`
      : '',
  ].filter(Boolean)
  return parts.length === 0
    ? `${plural(endpoints.length, 'endpoint')}.`
    : `${plural(endpoints.length, 'endpoint')}: ${listed(parts, 6)}.`
}
