import { BlockList, isIP } from 'node:net'

/** Addresses that nobody outside can send to: RFC 1918, 6598, 3927, 4193, 4291 and loopback. */
const inside = new BlockList()
inside.addSubnet('10.0.0.0', 8)
inside.addSubnet('172.16.0.0', 12)
inside.addSubnet('192.168.0.0', 16)
inside.addSubnet('100.64.0.0', 10)
inside.addSubnet('169.254.0.0', 16)
inside.addSubnet('127.0.0.0', 8)
inside.addSubnet('fc00::', 7, 'ipv6')
inside.addSubnet('fe80::', 10, 'ipv6')
inside.addAddress('::1', 'ipv6')

export const isInside = (address: string): boolean => {
  const version = isIP(address)
  return version !== 0 && inside.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** Does a block hold only addresses that nobody outside has? A block that cannot be read does not. */
export function isInsideBlock(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/')
  const bits = Number(length)
  if (!isInside(address) || !/^\d{1,3}$/.test(length)) return false
  // The wide end of each range that `inside` names.
  if (isIP(address) === 6) return bits >= 7
  return (
    bits >=
    (address.startsWith('10.') || address.startsWith('127.')
      ? 8
      : address.startsWith('172.')
        ? 12
        : address.startsWith('100.')
          ? 10
          : 16)
  )
}
