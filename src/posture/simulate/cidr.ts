import { BlockList, isIPv6 } from 'node:net'

/** Whether an address lies in a block such as `10.0.0.0/8`. */
export function inCidr(address: string, cidr: string): boolean {
  const slash = cidr.lastIndexOf('/')
  const network = cidr.slice(0, slash)
  const family = isIPv6(network) ? 'ipv6' : 'ipv4'
  if (isIPv6(address) !== (family === 'ipv6')) return false
  const list = new BlockList()
  list.addSubnet(network, Number(cidr.slice(slash + 1)), family)
  return list.check(address, family)
}

/** An address of nobody in particular outside (RFC 5737 gives it to examples). */
export const someOutsideAddress = '198.51.100.7'
