import type { DataClassDefinition, DataClassGroup } from '../data-class.ts'
import { bankRouting } from './bank-routing.ts'
import { brCpf } from './br-cpf.ts'
import { cardSecurityCode } from './card-security-code.ts'
import { dateOfBirth } from './date-of-birth.ts'
import { diagnosisCode } from './diagnosis-code.ts'
import { email } from './email.ts'
import { esDni } from './es-dni.ts'
import { frInsee } from './fr-insee.ts'
import { iban } from './iban.ts'
import { inAadhaar } from './in-aadhaar.ts'
import { ipAddress } from './ip-address.ts'
import { itCodiceFiscale } from './it-codice-fiscale.ts'
import { jwt } from './jwt.ts'
import { medicalRecordNumber } from './medical-record-number.ts'
import { nhsNumber } from './nhs-number.ts'
import { nlBsn } from './nl-bsn.ts'
import { passport } from './passport.ts'
import { password } from './password.ts'
import { paymentCard } from './payment-card.ts'
import { personName } from './person-name.ts'
import { phone } from './phone.ts'
import { plPesel } from './pl-pesel.ts'
import { sePersonnummer } from './se-personnummer.ts'
import { secret } from './secret.ts'
import { streetAddress } from './street-address.ts'
import { ukNino } from './uk-nino.ts'
import { usSsn } from './us-ssn.ts'

/** Every data class. Adding one is a file here and a line below. */
export const dataClasses: readonly DataClassDefinition[] = [
  bankRouting,
  brCpf,
  cardSecurityCode,
  dateOfBirth,
  diagnosisCode,
  email,
  esDni,
  frInsee,
  iban,
  inAadhaar,
  ipAddress,
  itCodiceFiscale,
  jwt,
  medicalRecordNumber,
  nhsNumber,
  nlBsn,
  passport,
  password,
  paymentCard,
  personName,
  phone,
  plPesel,
  sePersonnummer,
  secret,
  streetAddress,
  ukNino,
  usSsn,
]

const byId = new Map(dataClasses.map(definition => [definition.id, definition]))

export const dataClassOf = (id: string): DataClassDefinition | undefined => byId.get(id)
export const groupOf = (id: string): DataClassGroup | undefined => byId.get(id)?.group
