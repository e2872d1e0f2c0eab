import { BlockList, isIP } from 'node:net'
import { BoundedMap } from '../kit/bounded-map.ts'

/** Ranges are written in policies, so there are few. */
const ranges = new BoundedMap<string, BlockList | 'none'>(1_024)

function rangeOf(text: string): BlockList | 'none' {
  const [address = '', width] = text.split('/', 2)
  const family = isIP(address)
  if (family === 0) return 'none'
  const most = family === 4 ? 32 : 128
  const bits = width === undefined ? most : /^\d{1,3}$/.test(width) ? Number(width) : Number.NaN
  if (!(bits <= most)) return 'none'
  const list = new BlockList()
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  return list
}

/** Whether it can be written in a policy: `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export const isCidr = (text: string): boolean => ranges.ensure(text, () => rangeOf(text)) !== 'none'

/** Whether the address lies in the range; IPv4 mapped into IPv6 is IPv4. False where either is none. */
export function inCidr(ip: string, range: string): boolean {
  const list = ranges.ensure(range, () => rangeOf(range))
  if (list === 'none') return false
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}
