import type { Account } from '../../world/accounts.ts'
import { day } from '../../world/calendar.ts'
import type { Json, JsonObject } from '../../world/http.ts'
import { address, familyName, givenName, phone, prose } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { Ids } from '../../world/style.ts'
import type { World } from '../../world/world.ts'

export interface Patient {
  readonly id: string
  readonly owner: string
  readonly tenant: string
  ward: string
  readonly given: string
  readonly family: string
  readonly birthDate: string
  readonly insurance: string
  readonly email: string
  phone: string
  address: {
    readonly line1: string
    readonly city: string
    readonly postalCode: string
    readonly country: string
  }
  /** Parents, children, guardians: accounts that may see this record. */
  readonly proxies: Set<string>
  readonly encounters: Encounter[]
  readonly observations: Observation[]
  readonly medications: Medication[]
}

interface Entry {
  readonly id: string
  readonly owner: string
  readonly tenant: string
  readonly patient: Patient
  readonly time: number
}

export interface Encounter extends Entry {
  readonly ward: string
  readonly reason: string
  status: 'in-progress' | 'finished'
}

export interface Observation extends Entry {
  readonly code: string
  readonly value: number
  readonly unit: string
  readonly note: string
}

export interface Medication extends Entry {
  readonly drug: string
  dose: string
  status: 'active' | 'stopped'
}

export interface Practitioner {
  readonly id: string
  readonly name: string
  readonly specialty: string
  readonly phone: string
  readonly city: string
}

export const wards = ['cardiology', 'surgery', 'paediatrics', 'internal'] as const

const vitals: readonly (readonly [code: string, unit: string, median: number])[] = [
  ['8867-4', '/min', 74],
  ['8480-6', 'mmHg', 124],
  ['8310-5', 'Cel', 36.8],
  ['2708-6', '%', 97],
  ['29463-7', 'kg', 76],
  ['2339-0', 'mg/dL', 98],
  ['718-7', 'g/dL', 14],
  ['2160-0', 'mg/dL', 0.9],
]
const drugs = [
  'Amlodipine 5 mg',
  'Atorvastatin 20 mg',
  'Ibuprofen 400 mg',
  'Levothyroxine 75 ug',
  'Metformin 850 mg',
  'Metoprolol 50 mg',
  'Pantoprazole 40 mg',
  'Ramipril 5 mg',
  'Salbutamol 100 ug',
  'Sertraline 50 mg',
]
const doses = ['1-0-0', '0-0-1', '1-0-1', '1-1-1', 'as needed']
const reasons = [
  'Essential hypertension',
  'Type 2 diabetes mellitus',
  'Chest pain',
  'Fracture of forearm',
  'Asthma',
  'Depressive episode',
  'Follow-up after surgery',
  'Fever',
  'Back pain',
  'Pregnancy check-up',
]

/** Everything the clinic knows of its patients. */
export class Records {
  readonly stream: Stream
  readonly patients = new Map<string, Patient>()
  readonly byAccount = new Map<string, Patient>()
  readonly encounters = new Map<string, Encounter>()
  readonly observations = new Map<string, Observation>()
  readonly medications = new Map<string, Medication>()
  readonly practitioners = new Map<string, Practitioner>()
  readonly patientIds: Ids
  readonly encounterIds: Ids
  readonly observationIds: Ids
  readonly medicationIds: Ids
  readonly #practitionerIds: Ids
  /** Slots of the timetable that are held or taken, by whom. */
  readonly slots = new Map<string, { readonly who: string; readonly until: number; booked: boolean }>()
  readonly appointments = new Map<
    string,
    { readonly id: string; readonly owner: string; readonly slot: string }
  >()

  constructor(world: World) {
    this.stream = world.stream.fork('records')
    const ids = (type: string, prefix: string): Ids => new Ids(this.stream, world.style.idStyle(type), prefix)
    this.patientIds = ids('patients', 'pat')
    this.encounterIds = ids('encounters', 'enc')
    this.observationIds = ids('observations', 'obs')
    this.medicationIds = ids('medications', 'med')
    this.#practitionerIds = ids('practitioners', 'prac')
    const own = this.stream.fork('practitioners')
    for (let count = 480; count > 0; count -= 1) {
      const id = this.#practitionerIds.next(world.now)
      const { city } = address(own)
      this.practitioners.set(id, {
        id,
        name: `${givenName(own)} ${familyName(own)}`,
        specialty: own.pick([...wards, 'general practice', 'dermatology', 'radiology']),
        phone: phone(own),
        city,
      })
    }
  }

  /** A record for an account, with what happened before. */
  admit(account: Account, tenant: string, stream: Stream, now: number): Patient {
    const [given = 'Ada', ...rest] = account.name.split(' ')
    const patient: Patient = {
      id: this.patientIds.next(now),
      owner: account.id,
      tenant,
      ward: stream.pick(wards),
      given,
      family: rest.join(' '),
      birthDate: new Date(Date.UTC(stream.int(1936, 2019), stream.int(0, 11), stream.int(1, 28)))
        .toISOString()
        .slice(0, 10),
      insurance: `${stream.token(1, 'ABCDEFGHKLMNPQRSTUVWXYZ')}${stream.digits(9)}`,
      email: account.email,
      phone: account.phone,
      address: address(stream),
      proxies: new Set(),
      encounters: [],
      observations: [],
      medications: [],
    }
    this.patients.set(patient.id, patient)
    this.byAccount.set(account.id, patient)
    for (let count = 1 + stream.poisson(1.5); count > 0; count -= 1)
      this.meet(patient, stream, now - stream.int(0, 200) * day)
    for (let count = stream.poisson(6); count > 0; count -= 1)
      this.observe(patient, stream, now - stream.int(0, 90) * day)
    for (let count = stream.poisson(2); count > 0; count -= 1)
      this.prescribe(patient, stream, now - stream.int(0, 60) * day)
    return patient
  }

  meet(patient: Patient, stream: Stream, now: number): Encounter {
    const made: Encounter = {
      ...entry(patient, this.encounterIds.next(now), now),
      ward: patient.ward,
      reason: stream.pick(reasons),
      status: stream.chance(0.8) ? 'finished' : 'in-progress',
    }
    this.encounters.set(made.id, made)
    patient.encounters.push(made)
    return made
  }

  observe(
    patient: Patient,
    stream: Stream,
    now: number,
    told?: { code: string; value: number; note: string },
  ): Observation {
    const [code, unit, median] = vitals.find(([known]) => known === told?.code) ?? stream.pick(vitals)
    const made: Observation = {
      ...entry(patient, this.observationIds.next(now), now),
      code,
      unit,
      value: told?.value ?? Math.round(stream.about(median, 0.08) * 10) / 10,
      note: told?.note ?? (stream.chance(0.2) ? prose(stream, 6) : ''),
    }
    this.observations.set(made.id, made)
    patient.observations.push(made)
    return made
  }

  prescribe(
    patient: Patient,
    stream: Stream,
    now: number,
    told?: { drug: string; dose: string },
  ): Medication {
    const made: Medication = {
      ...entry(patient, this.medicationIds.next(now), now),
      drug: told?.drug ?? stream.pick(drugs),
      dose: told?.dose ?? stream.pick(doses),
      status: 'active',
    }
    this.medications.set(made.id, made)
    patient.medications.push(made)
    return made
  }

  of(tenant: string): readonly Patient[] {
    return [...this.patients.values()].filter(patient => patient.tenant === tenant)
  }
}

const entry = (patient: Patient, id: string, time: number): Entry => ({
  id,
  owner: patient.owner,
  tenant: patient.tenant,
  patient,
  time,
})

/** What a nurse measures, a doctor prescribes: bodies of requests. */
export const observationBody = (patient: string, stream: Stream): JsonObject => {
  const [code, unit, median] = stream.pick(vitals)
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value: Math.round(stream.about(median, 0.08) * 10) / 10, unit },
    ...(stream.chance(0.25) ? { note: [{ text: prose(stream, stream.int(4, 14)) }] } : {}),
  }
}

export const medicationBody = (patient: string, stream: Stream): JsonObject => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: stream.pick(drugs) },
  subject: { reference: `Patient/${patient}` },
  dosageInstruction: [{ text: stream.pick(doses) }],
})

type Resource = JsonObject & { readonly id: string }

export const patientView = (patient: Patient): Resource => ({
  resourceType: 'Patient',
  id: patient.id,
  meta: { security: [{ code: 'R' }] },
  identifier: [{ system: 'http://fhir.de/sid/gkv/kvid-10', value: patient.insurance }],
  name: [{ use: 'official', family: patient.family, given: [patient.given] }],
  telecom: [
    { system: 'phone', value: patient.phone },
    { system: 'email', value: patient.email },
  ],
  birthDate: patient.birthDate,
  address: [
    {
      line: [patient.address.line1],
      city: patient.address.city,
      postalCode: patient.address.postalCode,
      country: patient.address.country,
    },
  ],
  managingOrganization: { reference: `Organization/${patient.tenant}` },
})

const about = ({ id, patient }: Entry, resourceType: string): Resource => ({
  resourceType,
  id,
  subject: { reference: `Patient/${patient.id}` },
})

export const encounterView = (one: Encounter): Resource => ({
  ...about(one, 'Encounter'),
  status: one.status,
  class: { code: 'AMB' },
  reasonCode: [{ text: one.reason }],
  period: { start: new Date(one.time).toISOString() },
  serviceProvider: { reference: `Organization/${one.tenant}`, display: one.ward },
})

export const observationView = (one: Observation): Resource => ({
  ...about(one, 'Observation'),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: one.code }] },
  effectiveDateTime: new Date(one.time).toISOString(),
  valueQuantity: { value: one.value, unit: one.unit },
  ...(one.note === '' ? {} : { note: [{ text: one.note }] }),
})

export const medicationView = (one: Medication): Resource => ({
  ...about(one, 'MedicationRequest'),
  status: one.status,
  intent: 'order',
  medicationCodeableConcept: { text: one.drug },
  authoredOn: new Date(one.time).toISOString(),
  dosageInstruction: [{ text: one.dose }],
})

export const practitionerView = ({ id, name, specialty, phone: number, city }: Practitioner): Resource => ({
  resourceType: 'Practitioner',
  id,
  name: [{ text: name }],
  qualification: [{ code: { text: specialty } }],
  telecom: [{ system: 'phone', value: number }],
  address: [{ city }],
})

/** One page of a search (FHIR R4, section 3.1.1). */
export const bundle = (
  resources: readonly Json[],
  total: number,
  links: Readonly<Record<string, string>>,
): JsonObject => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total,
  link: Object.entries(links).map(([relation, url]) => ({ relation, url })),
  entry: resources.map(resource => ({ resource, search: { mode: 'match' } })),
})
