import { defineDataClass } from '../data-class.ts'

/** Resources of FHIR R5 that are about one patient. */
const resources = new Set(
  'Patient Observation Condition Encounter AllergyIntolerance Procedure MedicationRequest MedicationStatement MedicationAdministration DiagnosticReport Immunization CarePlan CareTeam Claim Coverage ExplanationOfBenefit Goal ServiceRequest Specimen FamilyMemberHistory RiskAssessment ClinicalImpression DocumentReference QuestionnaireResponse ImagingStudy VisionPrescription NutritionOrder Consent RelatedPerson EpisodeOfCare'.split(
    ' ',
  ),
)

export const fhirResource = defineDataClass({
  id: 'fhir-resource',
  title: 'Health record (FHIR resource)',
  group: 'phi',
  sensitivity: 20,
  names: ['resource type', 'resourcetype'],
  needsName: true,
  chance: 0.0001,
  immediate: true,
  distinct: 1,
  shapes: ['code'],
  lengths: [4, 32],
  test: ({ text }) => resources.has(text),
  examples: { matches: ['Patient', 'Observation'], rejects: ['order', 'patient', 'Bundle'] },
})
