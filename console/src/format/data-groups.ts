/** What kind of data a class is, as laws and standards sort it: the groups of `docs/reference/data-classes.md`. */
const groups: Readonly<Record<string, readonly string[]>> = {
  secret: ['generic-secret', 'jwt', 'password', 'secret'],
  pci: ['card-security-code', 'payment-card'],
  phi: ['diagnosis-code', 'fhir-resource', 'medical-record-number', 'nhs-number', 'us-npi'],
  pii: [
    'bank-routing',
    'br-cpf',
    'date-of-birth',
    'device-imei',
    'email',
    'es-dni',
    'fr-insee',
    'fr-siren',
    'fr-siret',
    'geo-location',
    'iban',
    'in-aadhaar',
    'ip-address',
    'it-codice-fiscale',
    'mac-address',
    'nl-bsn',
    'passport',
    'person-name',
    'phone',
    'pl-pesel',
    'postal-code',
    'se-personnummer',
    'street-address',
    'uk-nino',
    'us-ssn',
    'vehicle-vin',
  ],
}

const groupOfClass: ReadonlyMap<string, string> = new Map(
  Object.entries(groups).flatMap(([group, classes]) => classes.map(id => [id, group] as const)),
)

const names: Readonly<Record<string, string>> = {
  pii: 'personal',
  pci: 'payment cards',
  phi: 'health',
  secret: 'secrets',
  own: 'classes of your own',
}

/** The group of a class; `own` for those that the team has defined itself. */
export const dataGroup = (dataClass: string): string => groupOfClass.get(dataClass) ?? 'own'

/** `pii` is `personal`; a group without a name of its own keeps its id. */
export const dataGroupName = (group: string): string => names[group] ?? group

/** Classes that the table knows, for whoever compares it with the classifier's own list. */
export const groupedClasses = (): ReadonlyMap<string, string> => groupOfClass
