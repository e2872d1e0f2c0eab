import { allSame, luhn } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

/** Reporting bodies that allocate type codes (3GPP TS 23.003, GSMA TS.06). */
const bodies = /^(?:0[1-9]|10|3[0-35]|4[4-59]|5[0-4]|86|9[189])/

export const deviceImei = defineDataClass({
  id: 'device-imei',
  title: 'Device identity (IMEI)',
  group: 'pii',
  sensitivity: 8,
  names: ['imei', 'imei number', 'device imei'],
  // One in ten passes the check digit, one in five of those a reporting body.
  chance: 0.02,
  shapes: ['digits'],
  lengths: [15, 18],
  test: ({ text, bare, digits }) =>
    digits === 15 &&
    (text.length === 15 || /^\d{2}-\d{6}-\d{6}-\d$/.test(text)) &&
    bodies.test(bare) &&
    !allSame(bare) &&
    luhn(bare),
  examples: {
    matches: ['490154203237518', '35-209900-176148-1'],
    rejects: ['490154203237519', '79927398713', '000000000000000', '240154203237513'],
  },
})
