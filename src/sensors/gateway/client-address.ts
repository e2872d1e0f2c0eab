import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { SallyportError } from '../../kit/error.ts'

/** How many hops of a forwarding header are looked at, from the right. */
const maxHops = 32

/** `::ffff:192.0.2.1` is 192.0.2.1; everything else stays as it is. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address
}

/** Who is the client, when some of the peers are proxies whose word is taken. */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly empty: boolean

  /** Takes CIDRs and single addresses; throws `config/invalid` for anything else. */
  constructor(ranges: readonly string[]) {
    this.empty = ranges.length === 0
    for (const range of ranges) this.#add(range)
  }

  #add(range: string): void {
    const slash = range.indexOf('/')
    const address = slash === -1 ? range : range.slice(0, slash)
    const bits = slash === -1 ? (isIPv6(address) ? 128 : 32) : Number(range.slice(slash + 1))
    const most = isIPv6(address) ? 128 : 32
    if (isIP(address) === 0 || !Number.isInteger(bits) || bits < 0 || bits > most) {
      throw new SallyportError('config/invalid', `“${range}” is not an address range.`, {
        where: 'trustedProxies',
        mend: 'Write ranges like 10.0.0.0/8 or fd00::/8.',
      })
    }
    this.#list.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4')
  }

  trusts(address: string): boolean {
    if (this.empty) return false
    if (isIPv4(address)) return this.#list.check(address, 'ipv4')
    return isIPv6(address) && this.#list.check(address, 'ipv6')
  }

  /**
   * The believable hops, client first: the right-most address that is not a trusted proxy and every trusted one after
   * it. What stands to the left of that was written by the client itself and is dropped. Only `peer` when the peer is
   * not trusted or names nobody.
   *
   * @param peer address of the socket
   * @param hops addresses as the forwarding header lists them, left to right
   */
  chain(peer: string, hops: readonly string[]): string[] {
    const chain = [peer]
    if (!this.trusts(peer)) return chain
    for (let index = hops.length - 1; index >= 0 && chain.length < maxHops; index -= 1) {
      const hop = hopAddress(hops[index] ?? '')
      // A hop that is no address ends what can be followed.
      if (hop === undefined) break
      chain.unshift(hop)
      if (!this.trusts(hop)) break
    }
    return chain
  }
}

/** The address of one hop: bare, `[v6]`, with a port, or quoted; undefined for `unknown` and obfuscated names. */
export function hopAddress(hop: string): string | undefined {
  let text = hop.trim()
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) text = text.slice(1, -1)
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    if (end === -1) return undefined
    text = text.slice(1, end)
  } else if (text.includes('.')) {
    const colon = text.indexOf(':')
    if (colon > 0 && !text.startsWith('::')) text = text.slice(0, colon)
  }
  return isIP(text) === 0 ? undefined : plainAddress(text.toLowerCase())
}

/** The `for` parameters of a `Forwarded` header (RFC 7239), left to right; an element without one is an unknown hop. */
export function forwardedHops(value: string): string[] {
  return value.split(',').map(element => {
    for (const pair of element.split(';')) {
      const equals = pair.indexOf('=')
      if (equals !== -1 && pair.slice(0, equals).trim().toLowerCase() === 'for')
        return pair.slice(equals + 1).trim()
    }
    return ''
  })
}
