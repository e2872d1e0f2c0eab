import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'

// Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out.
const dashed = /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/
const bare = /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/
/** Printed on wallets, in advertisements and in forms. */
const printed = new Set(['123456789', '078051120', '219099999', '457555462', '111111111', '123121234'])

export const usSsn = defineDataClass({
  id: 'us-ssn',
  title: 'US social security number',
  group: 'pii',
  sensitivity: 30,
  names: ['ssn', 'social security', 'social security number', 'social security no', 'tax id', 'tin', 'itin'],
  neighbours: ['date-of-birth', 'person'],
  chance: 0.5,
  shapes: ['digits'],
  lengths: [9, 11],
  test: ({ text }: ValueProfile) => dashed.test(text) || bare.test(text),
  // Nine bare digits are numbers of anything: only the dashes tell.
  blind: { chance: 0.05, test: ({ text }) => dashed.test(text) },
  testValue: ({ bare: digits }) => printed.has(digits),
  examples: {
    matches: ['536-90-4399', '219-09-9999', '457-55-5462', '536904399'],
    rejects: ['000-12-3456', '666-12-3456', '912-12-3456', '536-00-4399', '536-90-0000', '53690439'],
  },
})
