import { crc32 } from 'node:zlib'
import { luhn, mod97, verhoeff, weightedSum } from '../../src/catalog/checksums.ts'

/** A field of a generated body: its own name, the names beside it, its values, and what it is. */
export interface GeneratedField {
  /** What made it, for the breakdown. */
  readonly kind: string
  readonly name: string
  readonly siblings: readonly string[]
  readonly values: readonly (string | number)[]
  /** Class it should be given; undefined for a look-alike. */
  readonly truth: string | undefined
  readonly naming: 'honest' | 'neutral'
}

/** Mulberry32: small, seeded, good enough to make test data. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  pick<Value>(list: readonly Value[]): Value {
    return list[Math.floor(this.next() * list.length)]!
  }

  from(alphabet: string, length: number): string {
    let text = ''
    for (let index = 0; index < length; index += 1) text += alphabet[this.int(0, alphabet.length - 1)]
    return text
  }

  digits(length: number): string {
    return this.from('0123456789', length)
  }
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
const hex = '0123456789abcdef'
const base62 = `0123456789${upper}${lower}`
const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

/** Draws until the check holds. */
function until(make: () => string, holds: (text: string) => boolean): string {
  for (;;) {
    const text = make()
    if (holds(text)) return text
  }
}
const withLuhn = (body: string): string => [...'0123456789'].map(digit => body + digit).find(luhn)!

const given =
  'Anna Bruno Carla Dario Elena Felix Greta Henri Irene Jonas Karin Lukas Marta Nadia Ottavio Paula Quentin Rosa Stefan Tilda Priya Rahul Aisha Omar Yuki Kenji Wei Mei Ingrid Sven Zofia Pavel Aoife Siobhan Kwame Ngozi Thandi Itzel Xochitl Bao Linh Nguyet Oyelaran Chidi'.split(
    ' ',
  )
const family =
  'Berger Costa Dubois Eriksen Fontana Gruber Hansen Ivanova Jansen Keller Lindqvist Moreau Novak Olsen Patel Singh Okafor Mensah Tanaka Suzuki Garcia Hernandez Silva Smith Johnson Williams Brown Taylor'.split(
    ' ',
  )
const words =
  'amber blue coral dusty early faded golden hazel indigo jade lamp kettle chair blanket mug shelf clock basket mirror stool vase rug pending shipped returned active closed open draft review urgent normal'.split(
    ' ',
  )
const cities = 'Berlin Lyon Torino Malmö Graz Zaragoza Porto Gdansk Leeds Boston Austin Osaka'.split(' ')
const streets = [
  'Lindenstraße',
  'Rue des Lilas',
  'Via Garibaldi',
  'Storgatan',
  'Hauptplatz',
  'Calle Mayor',
  'High Street',
  'Oak Avenue',
  'Church Road',
  'Kerkstraat',
]

type Make = (dice: Dice) => string | number

interface Recipe {
  readonly kind: string
  readonly truth: string | undefined
  readonly names: readonly string[]
  /** Names of fields that stand beside it under honest naming. */
  readonly siblings?: readonly string[]
  readonly make: (dice: Dice) => Make
  /** Left out of neutral naming: what only a name can tell. */
  readonly needsName?: boolean
  readonly weight?: number
}

const issuers: readonly (readonly [string, number])[] = [
  ['4', 16],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['37', 15],
  ['6011', 16],
  ['3566', 16],
  ['36', 14],
  ['62', 16],
]
const card: Make = dice => {
  const [prefix, length] = dice.pick(issuers)
  return withLuhn(prefix + dice.digits(length - 1 - prefix.length))
}
const ibanOf = (country: string, account: string): string => {
  const rest = mod97(`${account}${country}00`)
  return `${country}${pad(98 - rest)}${account}`
}
const iban: Make = dice =>
  dice.pick([
    () => ibanOf('DE', dice.digits(18)),
    () => ibanOf('GB', dice.from(upper, 4) + dice.digits(14)),
    () => ibanOf('NL', dice.from(upper, 4) + dice.digits(10)),
    () => ibanOf('FR', dice.digits(23)),
    () => ibanOf('ES', dice.digits(20)),
  ])()
const date = (dice: Dice, from: number, to: number): string =>
  `${dice.int(from, to)}-${pad(dice.int(1, 12))}-${pad(dice.int(1, 28))}`
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const githubToken = (dice: Dice): string => {
  const body = dice.from(base62, 30)
  let sum = crc32(body)
  let tail = ''
  for (let index = 0; index < 6; index += 1) {
    tail = base62[sum % 62] + tail
    sum = Math.floor(sum / 62)
  }
  return dice.pick(['ghp_', 'gho_', 'ghs_']) + body + tail
}
const vinValues = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9]
const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
const vin: Make = dice => {
  const alphabet = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789'
  const text = `${dice.pick(['1HG', '1FA', '5YJ', 'WVW', '2T1'])}${dice.from(alphabet, 5)}0${dice.from(alphabet, 2)}${dice.digits(6)}`
  let sum = 0
  for (let index = 0; index < 17; index += 1) {
    const code = text.charCodeAt(index)
    sum += (code >= 65 ? vinValues[code - 65]! : code - 48) * vinWeights[index]!
  }
  const check = sum % 11 === 10 ? 'X' : String(sum % 11)
  return `${text.slice(0, 8)}${check}${text.slice(9)}`
}
const fiscal: Make = dice => {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
  const body = `${dice.from(upper, 6)}${pad(dice.int(40, 99))}${dice.from('ABCDEHLMPRST', 1)}${pad(dice.int(1, 28))}${dice.from('ABCDEFGHIL', 1)}${dice.digits(3)}`
  let sum = 0
  for (let index = 0; index < 15; index += 1) {
    const code = body.charCodeAt(index)
    const value = code >= 65 ? code - 65 : code - 48
    sum += index % 2 === 0 ? odd[value]! : value
  }
  return body + upper[sum % 26]
}
const uuid = (dice: Dice): string =>
  `${dice.from(hex, 8)}-${dice.from(hex, 4)}-4${dice.from(hex, 3)}-a${dice.from(hex, 3)}-${dice.from(hex, 12)}`
const ean13 = (dice: Dice): string => {
  const body = dice.pick(['400', '401', '590', '871', '501', '978']) + dice.digits(9)
  let sum = 0
  for (let index = 0; index < 12; index += 1) sum += Number(body[index]) * (index % 2 === 0 ? 1 : 3)
  return `${body}${(10 - (sum % 10)) % 10}`
}
const bicCountry = 'bic'
const always = (make: Make) => (): Make => make
/** Numbers handed out one after the other, seen in the order in which they were handed out. */
const sequence =
  (start: (dice: Dice) => number, finish: (value: number) => string | number) =>
  (dice: Dice): Make => {
    let at = start(dice)
    return () => {
      at += dice.int(1, 9)
      return finish(at)
    }
  }

export const recipes: readonly Recipe[] = [
  {
    kind: 'payment-card',
    truth: 'payment-card',
    names: ['cardNumber', 'card_number', 'pan', 'creditCard', 'ccNumber'],
    siblings: ['expMonth', 'expYear', 'cvv'],
    make: always(card),
    weight: 3,
  },
  {
    kind: 'payment-card, grouped',
    truth: 'payment-card',
    names: ['cardNumber', 'card'],
    make: always(dice => String(withLuhn(`4${dice.digits(14)}`)).replace(/(\d{4})(?=\d)/g, '$1 ')),
  },
  {
    kind: 'payment-card, number',
    truth: 'payment-card',
    names: ['pan', 'card_number'],
    make: always(dice => Number(withLuhn(`4${dice.digits(14)}`))),
  },
  {
    kind: 'payment-card, mixed with other references',
    truth: 'payment-card',
    names: ['reference', 'instrument'],
    make: always(dice => (dice.next() < 0.5 ? card(dice) : `ref-${dice.from(hex, 10)}`)),
  },
  {
    kind: 'iban',
    truth: 'iban',
    names: ['iban', 'IBAN', 'bankAccount', 'accountNumber'],
    siblings: [bicCountry, 'accountHolder'],
    make: always(iban),
    weight: 2,
  },
  {
    kind: 'us-ssn',
    truth: 'us-ssn',
    names: ['ssn', 'socialSecurityNumber', 'userSSN'],
    make: always(
      dice =>
        `${until(
          () => dice.digits(3),
          text => text !== '000' && text !== '666' && !text.startsWith('9'),
        )}-${pad(dice.int(1, 99))}-${pad(dice.int(1, 9999), 4)}`,
    ),
    weight: 2,
  },
  {
    kind: 'us-ssn, bare',
    truth: 'us-ssn',
    names: ['ssn', 'social_security_number'],
    needsName: true,
    make: always(
      dice => `${dice.int(1, 5)}${dice.digits(2)}${pad(dice.int(1, 99))}${pad(dice.int(1, 9999), 4)}`,
    ),
  },
  {
    kind: 'nhs-number',
    truth: 'nhs-number',
    names: ['nhsNumber', 'nhs_number', 'nhs'],
    siblings: ['patientName'],
    make: always(dice =>
      until(
        () => dice.digits(10),
        text => {
          const check = (11 - (weightedSum(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
          return check < 10 && check === Number(text[9])
        },
      ),
    ),
  },
  {
    kind: 'nl-bsn',
    truth: 'nl-bsn',
    names: ['bsn', 'burgerservicenummer'],
    make: always(dice =>
      until(
        () => dice.digits(9),
        text => weightedSum(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
      ),
    ),
  },
  {
    kind: 'br-cpf',
    truth: 'br-cpf',
    names: ['cpf', 'customerCpf'],
    make: always(dice => {
      const body = dice.digits(9)
      const first = ((weightedSum(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
      const second = ((weightedSum(`${body}${first}`, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10
      return `${body}${first}${second}`
    }),
  },
  {
    kind: 'fr-siren',
    truth: 'fr-siren',
    names: ['siren', 'sirenNumber'],
    make: always(dice => withLuhn(dice.digits(8))),
  },
  {
    kind: 'fr-siret',
    truth: 'fr-siret',
    names: ['siret', 'siretNumber'],
    make: always(dice => withLuhn(withLuhn(dice.digits(8)) + dice.digits(4))),
  },
  {
    kind: 'pl-pesel',
    truth: 'pl-pesel',
    names: ['pesel', 'PESEL'],
    make: always(dice => {
      const body = `${pad(dice.int(40, 99))}${pad(dice.int(1, 12))}${pad(dice.int(1, 28))}${dice.digits(4)}`
      return `${body}${(10 - (weightedSum(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10}`
    }),
  },
  {
    kind: 'in-aadhaar',
    truth: 'in-aadhaar',
    names: ['aadhaar', 'aadhaarNumber'],
    make: always(dice => until(() => `${dice.int(2, 9)}${dice.digits(11)}`, verhoeff)),
  },
  {
    kind: 'bank-routing',
    truth: 'bank-routing',
    names: ['routingNumber', 'aba', 'routing_number'],
    siblings: ['bankName'],
    make: always(dice =>
      until(
        () => `${dice.pick(['02', '11', '12', '26', '31', '06'])}${dice.digits(7)}`,
        text => weightedSum(text, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
      ),
    ),
  },
  {
    kind: 'us-npi',
    truth: 'us-npi',
    names: ['npi', 'providerNpi'],
    make: always(dice =>
      until(
        () => `1${dice.digits(9)}`,
        text => luhn(`80840${text}`),
      ),
    ),
  },
  { kind: 'vehicle-vin', truth: 'vehicle-vin', names: ['vin', 'vehicleVin'], make: always(vin) },
  {
    kind: 'device-imei',
    truth: 'device-imei',
    names: ['imei', 'deviceImei'],
    make: always(dice => withLuhn(`${dice.pick(['35', '86', '01'])}${dice.digits(12)}`)),
  },
  {
    kind: 'email',
    truth: 'email',
    names: ['email', 'contactEmail', 'mail'],
    make: always(
      dice =>
        `${dice.pick(given).toLowerCase()}.${dice.pick(family).toLowerCase()}${dice.int(1, 99)}@${dice.pick(['mail', 'post', 'inbox'])}.${dice.pick(['de', 'com', 'co.uk', 'io', 'fr'])}`,
    ),
    weight: 2,
  },
  {
    kind: 'phone, international',
    truth: 'phone',
    names: ['phone', 'mobileNumber', 'telephone'],
    siblings: ['firstName', 'lastName'],
    make: always(dice =>
      dice.pick([
        () => `+49 30 ${dice.digits(3)} ${dice.digits(4)}`,
        () => `+1${dice.int(201, 989)}${dice.int(201, 989)}${dice.digits(4)}`,
        () => `+44 7${dice.digits(3)} ${dice.digits(6)}`,
        () => `+33 6 ${dice.digits(2)} ${dice.digits(2)} ${dice.digits(2)} ${dice.digits(2)}`,
      ])(),
    ),
    weight: 2,
  },
  {
    kind: 'phone, national',
    truth: 'phone',
    names: ['phone', 'tel', 'cell'],
    make: always(dice =>
      dice.pick([
        () => `(${dice.int(201, 989)}) ${dice.int(201, 989)}-${dice.digits(4)}`,
        () => `${dice.int(201, 989)}-${dice.int(201, 989)}-${dice.digits(4)}`,
      ])(),
    ),
  },
  {
    kind: 'phone, bare digits',
    truth: 'phone',
    names: ['phone', 'phoneNumber'],
    needsName: true,
    make: always(dice => `${dice.int(201, 989)}${dice.int(201, 989)}${dice.digits(4)}`),
  },
  {
    kind: 'ip-address, v4',
    truth: 'ip-address',
    names: ['ip', 'clientIp', 'remote_addr'],
    make: always(dice => `${dice.int(11, 223)}.${dice.int(0, 255)}.${dice.int(0, 255)}.${dice.int(1, 254)}`),
  },
  {
    kind: 'ip-address, v6',
    truth: 'ip-address',
    names: ['ip', 'ipv6'],
    make: always(
      dice => `2a0${dice.int(0, 9)}:${dice.from(hex, 4)}:${dice.from(hex, 4)}::${dice.from(hex, 4)}`,
    ),
  },
  {
    kind: 'mac-address',
    truth: 'mac-address',
    names: ['mac', 'macAddress', 'bssid'],
    make: always(dice => Array.from({ length: 6 }, () => dice.from(hex, 2)).join(':')),
  },
  {
    kind: 'geo pair',
    truth: 'geo-location',
    names: ['coordinates', 'gps', 'latlng'],
    make: always(dice => `${(dice.next() * 120 - 60).toFixed(5)},${(dice.next() * 300 - 150).toFixed(5)}`),
  },
  {
    kind: 'latitude beside longitude',
    truth: 'geo-location',
    names: ['lat', 'latitude'],
    siblings: ['lng'],
    needsName: true,
    make: always(dice => Number((dice.next() * 120 - 60).toFixed(6))),
  },
  {
    kind: 'date-of-birth',
    truth: 'date-of-birth',
    names: ['dateOfBirth', 'dob', 'birth_date'],
    needsName: true,
    make: always(dice => date(dice, 1940, 2006)),
  },
  {
    kind: 'person-name, given',
    truth: 'person-name',
    names: ['firstName', 'given_name', 'vorname'],
    siblings: ['lastName'],
    needsName: true,
    make: always(dice => dice.pick(given)),
  },
  {
    kind: 'person-name, name beside e-mail',
    truth: 'person-name',
    names: ['name'],
    siblings: ['email', 'phone'],
    needsName: true,
    make: always(dice => `${dice.pick(given)} ${dice.pick(family)}`),
  },
  {
    kind: 'street-address',
    truth: 'street-address',
    names: ['street', 'addressLine1', 'shippingAddress'],
    siblings: ['city', 'zip'],
    needsName: true,
    make: always(dice => `${dice.pick(streets)} ${dice.int(1, 199)}`),
  },
  {
    kind: 'postal-code',
    truth: 'postal-code',
    names: ['zip', 'postalCode', 'plz'],
    siblings: ['city'],
    needsName: true,
    make: always(dice => dice.digits(5)),
  },
  {
    kind: 'jwt',
    truth: 'jwt',
    names: ['idToken', 'jwt'],
    make: always(
      dice =>
        `${b64({ alg: 'RS256', typ: 'JWT' })}.${b64({ sub: dice.from(hex, 8), iat: dice.int(1e9, 2e9) })}.${dice.from(base62, 43)}`,
    ),
  },
  {
    kind: 'secret, vendor prefix',
    truth: 'secret',
    names: ['apiKey', 'credential'],
    make: always(dice =>
      dice.pick([
        () => `AKIA${dice.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
        () => githubToken(dice),
        () => `glpat-${dice.from(base62, 20)}`,
        () => `sk_live_${dice.from(base62, 24)}`,
        () => `xoxb-${dice.digits(12)}-${dice.digits(12)}-${dice.from(base62, 24)}`,
        () => `AIza${dice.from(base62, 35)}`,
        () => `npm_${dice.from(base62, 36)}`,
      ])(),
    ),
    weight: 2,
  },
  {
    kind: 'secret, private key',
    truth: 'secret',
    names: ['privateKey', 'pem'],
    make: always(
      dice =>
        `-----BEGIN PRIVATE KEY-----\n${dice.from(base62, 64)}\n${dice.from(base62, 64)}\n-----END PRIVATE KEY-----`,
    ),
  },
  {
    kind: 'secret, connection string',
    truth: 'secret',
    names: ['databaseUrl', 'dsn', 'connection'],
    make: always(
      dice =>
        `${dice.pick(['postgres', 'mysql', 'mongodb+srv', 'redis', 'amqp'])}://app:${dice.from(base62, 14)}@db-${dice.int(1, 9)}.internal:${dice.int(1000, 9999)}/main`,
    ),
  },
  {
    kind: 'generic-secret',
    truth: 'generic-secret',
    names: ['clientSecret', 'webhookSecret', 'api_key', 'access_token'],
    needsName: true,
    make: always(dice => dice.from(base62, 32)),
  },
  {
    kind: 'card-security-code',
    truth: 'card-security-code',
    names: ['cvv', 'cvc', 'securityCode'],
    siblings: ['cardNumber', 'expMonth'],
    needsName: true,
    make: always(dice => dice.digits(3)),
  },
  {
    kind: 'diagnosis-code',
    truth: 'diagnosis-code',
    names: ['diagnosis', 'icd10', 'diagnosisCode'],
    siblings: ['patientId'],
    needsName: true,
    make: always(dice => `${dice.from('ABCDEFGHIJKLMNOPQRSTVWXYZ', 1)}${dice.digits(2)}.${dice.int(0, 9)}`),
  },
  {
    kind: 'medical-record-number',
    truth: 'medical-record-number',
    names: ['mrn', 'medicalRecordNumber'],
    needsName: true,
    make: always(dice => `MRN-${dice.digits(7)}`),
  },
  {
    kind: 'fhir-resource',
    truth: 'fhir-resource',
    names: ['resourceType'],
    needsName: true,
    make: always(dice => dice.pick(['Patient', 'Observation', 'Condition', 'Encounter'])),
  },
  {
    kind: 'passport',
    truth: 'passport',
    names: ['passportNumber', 'passport_no'],
    needsName: true,
    make: always(dice => `${dice.from(upper, 1)}${dice.digits(8)}`),
  },
  {
    kind: 'uk-nino',
    truth: 'uk-nino',
    names: ['nino', 'nationalInsuranceNumber'],
    make: always(dice =>
      `${dice.from('ABCEHJKLMPRSTWXYZ', 1)}${dice.from('ABCEHJKLMPRSTWXYZ', 1)}${dice.digits(6)}${dice.from('ABCD', 1)}`.replace(
        /^(?:BG|GB|KN|NK|NT|TN|ZZ)/,
        'AB',
      ),
    ),
  },
  {
    kind: 'it-codice-fiscale',
    truth: 'it-codice-fiscale',
    names: ['codiceFiscale', 'codice_fiscale'],
    make: always(fiscal),
  },
  {
    kind: 'es-dni',
    truth: 'es-dni',
    names: ['dni', 'nif'],
    make: always(dice => {
      const body = dice.digits(8)
      return body + 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(body) % 23]
    }),
  },

  // Look-alikes.
  {
    kind: 'order number with Luhn digit',
    truth: undefined,
    names: ['orderNumber', 'order_no', 'invoiceNumber'],
    make: always(dice => withLuhn(dice.digits(15))),
    weight: 3,
  },
  {
    kind: 'order number with Luhn digit, one prefix',
    truth: undefined,
    names: ['orderNumber', 'order_id'],
    make: sequence(
      dice => 4e14 + dice.int(0, 1e9),
      value => withLuhn(String(value)),
    ),
    weight: 2,
  },
  {
    kind: 'random 16 digits',
    truth: undefined,
    names: ['transactionId', 'reference'],
    make: always(dice => `${dice.int(1, 9)}${dice.digits(15)}`),
    weight: 2,
  },
  ...[9, 10, 11, 12, 14, 15].map(length => ({
    kind: `random ${length} digits`,
    truth: undefined,
    names: ['accountRef', 'serial', 'legacyId', 'batch'],
    make: always((dice: Dice) => `${dice.int(1, 9)}${dice.digits(length - 1)}`),
    weight: 2,
  })),
  ...[9, 10, 11, 12].map(length => ({
    kind: `sequence of ${length} digits`,
    truth: undefined,
    names: ['id', 'orderId', 'customerNo'],
    make: sequence(
      dice => 10 ** (length - 1) + dice.int(0, 1e7),
      value => value,
    ),
  })),
  {
    kind: 'MD5, SHA-1, SHA-256',
    truth: undefined,
    names: ['hash', 'checksum', 'etag', 'commit'],
    make: dice => {
      const length = dice.pick([32, 40, 64])
      return () => dice.from(hex, length)
    },
    weight: 2,
  },
  {
    kind: 'timestamp, seconds',
    truth: undefined,
    names: ['timestamp', 'createdAt', 'ts'],
    make: always(dice => dice.int(1_600_000_000, 1_800_000_000)),
    weight: 2,
  },
  {
    kind: 'timestamp, milliseconds',
    truth: undefined,
    names: ['updated', 'time', 'ts'],
    make: always(dice => String(dice.int(1_600_000_000, 1_800_000_000) * 1000 + dice.int(0, 999))),
    weight: 2,
  },
  {
    kind: 'timestamp, ISO',
    truth: undefined,
    names: ['createdAt', 'date', 'updated_at'],
    make: always(
      dice =>
        `${date(dice, 2015, 2026)}T${pad(dice.int(0, 23))}:${pad(dice.int(0, 59))}:${pad(dice.int(0, 59))}Z`,
    ),
  },
  {
    kind: 'timestamp, compact',
    truth: undefined,
    names: ['createdAt', 'stamp'],
    make: always(
      dice =>
        `${date(dice, 2015, 2026).replaceAll('-', '')}${pad(dice.int(0, 23))}${pad(dice.int(0, 59))}${pad(dice.int(0, 59))}`,
    ),
  },
  {
    kind: 'tracking number',
    truth: undefined,
    names: ['trackingNumber', 'shipment', 'parcel'],
    make: dice =>
      dice.pick<Make>([
        d => `1Z${d.from(`${upper}0123456789`, 8)}${d.digits(8)}`,
        d => `94${d.digits(20)}`,
        d => d.digits(12),
        d => `${d.from(upper, 2)}${d.digits(9)}${d.from(upper, 2)}`,
      ]),
    weight: 2,
  },
  {
    kind: 'SKU',
    truth: undefined,
    names: ['sku', 'articleNumber', 'productCode'],
    make: dice =>
      dice.pick<Make>([
        d => `${d.from(upper, 3)}-${d.digits(4)}-${d.from(upper, 2)}`,
        d => `${d.from(upper, 2)}${d.digits(6)}`,
        d => `${d.digits(3)}-${d.digits(5)}`,
      ]),
  },
  {
    kind: 'version',
    truth: undefined,
    names: ['version', 'appVersion', 'build'],
    make: dice =>
      dice.pick<Make>([
        d => `${d.int(0, 9)}.${d.int(0, 20)}.${d.int(0, 30)}`,
        d => `${d.int(1, 12)}.${d.int(0, 9)}.${d.int(0, 9)}.${d.int(0, 29)}`,
      ]),
    weight: 2,
  },
  { kind: 'EAN-13', truth: undefined, names: ['ean', 'barcode', 'gtin'], make: always(ean13), weight: 2 },
  {
    kind: 'random hex',
    truth: undefined,
    names: ['traceId', 'nonce', 'requestId'],
    make: dice => {
      const length = dice.pick([16, 24, 32])
      return () => dice.from(hex, length)
    },
    weight: 2,
  },
  {
    kind: 'decimals',
    truth: undefined,
    names: ['price', 'score', 'lat_ms', 'ratio'],
    make: always(dice => Number((dice.next() * 150).toFixed(dice.int(2, 6)))),
    weight: 2,
  },
  { kind: 'UUID', truth: undefined, names: ['id', 'orderId', 'requestId'], make: always(uuid), weight: 2 },
  {
    kind: 'words',
    truth: undefined,
    names: ['status', 'colour', 'productName', 'title'],
    make: always(dice => `${dice.pick(words)} ${dice.pick(words)}`),
    weight: 2,
  },
  {
    kind: 'capitalised titles',
    truth: undefined,
    names: ['title', 'category', 'productName', 'city'],
    make: always(dice =>
      dice.pick([
        () =>
          `${dice.pick(['Blue', 'Golden', 'Early', 'Northern', 'Modern', 'Royal'])} ${dice.pick(['Lamp', 'Kettle', 'Chair', 'Garden', 'Kitchen', 'Station'])}`,
        () => dice.pick(cities),
      ])(),
    ),
  },
  {
    kind: 'name of a product beside a price',
    truth: undefined,
    names: ['name'],
    siblings: ['price', 'sku'],
    make: always(
      dice => `${dice.pick(['Blue', 'Golden', 'Early'])} ${dice.pick(['Lamp', 'Kettle', 'Chair'])}`,
    ),
  },
  {
    kind: 'company name beside an e-mail',
    truth: undefined,
    names: ['companyName', 'company'],
    siblings: ['email', 'phone'],
    make: always(dice => `${dice.pick(family)} ${dice.pick(['GmbH', 'Ltd', 'Inc', 'SA'])}`),
  },
  {
    kind: 'sentences',
    truth: undefined,
    names: ['description', 'comment', 'note'],
    make: always(
      dice =>
        `The ${dice.pick(words)} was ${dice.pick(words)} after ${dice.int(2, 90)} days and costs ${dice.int(10, 900)} now.`,
    ),
  },
  {
    kind: 'URL',
    truth: undefined,
    names: ['url', 'link', 'avatar'],
    make: always(dice => `https://cdn.shop.io/${dice.from(hex, 12)}/${dice.int(1, 9000)}.png`),
  },
  {
    kind: 'paging token',
    truth: undefined,
    names: ['nextPageToken', 'cursor', 'continuationToken'],
    make: always(dice => Buffer.from(dice.from(base62, 24)).toString('base64')),
  },
  {
    kind: 'file name at a size',
    truth: undefined,
    names: ['file', 'image'],
    make: always(dice => `icon-${dice.pick(words)}@${dice.int(2, 3)}x.png`),
  },
  {
    kind: 'date that is no birthday',
    truth: undefined,
    names: ['dueDate', 'validUntil', 'releaseDate'],
    make: always(dice => date(dice, 2015, 2030)),
  },
  {
    kind: 'small codes',
    truth: undefined,
    names: ['code', 'type', 'gate', 'shelf'],
    make: always(dice => `${dice.from(upper, 1)}${dice.digits(2)}`),
  },
  {
    kind: 'phone-like part number',
    truth: undefined,
    names: ['partNumber', 'article'],
    make: always(dice => `${dice.digits(3)}-${dice.digits(3)}-${dice.digits(3)}`),
  },
  {
    kind: 'amounts',
    truth: undefined,
    names: ['amount', 'total', 'balance'],
    make: always(dice => dice.int(1_000_000, 99_999_999)),
  },
]

const neutralNames = ['value1', 'a', 'data', 'field3', 'x', 'val', 'col7', 'v', 'attr', 'f12']

/** At least `size` fields, the same for the same seed: each recipe under honest and, where a value can tell, neutral names. */
export function generateFields(seed: number, size: number): readonly GeneratedField[] {
  const dice = new Dice(seed)
  const fields: GeneratedField[] = []
  while (fields.length < size) {
    for (const recipe of recipes) {
      for (let copy = 0; copy < (recipe.weight ?? 1); copy += 1) {
        for (const naming of recipe.needsName === true && recipe.truth !== undefined
          ? (['honest'] as const)
          : (['honest', 'neutral'] as const)) {
          const make = recipe.make(dice)
          const count = dice.int(8, 60)
          fields.push({
            kind: recipe.kind,
            name: dice.pick(naming === 'honest' ? recipe.names : neutralNames),
            siblings: naming === 'honest' ? (recipe.siblings ?? []) : [],
            values: Array.from({ length: count }, () => make(dice)),
            truth: recipe.truth,
            naming,
          })
        }
      }
    }
  }
  return fields
}

/** Full names and street addresses under neutral names: told by likeness alone, and therefore counted apart. */
export function generateProse(seed: number, size: number): readonly GeneratedField[] {
  const dice = new Dice(seed)
  const makes: readonly (readonly [string, Make])[] = [
    ['person-name', d => `${d.pick(given)} ${d.pick(family)}`],
    ['street-address', d => `${d.pick(streets)} ${d.int(1, 199)}`],
  ]
  return Array.from({ length: size }, (_, index) => {
    const [truth, make] = makes[index % makes.length]!
    return {
      kind: truth,
      name: dice.pick(neutralNames),
      siblings: [],
      values: Array.from({ length: dice.int(8, 60) }, () => make(dice)),
      truth,
      naming: 'neutral' as const,
    }
  })
}
