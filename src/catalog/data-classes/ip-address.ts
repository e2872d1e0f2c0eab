import { defineDataClass } from '../data-class.ts'

const v4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/

export const ipAddress = defineDataClass({
  id: 'ip-address',
  title: 'IP address',
  group: 'pii',
  sensitivity: 3,
  names: ['ip', 'ip address', 'ipaddress', 'client ip', 'remote addr', 'last login ip'],
  chance: 0.02,
  test: ({ text, digits }) => {
    if (text.length > 45 || digits < 2) return false
    if (v4.test(text)) return true
    return (
      text.includes(':') &&
      text.length >= 6 &&
      /^(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}$/i.test(text) &&
      !/^\d{1,2}:\d{2}:\d{2}$/.test(text)
    )
  },
  examples: {
    matches: ['203.0.113.7', '2001:db8::1', 'fe80:0:0:0:1:2:3:4'],
    rejects: ['1.2.3', '300.1.1.1', '12:30:59', 'v1.2.3.4'],
  },
})
