import type { Json } from '../../src/call/content.ts'
import type { Random } from '../catalog-traffic/random.ts'
import { eanOf, ibanOf, luhnDigit, weighted } from './check-digits.ts'

/** A kind of field: what its values are, and what honest people call it. */
export interface Kind {
  readonly kind: string
  /** Class it should be given; undefined for a look-alike. */
  readonly truth: string | undefined
  readonly names: readonly string[]
  /** Names of fields beside it, under honest naming. */
  readonly beside?: readonly string[]
  /** True where no value can tell without a name. */
  readonly needsName?: boolean
  /** Makes the source of one field's values. */
  readonly source: (random: Random) => () => Json
}

const given =
  'Agnieszka Ahmet Alejandra Amara Anders Beatriz Camille Cheng Daniela Dimitris Ebba Eduardo Fatima Francesca Giulia Hamza Hendrik Hugo Isabela Jakub Jiho Joana Kamila Khadija Lars Liam Lucía Magda Marie Mateus Minh Mohamed Nikolai Noemi Oksana Olivia Pablo Raúl Rin Sakura Saoirse Tariq Thomas Ursula Valentina Wojciech Yara Zeynep'.split(
    ' ',
  )
const family =
  'Abadi Andersson Bakker Barbosa Bianchi Cruz Demir Diallo Edwards Fernández Fischer Gonçalves Haddad Horváth Ito Janssen Kaya Kim Kowalski Kumar Lefèvre Lindberg Martin Moretti Müller Nakamura Nguyen O’Neill Papadopoulos Park Pereira Popescu Ramírez Rossi Santos Schmidt Sokolov Tran Vargas Virtanen Weber Wójcik Yilmaz Zhang'.split(
    ' ',
  )
const hexDigits = '0123456789abcdef'
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const alphabet = `0123456789${capitals}${capitals.toLowerCase()}`
const from = (random: Random, letters: string, length: number): string =>
  Array.from({ length }, () => letters[random.below(letters.length)]).join('')
const digits = (random: Random, length: number): string => from(random, '0123456789', length)
const two = (value: number): string => String(value).padStart(2, '0')
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
const dayBetween = (random: Random, first: number, last: number): readonly [string, string, string] => [
  String(first + random.below(last - first + 1)),
  two(1 + random.below(12)),
  two(1 + random.below(28)),
]
const each =
  (make: (random: Random) => Json) =>
  (random: Random): (() => Json) =>
  () =>
    make(random)
/** One way of writing for a whole field. */
const one =
  (...ways: readonly ((random: Random) => Json)[]) =>
  (random: Random): (() => Json) => {
    const way = random.pick(ways)
    return () => way(random)
  }
/** Numbers handed out one after the other. */
const rising =
  (start: number, step: number, write: (value: number) => Json) =>
  (random: Random): (() => Json) => {
    let at = start + random.below(start)
    return () => {
      at += 1 + random.below(step)
      return write(at)
    }
  }

const card = (random: Random): string => {
  const prefix = random.pick(['4', '4', '52', '54', '2350', '34', '6011', '3540', '6221'])
  const body = prefix + digits(random, (prefix === '34' ? 14 : 15) - prefix.length)
  return body + luhnDigit(body)
}
const domains = [
  'correo.es',
  'posta.it',
  'firma.pl',
  'work.co.jp',
  'uni.edu',
  'team.dev',
  'email.se',
  'loja.com.br',
]

/** What should be found. */
export const personal: readonly Kind[] = [
  {
    kind: 'email or handle',
    truth: 'email',
    names: ['username', 'loginName', 'identifier_of_user'],
    source: each(random =>
      random.below(2) === 0
        ? `${plain(random.pick(given))}@${random.pick(domains)}`
        : `${plain(random.pick(given))}${random.below(99)}`,
    ),
  },
  {
    kind: 'phone, country code without plus',
    truth: 'phone',
    names: ['msisdn', 'mobile', 'phone_number', 'whatsapp'],
    needsName: true,
    source: each(random => `${random.pick(['49151', '346', '4670', '3933'])}${digits(random, 8)}`),
  },
  {
    kind: 'four cards, again and again',
    truth: 'payment-card',
    names: ['cardNumber', 'pan', 'card'],
    source: random => {
      const held = [card(random), card(random), card(random), card(random)]
      return () => random.pick(held)
    },
  },
  {
    kind: 'ssn without dashes',
    truth: 'us-ssn',
    names: ['ssn', 'social_security_number', 'socialSecurity'],
    needsName: true,
    source: each(
      random =>
        `${two(10 + random.below(50))}${random.below(10)}${two(1 + random.below(99))}${1000 + random.below(9000)}`,
    ),
  },
  {
    kind: 'names in small letters or capitals',
    truth: 'person-name',
    names: ['lastName', 'surname', 'full_name', 'contactName'],
    needsName: true,
    source: one(
      random => random.pick(family).toUpperCase(),
      random => `${random.pick(given)} ${random.pick(family)}`.toLowerCase(),
      random => `${random.pick(family)}, ${random.pick(given)} ${from(random, capitals, 1)}.`,
    ),
  },
  {
    kind: 'IPv6',
    truth: 'ip-address',
    names: ['ip', 'remoteAddr', 'client_ip', 'ipv6'],
    source: each(
      random =>
        `2001:${from(random, hexDigits, 4)}:${from(random, hexDigits, 4)}:0:${from(random, hexDigits, 2)}::${from(random, hexDigits, 3)}`,
    ),
  },
  {
    kind: 'card',
    truth: 'payment-card',
    names: ['cardNumber', 'CARD_NUMBER', 'credit_card', 'card-no', 'pan', 'creditCardNumber', 'PAN'],
    beside: ['expiryMonth', 'cardBrand'],
    source: one(card, random => card(random).replace(/(\d{4})(?=\d)/g, '$1-')),
  },
  {
    kind: 'iban',
    truth: 'iban',
    names: ['iban', 'IBAN', 'payeeIban', 'debtor_iban', 'bankAccount'],
    beside: ['bic'],
    source: one(
      random => ibanOf('SE', digits(random, 20)),
      random => ibanOf('PL', digits(random, 24)),
      random => ibanOf('AT', digits(random, 16)),
      random => ibanOf('IT', from(random, capitals, 1) + digits(random, 22)),
      random => ibanOf('BE', digits(random, 12)).replace(/(.{4})(?=.)/g, '$1 '),
    ),
  },
  {
    kind: 'email',
    truth: 'email',
    names: ['email', 'Email', 'contact_email', 'correo', 'emailAddress', 'e-mail', 'userEmail', 'EMAIL'],
    source: each(
      random => `${plain(random.pick(given))}.${plain(random.pick(family))}@${random.pick(domains)}`,
    ),
  },
  {
    kind: 'email with tags',
    truth: 'email',
    names: ['mail', 'replyTo', 'login', 'recipient'],
    source: each(
      random =>
        `${plain(random.pick(family))}${random.below(99)}+${from(random, hexDigits, 4)}@${random.pick(domains)}`,
    ),
  },
  {
    kind: 'phone with country',
    truth: 'phone',
    names: ['phone', 'telefono', 'phoneNumber', 'mobile_phone', 'Telefon', 'contactPhone', 'TEL', 'celular'],
    beside: ['firstName'],
    source: one(
      random => `+34 6${digits(random, 2)} ${digits(random, 3)} ${digits(random, 3)}`,
      random => `+48${random.pick(['50', '60', '72', '88'])}${digits(random, 7)}`,
      random => `+39 3${digits(random, 2)} ${digits(random, 7)}`,
      random => `+55 11 9${digits(random, 4)}-${digits(random, 4)}`,
      random => `+46 70 ${digits(random, 3)} ${digits(random, 2)} ${digits(random, 2)}`,
      random => `+81-90-${digits(random, 4)}-${digits(random, 4)}`,
    ),
  },
  {
    kind: 'phone, national',
    truth: 'phone',
    names: ['phone', 'tel', 'fax', 'homePhone', 'numero_telefono'],
    beside: ['lastName', 'email'],
    needsName: true,
    source: one(
      random => `0${random.pick(['6', '7'])} ${[1, 2, 3, 4].map(() => digits(random, 2)).join(' ')}`,
      random =>
        `(${random.pick(['212', '310', '415', '617'])}) ${2 + random.below(8)}${digits(random, 2)}-${digits(random, 4)}`,
      random => `07${digits(random, 3)} ${digits(random, 6)}`,
    ),
  },
  {
    kind: 'ssn',
    truth: 'us-ssn',
    names: ['ssn', 'SSN', 'social_security_number', 'applicantSsn', 'socialSecurity'],
    source: each(
      random =>
        `${two(10 + random.below(50))}${random.below(10)}-${two(1 + random.below(99))}-${1000 + random.below(9000)}`,
    ),
  },
  {
    kind: 'bsn',
    truth: 'nl-bsn',
    names: ['bsn', 'BSN', 'burgerservicenummer'],
    needsName: true,
    source: each(random => {
      for (;;) {
        const text = `${1 + random.below(8)}${digits(random, 8)}`
        if (weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, 10], 11) === 0) return text
      }
    }),
  },
  {
    kind: 'cpf, grouped',
    truth: 'br-cpf',
    names: ['cpf', 'CPF', 'cpf_cliente'],
    source: each(random => {
      const body = digits(random, 9)
      const next = (text: string): string => {
        const sum = [...text].reduce(
          (total, digit, index) => total + Number(digit) * (text.length + 1 - index),
          0,
        )
        const rest = (sum * 10) % 11
        return String(rest === 10 ? 0 : rest)
      }
      const first = next(body)
      const all = body + first + next(body + first)
      return all.replace(/(\d{3})(\d{3})(\d{3})(\d{2})/, '$1.$2.$3-$4')
    }),
  },
  {
    kind: 'pesel',
    truth: 'pl-pesel',
    names: ['pesel', 'PESEL', 'pesel_number'],
    source: each(random => {
      const [year, month, day] = dayBetween(random, 50, 99)
      const body = year + month + day + digits(random, 4)
      return body + String((10 - weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10)) % 10)
    }),
  },
  {
    kind: 'imei',
    truth: 'device-imei',
    names: ['imei', 'IMEI', 'device_imei'],
    needsName: true,
    source: each(random => {
      const body = `35${digits(random, 12)}`
      return body + luhnDigit(body)
    }),
  },
  {
    kind: 'date of birth',
    truth: 'date-of-birth',
    names: ['dateOfBirth', 'birth_date', 'DOB', 'geburtsdatum', 'birthday', 'fechaNacimiento', 'birthDate'],
    needsName: true,
    source: one(
      random => dayBetween(random, 1940, 2008).join('-'),
      random => dayBetween(random, 1940, 2008).toReversed().join('.'),
      random => `${dayBetween(random, 1940, 2008).join('-')}T00:00:00.000Z`,
    ),
  },
  {
    kind: 'full name',
    truth: 'person-name',
    names: ['fullName', 'customer_name', 'full_name', 'patientName', 'accountHolder', 'cardholderName'],
    needsName: true,
    source: each(random => `${random.pick(given)} ${random.pick(family)}`),
  },
  {
    kind: 'first name',
    truth: 'person-name',
    names: ['firstName', 'first_name', 'vorname', 'givenName', 'FirstName', 'prenom', 'nombre'],
    beside: ['lastName', 'email'],
    needsName: true,
    source: each(random => random.pick(given)),
  },
  {
    kind: 'last name',
    truth: 'person-name',
    names: ['lastName', 'surname', 'nachname', 'family_name', 'apellido', 'cognome', 'LAST_NAME'],
    beside: ['firstName', 'email'],
    needsName: true,
    source: each(random => random.pick(family)),
  },
  {
    kind: 'street',
    truth: 'street-address',
    names: ['street', 'addressLine1', 'street_address', 'billingAddress', 'strasse', 'shipping_address'],
    beside: ['city', 'zip'],
    needsName: true,
    source: one(
      random =>
        `${1 + random.below(400)} ${random.pick(['Maple', 'Sunset', 'King', 'Harbour'])} ${random.pick(['Street', 'Road', 'Lane', 'Drive'])}`,
      random => `${random.pick(['Goethe', 'Garten', 'Bahnhof', 'Schiller'])}straße ${1 + random.below(120)}`,
      random => `Calle ${random.pick(['Luna', 'del Sol', 'Real', 'de Atocha'])}, ${1 + random.below(90)}`,
      random => `${1 + random.below(90)} rue ${random.pick(['Pasteur', 'de la Paix', 'Voltaire'])}`,
    ),
  },
  {
    kind: 'postal code',
    truth: 'postal-code',
    names: ['zip', 'postalCode', 'postcode', 'plz', 'zip_code', 'codigoPostal', 'cap'],
    beside: ['city', 'street'],
    needsName: true,
    source: one(
      random => digits(random, 5),
      random =>
        `${random.pick(['SW', 'NE', 'LS', 'EH'])}${1 + random.below(19)} ${1 + random.below(9)}${from(random, 'ABDEFGH', 2)}`,
      random => `${digits(random, 2)}-${digits(random, 3)}`,
    ),
  },
  {
    kind: 'IPv4',
    truth: 'ip-address',
    names: ['ip', 'clientIp', 'remote_addr', 'ipAddress', 'IP', 'lastLoginIp'],
    source: each(
      random =>
        `${[11 + random.below(200), random.below(256), random.below(256), 1 + random.below(254)].join('.')}`,
    ),
  },
  {
    kind: 'MAC',
    truth: 'mac-address',
    names: ['mac', 'macAddress', 'mac_address', 'MAC'],
    source: one(
      random => Array.from({ length: 6 }, () => from(random, hexDigits, 2)).join(':'),
      random => Array.from({ length: 6 }, () => from(random, '0123456789ABCDEF', 2)).join('-'),
    ),
  },
  {
    kind: 'latitude',
    truth: 'geo-location',
    names: ['latitude', 'lat', 'homeLatitude'],
    beside: ['longitude', 'lng'],
    needsName: true,
    source: each(random => Number((random.next() * 140 - 70).toFixed(6))),
  },
  {
    kind: 'vendor key',
    truth: 'secret',
    names: ['apiKey', 'token', 'awsAccessKeyId', 'credential', 'secretKey'],
    source: one(
      random => `AKIA${from(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
      random => `glpat-${from(random, alphabet, 20)}`,
      random => `sk_live_${from(random, alphabet, 24)}`,
      random => `xoxb-${digits(random, 12)}-${digits(random, 12)}-${from(random, alphabet, 24)}`,
    ),
  },
  {
    kind: 'JWT',
    truth: 'jwt',
    names: ['idToken', 'access_token', 'jwt', 'authToken'],
    source: each(random => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ sub: random.below(9_999), iat: 1_760_000_000 })}.${from(random, alphabet, 86)}`
    }),
  },
  {
    kind: 'random secret',
    truth: 'generic-secret',
    names: ['clientSecret', 'client_secret', 'webhookSecret', 'api_token', 'signingKey'],
    needsName: true,
    source: one(
      random => from(random, alphabet, 40),
      random => from(random, hexDigits, 64),
    ),
  },
]

/** What should not. */
export const harmless: readonly Kind[] = [
  {
    kind: 'serial shipping container code',
    truth: undefined,
    names: ['sscc', 'palletId', 'containerCode'],
    source: each(random => {
      const body = `3${digits(random, 16)}`
      return (
        body + String((10 - weighted(body, [3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10)) % 10)
      )
    }),
  },
  {
    kind: 'loyalty number that passes Luhn',
    truth: undefined,
    names: ['loyaltyId', 'member_no', 'miles_account_id', 'voucherCode'],
    source: each(random => {
      const body = `6035${digits(random, 11)}`
      return body + luhnDigit(body)
    }),
  },
  {
    kind: 'number of a tax or a company',
    truth: undefined,
    names: ['vatId', 'ustId', 'companyReg', 'ein'],
    source: one(
      random => `DE${digits(random, 9)}`,
      random => `ATU${digits(random, 8)}`,
      random => `${digits(random, 2)}-${digits(random, 7)}`,
    ),
  },
  {
    kind: 'handle',
    truth: undefined,
    names: ['handle', 'nickname', 'gamerTag', 'slug'],
    source: each(
      random =>
        `${random.pick(['storm', 'pixel', 'lazy', 'neo'])}_${random.pick(['fox', 'owl', 'cat'])}${random.below(999)}`,
    ),
  },
  {
    kind: 'colour in parts, box, range',
    truth: undefined,
    names: ['bbox', 'viewport', 'rgb', 'range'],
    source: one(
      random => `${random.below(256)},${random.below(256)},${random.below(256)}`,
      random => `${random.below(900)}x${random.below(900)}`,
      random => `${random.below(90)}-${100 + random.below(90)}`,
    ),
  },
  {
    kind: 'identifier of an object',
    truth: undefined,
    names: ['objectId', '_id', 'ref', 'parent_id'],
    source: one(
      random => from(random, hexDigits, 24),
      random => `ord_${from(random, alphabet, 16)}`,
      random => from(random, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26),
    ),
  },
  {
    kind: 'room, extension, short number',
    truth: undefined,
    names: ['room', 'extension', 'seat', 'line_no'],
    source: one(
      random => digits(random, 4),
      random => `${digits(random, 3)}-${digits(random, 4)}`,
    ),
  },
  {
    kind: 'sentence with a number',
    truth: undefined,
    names: ['description', 'comment', 'summary', 'notes'],
    source: each(
      random =>
        `Ready in ${1 + random.below(40)} days, ${random.pick(['pick up at gate', 'bring box', 'row'])} ${random.below(90)}`,
    ),
  },
  {
    kind: 'order number that passes Luhn',
    truth: undefined,
    names: ['orderNumber', 'invoice_no', 'ORDER_ID', 'bestellnummer', 'pedido'],
    source: rising(410_000_000_000_000, 1_000, value => String(value) + luhnDigit(String(value))),
  },
  {
    kind: 'random 16 digits',
    truth: undefined,
    names: ['transactionId', 'ledgerRef', 'traceNo', 'external_id'],
    source: each(random => `${1 + random.below(9)}${digits(random, 15)}`),
  },
  {
    kind: 'tracking number',
    truth: undefined,
    names: ['trackingNumber', 'tracking_code', 'awb', 'sendungsnummer'],
    source: one(
      random => `1Z${from(random, `0123456789${capitals}`, 16)}`,
      random => `9400${digits(random, 18)}`,
      random => `JD${digits(random, 18)}`,
      random => `${from(random, capitals, 2)}${digits(random, 9)}DE`,
    ),
  },
  {
    kind: 'EAN or ISBN',
    truth: undefined,
    names: ['ean', 'isbn', 'gtin', 'barcode', 'EAN13'],
    source: each(random => eanOf(`${random.pick(['978', '730', '544', '888'])}${digits(random, 9)}`)),
  },
  {
    kind: 'serial with a Luhn digit',
    truth: undefined,
    names: ['serialNumber', 'iccid', 'meterNo', 'asset_tag'],
    source: each(random => {
      const body = `8946${digits(random, 14)}`
      return body + luhnDigit(body)
    }),
  },
  {
    kind: 'seconds',
    truth: undefined,
    names: ['createdAt', 'updated_at', 'ts', 'lastSeen', 'expires'],
    source: one(
      random => 1_600_000_000 + random.below(200_000_000),
      random => String(1_600_000_000 + random.below(200_000_000)),
      random => String(1_600_000_000_000 + random.below(2_000_000_000)),
    ),
  },
  {
    kind: 'day',
    truth: undefined,
    names: ['startDate', 'validFrom', 'published', 'due_date', 'datum'],
    source: each(random => dayBetween(random, 2015, 2028).join('-')),
  },
  {
    kind: 'price',
    truth: undefined,
    names: ['price', 'amount', 'netTotal', 'betrag', 'importe'],
    source: one(
      random => random.below(1_000_000) / 100,
      random => (random.below(1_000_000) / 100).toFixed(2),
    ),
  },
  {
    kind: 'version',
    truth: undefined,
    names: ['version', 'appVersion', 'firmware', 'build'],
    source: one(
      random => [1 + random.below(9), random.below(30), random.below(99)].join('.'),
      random => [1 + random.below(9), random.below(30), random.below(99), random.below(200)].join('.'),
    ),
  },
  {
    kind: 'UUID',
    truth: undefined,
    names: ['id', 'sessionKey', 'correlationId', 'uid', 'accessKeyId'],
    source: each(random => [8, 4, 4, 4, 12].map(length => from(random, hexDigits, length)).join('-')),
  },
  {
    kind: 'digest',
    truth: undefined,
    names: ['sha256', 'etag', 'checksum', 'commit', 'fingerprint'],
    source: one(
      random => from(random, hexDigits, 40),
      random => from(random, hexDigits, 64),
      random => from(random, hexDigits, 32),
    ),
  },
  {
    kind: 'nine digits',
    truth: undefined,
    names: ['customerNo', 'matnr', 'articleNumber', 'kundennummer', 'legacyId'],
    source: one(
      random => `${1 + random.below(9)}${digits(random, 8)}`,
      random => 100_000_000 + random.below(899_999_999),
    ),
  },
  {
    kind: 'ten digits',
    truth: undefined,
    names: ['caseNumber', 'ticketNo', 'batchNo', 'contract'],
    source: one(
      random => `${1 + random.below(9)}${digits(random, 9)}`,
      random => `${digits(random, 3)}-${digits(random, 7)}`,
    ),
  },
  {
    kind: 'cursor',
    truth: undefined,
    names: ['nextPageToken', 'cursor', 'continuationToken', 'pageToken', 'next_cursor'],
    source: each(random => Buffer.from(from(random, alphabet, 27)).toString('base64')),
  },
  {
    kind: 'product name',
    truth: undefined,
    names: ['title', 'productName', 'name', 'label', 'displayName'],
    beside: ['sku', 'price'],
    source: each(
      random =>
        `${random.pick(['Oslo', 'Nordic', 'Solid', 'Classic', 'Urban'])} ${random.pick(['Lamp', 'Desk', 'Chair', 'Shelf', 'Kettle'])}`,
    ),
  },
  {
    kind: 'place',
    truth: undefined,
    names: ['city', 'ort', 'ciudad', 'destination'],
    source: each(random =>
      random.pick(['Bergen', 'Valencia', 'Kraków', 'Nagoya', 'Curitiba', 'Gent', 'Bristol']),
    ),
  },
  {
    kind: 'company',
    truth: undefined,
    names: ['company', 'vendorName', 'firma', 'merchant'],
    source: each(
      random => `${random.pick(family)} ${random.pick(['GmbH', 'Ltd', 'SARL', 'Oy', 'Inc.', 'S.p.A.'])}`,
    ),
  },
  {
    kind: 'status',
    truth: undefined,
    names: ['status', 'state', 'tokenType', 'passwordPolicy', 'emailStatus', 'phoneType'],
    source: each(random => random.pick(['ACTIVE', 'PENDING', 'CLOSED', 'VERIFIED', 'NONE'])),
  },
  {
    kind: 'flag of personal data',
    truth: undefined,
    names: ['emailVerified', 'phoneCount', 'hasSsn', 'ipCount', 'birthdayReminder'],
    source: one(
      random => random.below(2) === 0,
      random => random.below(40),
    ),
  },
  {
    kind: 'colour or code',
    truth: undefined,
    names: ['color', 'code', 'sku', 'locale', 'currency'],
    source: one(
      random => `#${from(random, hexDigits, 6)}`,
      random => `${from(random, capitals, 3)}-${digits(random, 5)}`,
      random => random.pick(['EUR', 'SEK', 'JPY', 'BRL']),
      random => random.pick(['sv-SE', 'pt-BR', 'ja-JP']),
    ),
  },
  {
    kind: 'link',
    truth: undefined,
    names: ['url', 'href', 'avatarUrl', 'self'],
    source: each(
      random => `https://cdn.sample.example/${from(random, hexDigits, 12)}/${random.below(999)}.png`,
    ),
  },
  {
    kind: 'time of day',
    truth: undefined,
    names: ['opensAt', 'time', 'duration', 'slot'],
    source: each(random => `${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}`),
  },
  {
    kind: 'size and coordinate on a screen',
    truth: undefined,
    names: ['x', 'y', 'width', 'score', 'ratio', 'offset'],
    source: one(
      random => Number((random.next() * 100).toFixed(4)),
      random => random.below(2_000),
    ),
  },
]
