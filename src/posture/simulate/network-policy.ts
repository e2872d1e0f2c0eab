import type { Attempt, ConnectAttempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import type { Party } from '../party.ts'
import { inCidr, someOutsideAddress } from './cidr.ts'
import { fields, items, selects, texts } from './selector.ts'
import type { Verdict } from './verdict.ts'

/** What a NetworkPolicy says to an attempt, by the words of its definition. */
export function networkPolicyVerdict(document: ManifestDocument, attempt: Attempt): Verdict {
  if (attempt.does !== 'connect') return 'silent'
  const spec = fields(document.spec)
  const namespace = document.metadata.namespace
  const types = texts(spec.policyTypes)
  const chosen = (party: Party): boolean =>
    party.kind === 'workload' &&
    (namespace === undefined || party.namespace === namespace) &&
    selects(spec.podSelector, party.labels ?? {})
  const verdicts: boolean[] = []
  if (types.includes('Ingress') && chosen(attempt.to))
    verdicts.push(items(spec.ingress).some(rule => fits(rule, 'from', attempt.from, attempt, namespace)))
  if (types.includes('Egress') && chosen(attempt.from))
    verdicts.push(items(spec.egress).some(rule => fits(rule, 'to', attempt.to, attempt, namespace)))
  return verdicts.length === 0 ? 'silent' : verdicts.every(Boolean) ? 'allows' : 'denies'
}

function fits(
  rule: unknown,
  side: 'from' | 'to',
  party: Party,
  attempt: ConnectAttempt,
  namespace: string | undefined,
): boolean {
  const peers = fields(rule)[side]
  const ports = fields(rule).ports
  const peerFits = items(peers).length === 0 || items(peers).some(peer => isPeer(peer, party, namespace))
  const portFits = items(ports).length === 0 || items(ports).some(port => isPort(port, attempt))
  return peerFits && portFits
}

function isPort(entry: unknown, { port, transport }: ConnectAttempt): boolean {
  const { port: first, endPort, protocol = 'TCP' } = fields(entry)
  if (protocol !== transport) return false
  if (port === undefined || first === undefined) return true
  return typeof endPort === 'number' ? port >= Number(first) && port <= endPort : port === first
}

function isPeer(peer: unknown, party: Party, namespace: string | undefined): boolean {
  const { ipBlock, podSelector, namespaceSelector } = fields(peer)
  if (ipBlock !== undefined) {
    const { cidr, except } = fields(ipBlock)
    const addresses = party.kind === 'outside' ? [someOutsideAddress] : (party.addresses ?? [])
    return addresses.some(
      address => inCidr(address, String(cidr)) && !texts(except).some(one => inCidr(address, one)),
    )
  }
  if (party.kind !== 'workload') return false
  const near =
    namespaceSelector === undefined
      ? namespace === undefined || party.namespace === namespace
      : selects(
          namespaceSelector,
          party.namespace === undefined ? {} : { 'kubernetes.io/metadata.name': party.namespace },
        )
  return near && (podSelector === undefined || selects(podSelector, party.labels ?? {}))
}
