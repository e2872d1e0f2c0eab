import type { DataClassDefinition, DataClassGroup } from '../data-class.ts'
import { bankRouting } from './bank-routing.ts'
import { brCpf } from './br-cpf.ts'
import { cardSecurityCode } from './card-security-code.ts'
import { dateOfBirth } from './date-of-birth.ts'
import { deviceImei } from './device-imei.ts'
import { diagnosisCode } from './diagnosis-code.ts'
import { email } from './email.ts'
import { esDni } from './es-dni.ts'
import { fhirResource } from './fhir-resource.ts'
import { frInsee } from './fr-insee.ts'
import { frSiren } from './fr-siren.ts'
import { frSiret } from './fr-siret.ts'
import { genericSecret } from './generic-secret.ts'
import { geoLocation } from './geo-location.ts'
import { iban } from './iban.ts'
import { inAadhaar } from './in-aadhaar.ts'
import { ipAddress } from './ip-address.ts'
import { itCodiceFiscale } from './it-codice-fiscale.ts'
import { jwt } from './jwt.ts'
import { macAddress } from './mac-address.ts'
import { medicalRecordNumber } from './medical-record-number.ts'
import { nhsNumber } from './nhs-number.ts'
import { nlBsn } from './nl-bsn.ts'
import { passport } from './passport.ts'
import { password } from './password.ts'
import { paymentCard } from './payment-card.ts'
import { personName } from './person-name.ts'
import { phone } from './phone.ts'
import { plPesel } from './pl-pesel.ts'
import { postalCode } from './postal-code.ts'
import { sePersonnummer } from './se-personnummer.ts'
import { secret } from './secret.ts'
import { streetAddress } from './street-address.ts'
import { ukNino } from './uk-nino.ts'
import { usNpi } from './us-npi.ts'
import { usSsn } from './us-ssn.ts'
import { vehicleVin } from './vehicle-vin.ts'

/** Every data class. Adding one is a file here and a line below. */
export const dataClasses: readonly DataClassDefinition[] = [
  secret,
  jwt,
  paymentCard,
  cardSecurityCode,
  iban,
  usSsn,
  ukNino,
  itCodiceFiscale,
  frInsee,
  brCpf,
  plPesel,
  sePersonnummer,
  esDni,
  nhsNumber,
  inAadhaar,
  nlBsn,
  bankRouting,
  usNpi,
  frSiret,
  frSiren,
  deviceImei,
  vehicleVin,
  diagnosisCode,
  medicalRecordNumber,
  fhirResource,
  email,
  phone,
  passport,
  dateOfBirth,
  geoLocation,
  postalCode,
  personName,
  streetAddress,
  macAddress,
  ipAddress,
  password,
  genericSecret,
]

const byId = new Map(dataClasses.map(definition => [definition.id, definition]))

export const dataClassOf = (id: string): DataClassDefinition | undefined => byId.get(id)
export const groupOf = (id: string): DataClassGroup | undefined => byId.get(id)?.group
