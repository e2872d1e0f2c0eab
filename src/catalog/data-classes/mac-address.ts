import { defineDataClass } from '../data-class.ts'

export const macAddress = defineDataClass({
  id: 'mac-address',
  title: 'MAC address',
  group: 'pii',
  sensitivity: 3,
  names: ['mac', 'mac address', 'macaddress', 'bssid', 'hardware address'],
  chance: 0.001,
  shapes: ['digits', 'code'],
  lengths: [17, 17],
  // IEEE 802: six pairs, the same sign between them all.
  test: ({ text }) =>
    (/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text) || /^(?:[0-9a-f]{2}-){5}[0-9a-f]{2}$/i.test(text)) &&
    text !== '00:00:00:00:00:00' &&
    text.toLowerCase() !== 'ff:ff:ff:ff:ff:ff',
  examples: {
    matches: ['3c:22:fb:1a:9e:07', '3C-22-FB-1A-9E-07'],
    rejects: ['3c:22:fb:1a:9e', '00:00:00:00:00:00', '3c:22-fb:1a:9e:07', '12:30:59:10:11:12:13'],
  },
})
