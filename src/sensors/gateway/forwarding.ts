import { isIPv6 } from 'node:net'
import { forwardedHops, type TrustedProxies } from './client-address.ts'
import type { HeaderPair } from './header-pair.ts'

/** What the peers before us say about the client, cut down to what can be believed. */
export interface Forwarding {
  /** Believable hops, client first, our peer last. */
  readonly chain: readonly string[]
  readonly proto: string
  readonly host: string
}

/**
 * Reads `X-Forwarded-*` and `Forwarded` of a trusted peer; of any other peer nothing is believed. Where both name the
 * hops, `X-Forwarded-For` counts, and what goes on is written anew from it, so the two cannot disagree upstream.
 *
 * @param own how the peer itself is connected
 */
export function readForwarding(
  peer: string,
  host: string,
  headers: readonly HeaderPair[],
  trusted: TrustedProxies,
  own: 'http' | 'https',
): Forwarding {
  if (!trusted.trusts(peer)) return { chain: [peer], proto: own, host }
  let hops: string[] | undefined
  let forwarded: string[] | undefined
  let proto: string = own
  let asked = host
  for (const [name, value] of headers) {
    if (name === 'x-forwarded-for') hops = [...(hops ?? []), ...value.split(',')]
    else if (name === 'forwarded') forwarded = [...(forwarded ?? []), ...forwardedHops(value)]
    else if (name === 'x-forwarded-proto') proto = lastOf(value)?.toLowerCase() === 'https' ? 'https' : 'http'
    else if (name === 'x-forwarded-host') asked = lastOf(value) ?? asked
  }
  return {
    chain: trusted.chain(peer, hops ?? forwarded ?? []),
    proto,
    host: isHostText(asked) ? asked : host,
  }
}

/** The forwarding headers for the upstream, as name, value, name, value … */
export function forwardingHeaders(forwarding: Forwarding): string[] {
  const { chain, proto, host } = forwarding
  const elements = chain.map(
    (hop, index) =>
      `for=${isIPv6(hop) ? `"[${hop}]"` : hop}${index === 0 ? `;host="${host}";proto=${proto}` : ''}`,
  )
  return [
    'X-Forwarded-For',
    chain.join(', '),
    'X-Forwarded-Proto',
    proto,
    'X-Forwarded-Host',
    host,
    'Forwarded',
    elements.join(', '),
  ]
}

function lastOf(list: string): string | undefined {
  const last = list.slice(list.lastIndexOf(',') + 1).trim()
  return last === '' ? undefined : last
}

const isHostText = (text: string): boolean => /^[A-Za-z0-9._:[\]-]+$/.test(text)
