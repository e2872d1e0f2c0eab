import { defineDataClass } from '../data-class.ts'

export const usSsn = defineDataClass({
  id: 'us-ssn',
  title: 'US social security number',
  group: 'pii',
  sensitivity: 30,
  names: ['ssn', 'social security', 'social security number', 'tax id'],
  chance: 0.05,
  // Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out.
  test: ({ text }) => /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text),
  examples: {
    matches: ['536-90-4399', '219-09-9999', '457-55-5462'],
    rejects: ['000-12-3456', '666-12-3456', '912-12-3456', '536-00-4399', '536904399', '536-90-0000'],
  },
})
