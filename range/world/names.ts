import type { Stream } from './stream.ts'

const first =
  'Ada Ahmed Aiko Alma Amir Ana Anton Bea Bilal Carla Chen Clara Dana David Dora Elif Elsa Emil Eva Farid Felix Fiona Gina Hana Hugo Ida Igor Ines Ivan Jana Jonas Jude Kai Karla Kofi Lara Lena Leo Lina Luca Maja Malik Mara Marta Mateo Mia Milan Mira Nadia Nils Nina Noor Olga Omar Oskar Paula Petra Priya Quinn Rafa Rosa Ruth Samir Sara Selma Sofia Tara Theo Tom Uma Vera Viktor Wanda Yara Yusuf Zoe'.split(
    ' ',
  )
const last =
  'Abel Adams Adeyemi Alvarez Bakker Bauer Becker Berg Bianchi Brandt Castro Chan Costa Cruz Dahl Demir Diaz Dubois Eriksen Farouk Fischer Fonseca Garcia Gruber Haas Haddad Hansen Hoffmann Horvat Ito Ivanov Jansen Kaya Keller Khan Kim Klein Kovacs Kumar Larsen Lehmann Lopez Maier Martin Meyer Moreau Nagy Novak Okafor Olsen Ortiz Papadopoulos Park Petrov Peters Popescu Ramos Rossi Roth Sato Schmid Silva Singh Suzuki Svensson Tanaka Toth Vargas Vogel Wagner Weber Wolf Yilmaz Zhang Ziegler'.split(
    ' ',
  )
const streets =
  'Birch Bridge Canal Cedar Chapel Church Elm Garden Harbour High Hill King Lake Linden Market Meadow Mill North Orchard Park Queen River Rose School South Station Union Willow'.split(
    ' ',
  )
const towns =
  'Ashford Brandon Carlow Dunmore Eastvale Fairview Glenwood Harlow Ironbridge Kingsley Lakeside Milton Newbury Oakham Redhill Stanton Thornton Upton Westbury'.split(
    ' ',
  )
const mailHosts = ['mail.example', 'post.example', 'inbox.example', 'webmail.example', 'letter.example']
const words =
  'amber anchor autumn basil beacon breeze candle cedar cinder cobalt copper coral crane crest delta ember fable falcon fern flint forest glacier granite harbor hazel indigo iris ivory jasper juniper lantern lark linen lotus maple marble meadow mint mosaic nectar north nova oak olive onyx opal orbit otter pebble pine plume prairie quartz quill raven reef ridge river saffron sage sierra slate solstice spruce stone summit tango teal thistle timber topaz tulip umber velvet violet walnut willow winter wren zephyr'.split(
    ' ',
  )

export const mailHost = (stream: Stream): string => stream.pick(mailHosts)
export const word = (stream: Stream): string => stream.pick(words)
export const givenName = (stream: Stream): string => stream.pick(first)
export const familyName = (stream: Stream): string => stream.pick(last)

/** An e-mail address as people choose them. Everybody's is made here, known to the application or not. */
export function mailAddress(stream: Stream, given: string, family: string): string {
  const name = stream.weighted([
    [`${given}.${family}`, 5],
    [`${given}${family}`, 2],
    [`${given}_${family}`, 1],
    [`${given.charAt(0)}.${family}`, 2],
    [`${family}.${given}`, 1],
  ])
  const number = stream.weighted([
    ['', 4],
    [String(stream.int(1, 99)), 3],
    [String(stream.int(1950, 2008)), 2],
  ])
  return `${name}${number}@${stream.pick(mailHosts)}`.toLowerCase()
}

/** An address of somebody who may be anybody. */
export const anyMailAddress = (stream: Stream): string =>
  mailAddress(stream, givenName(stream), familyName(stream))

export const address = (
  stream: Stream,
): { line1: string; city: string; postalCode: string; country: string } => ({
  line1: `${stream.int(1, 240)} ${stream.pick(streets)} Street`,
  city: stream.pick(towns),
  postalCode: stream.digits(5),
  country: stream.weighted([
    ['DE', 5],
    ['NL', 2],
    ['FR', 2],
    ['PL', 1],
    ['US', 1],
  ]),
})

export const phone = (stream: Stream): string => `+4915${stream.digits(9)}`

/** A card number whose check digit is right (ISO/IEC 7812, Luhn), of the test range 4000 00. */
export function cardNumber(stream: Stream): string {
  const body = `400000${stream.digits(9)}`
  let sum = 0
  for (let index = 0; index < body.length; index += 1) {
    let digit = Number(body[body.length - 1 - index])
    if (index % 2 === 0) digit = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return `${body}${(10 - (sum % 10)) % 10}`
}

/** A German IBAN with right check digits (ISO 13616, ISO 7064 mod 97-10). */
export function iban(stream: Stream): string {
  const account = `50010517${stream.digits(10)}`
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}

/** Three to six sentences' worth of plain words: descriptions, notes, messages. */
export const prose = (stream: Stream, count: number): string => {
  const text = Array.from({ length: count }, () => stream.pick(words)).join(' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

const common = [
  '123456',
  'password',
  'qwerty123',
  'Summer2026',
  'Welcome1',
  'iloveyou',
  'letmein1',
  'dragon12',
  'football7',
  'Password1',
]

/** What people choose: most their own, some what everybody has. */
export const password = (stream: Stream): string =>
  stream.chance(0.06)
    ? stream.pick(common)
    : `${stream.pick(words)}${stream.pick(['-', '.', '', '_'])}${stream.pick(words)}${stream.int(1, 999)}`

export const commonPasswords: readonly string[] = common
