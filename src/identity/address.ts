import { prefixOf } from './device.ts'

/** The unit an address is counted by: an IPv4 address as it is, of an IPv6 address its /64, which one subscriber gets. */
export const addressKey = (ip: string | undefined): string =>
  ip === undefined ? '' : ip.includes(':') && !ip.includes('.') ? `${prefixOf(ip)}::/64` : ip
