import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'

const v4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/
const v6 = /^(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}$/i

function isV6(text: string): boolean {
  if (!text.includes(':') || text.length < 6 || !v6.test(text) || /^\d{1,2}:\d{2}(?::\d{2}){1,2}$/.test(text))
    return false
  const short = text.includes('::')
  const groups = text.split(':').length
  return short ? text.indexOf('::') === text.lastIndexOf('::') && groups <= 8 : groups === 8
}

/** Four small numbers, or a digit and two small ones before a build, are a version's more often than a machine's. */
function looksLikeVersion(text: string): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0] = text.split('.').map(Number)
  return first < 10 ? second < 100 && third < 100 : Math.max(first, second, third, fourth) < 32
}

export const ipAddress = defineDataClass({
  id: 'ip-address',
  title: 'IP address',
  group: 'pii',
  sensitivity: 3,
  names: ['ip', 'ip address', 'ipaddress', 'client ip', 'remote addr', 'last login ip', 'ipv4', 'ipv6'],
  never: ['version', 'build', 'release', 'firmware', 'oid', 'section'],
  chance: 0.02,
  shapes: ['digits', 'code'],
  lengths: [3, 45],
  test: ({ text }: ValueProfile) => v4.test(text) || isV6(text),
  blind: { test: ({ text }) => (v4.test(text) ? !looksLikeVersion(text) : isV6(text)), recall: 0.97 },
  examples: {
    matches: ['203.0.113.7', '2001:db8::1', 'fe80:0:0:0:1:2:3:4'],
    rejects: ['1.2.3', '300.1.1.1', '12:30:59', 'v1.2.3.4', 'aa:bb:cc:dd:ee:ff', '1::2::3'],
  },
})
