import { defineDataClass } from '../data-class.ts'

export const medicalRecordNumber = defineDataClass({
  id: 'medical-record-number',
  title: 'Medical record number',
  group: 'phi',
  sensitivity: 20,
  names: ['mrn', 'medical record', 'medical record number', 'patient number', 'patient id', 'health id'],
  weakNames: ['identifier', 'record number', 'chart number'],
  neighbours: ['patient', 'diagnosis-code', 'fhir-resource'],
  needsName: true,
  lengths: [5, 20],
  chance: 0.2,
  test: ({ text, digits }) => digits >= 5 && text.length <= 20 && /^[A-Z]{0,4}[- ]?\d{5,12}$/i.test(text),
  examples: { matches: ['MRN-0012345', '84729104'], rejects: ['patient', '12', 'ffffffff'] },
})
