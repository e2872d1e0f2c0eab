import { defineDataClass } from '../data-class.ts'

export const diagnosisCode = defineDataClass({
  id: 'diagnosis-code',
  title: 'Diagnosis code (ICD-10)',
  group: 'phi',
  sensitivity: 25,
  names: ['icd', 'icd10', 'icd 10', 'icd code', 'diagnosis', 'diagnoses', 'diagnosis code', 'condition code'],
  weakNames: ['code', 'condition', 'dx'],
  neighbours: ['patient', 'medical-record-number', 'fhir-resource'],
  needsName: true,
  shapes: ['code'],
  lengths: [3, 8],
  chance: 0.02,
  test: ({ text }) => /^[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?$/.test(text),
  examples: { matches: ['E11.9', 'J45', 'S72.001A'], rejects: ['U07', 'e11.9', '11.9', 'E1'] },
})
