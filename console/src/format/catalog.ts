import type { EndpointView } from '../../../src/server/api/endpoint.ts'
import { isOpen } from './endpoint.ts'
import { count, listed, plural } from './number.ts'

/** The catalog in a sentence: how much there is, and what of it is not as it should be. */
export function catalogSentence(endpoints: readonly EndpointView[]): string {
  let seen = 0
  let unowned = 0
  let open = 0
  let labelled = false
  const tally = new Map<string, number>()
  for (const endpoint of endpoints) {
    tally.set(endpoint.inventory, (tally.get(endpoint.inventory) ?? 0) + 1)
    if (endpoint.inventory === 'orphan') continue
    seen += 1
    labelled ||= endpoint.labels !== undefined
    if (endpoint.labels?.owner === undefined) unowned += 1
    if (isOpen(endpoint) && endpoint.dataClasses.response.length > 0) open += 1
  }
  const of = (inventory: string): number => tally.get(inventory) ?? 0
  const parts = [
    of('shadow') > 0 ? `${count(of('shadow'))} undocumented` : '',
    of('zombie') > 0 ? plural(of('zombie'), 'zombie') : '',
    of('orphan') > 0 ? `${count(of('orphan'))} specified but never called` : '',
    of('candidate') > 0 ? `${count(of('candidate'))} not yet certain` : '',
    labelled && unowned > 0 ? `${unowned === seen ? 'all' : count(unowned)} without an owner` : '',
    open > 0
      ? `${count(open)} that ${open === 1 ? 'returns' : 'return'} personal or secret data without authentication`
      : '',
  ].filter(Boolean)
  if (endpoints.length === 0) return 'No endpoint was seen yet.'
  return parts.length === 0
    ? `${plural(seen, 'endpoint')}.`
    : `${plural(seen, 'endpoint')}: ${listed(parts, 6)}.`
}
