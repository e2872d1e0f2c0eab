import { luhn } from '../checksums.ts'
import { defineDataClass } from '../data-class.ts'

export const usNpi = defineDataClass({
  id: 'us-npi',
  title: 'US national provider identifier',
  group: 'phi',
  sensitivity: 8,
  names: ['npi', 'national provider', 'provider npi', 'npi number'],
  neighbours: ['patient', 'medical-record-number', 'diagnosis-code', 'fhir-resource'],
  chance: 0.1,
  shapes: ['digits'],
  lengths: [10, 10],
  // Ten digits that pass Luhn behind the prefix 80840 (45 CFR 162.406).
  test: ({ text, digits }) => digits === 10 && /^[12]/.test(text) && luhn(`80840${text}`),
  testValue: ({ text }) => text === '1234567893',
  examples: { matches: ['1234567893', '1245319599'], rejects: ['1234567890', '3234567893', '123456789'] },
})
