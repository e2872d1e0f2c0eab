import type { Random } from './random.ts'

const words =
  'amber anvil aspen badger barley basalt beacon birch bramble brook cedar chalk cinder clover cobble copper coral cricket dapple delta ember falcon fennel fern flint gannet garnet ginger hazel heron indigo ivy jasper juniper kestrel lantern larch lichen linden magpie maple marten mica moss nettle oat onyx osier otter pebble pewter plover quartz quince raven reed robin rowan saffron sorrel sparrow spruce starling tansy teal thistle thyme umber vetch walnut willow wren yarrow zephyr'.split(
    ' ',
  )
const people =
  'adaeze aino bogdan chiara dilnoza emre fatou goran hanne ibrahim jelena kaito leila marek nadia olu pavel quan ravi sanna tomas uma viktor wanjiru xenia yusuf zofia'.split(
    ' ',
  )
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const from = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join('')

/** How the values of one parameter are written. */
export const writings: Readonly<Record<string, (random: Random) => string>> = {
  number: random => String(1 + random.below(random.below(2) === 0 ? 900 : 90_000_000)),
  uuid: random => [8, 4, 4, 4, 12].map(length => from(random, '0123456789abcdef', length)).join('-'),
  hex: random => from(random, '0123456789abcdef', 24),
  token: random => from(random, alphabet, 11 + random.below(12)),
  prefixed: random => `${random.pick(['ord', 'cus', 'itm', 'acct'])}_${from(random, alphabet, 14)}`,
  word: random => random.pick(words),
  slug: random => Array.from({ length: 2 + random.below(3) }, () => random.pick(words)).join('-'),
  person: random => `${random.pick(people)}${random.below(3) === 0 ? random.below(100) : ''}`,
  title: random => random.pick(words).replace(/^./, first => first.toUpperCase()),
  code: random => from(random, letters, 2 + random.below(3)),
  numberedCode: random => `${from(random, letters, 2)}-${1000 + random.below(9000)}`,
  date: random => new Date(1_600_000_000_000 + random.below(2_000) * 86_400_000).toISOString().slice(0, 10),
  file: random => `${random.pick(words)}-${random.below(90)}.${random.pick(['pdf', 'png', 'csv'])}`,
  format: random => random.pick(['json', 'xml', 'csv']),
  version: random => random.pick(['1', '2', 'v1', '1.2.0', '2.0.4', '3.1.1']),
  email: random => `${random.pick(people)}@${random.pick(words)}.example`,
}

/** The writing of a parameter, from what its schema and name say; the rest by chance. */
export function writingOf(
  name: string,
  schema: { type?: unknown; format?: unknown },
  random: Random,
): string {
  const lower = name.toLowerCase()
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (schema.format === 'uuid' || lower.includes('uuid') || lower.includes('guid')) return 'uuid'
  if (String(schema.format).startsWith('date') || /date|day$/.test(lower)) return 'date'
  if (lower.includes('email')) return 'email'
  if (/^(?:format|ext|extension|type)$/.test(lower)) return 'format'
  if (/version/.test(lower)) return 'version'
  if (/file|path|attachment/.test(lower)) return 'file'
  if (/user|login|owner|author/.test(lower) && !lower.endsWith('id')) return 'person'
  if (/slug|name|title|key|tag|label/.test(lower)) return random.pick(['slug', 'word', 'word', 'title'])
  if (/code|country|currency|locale|lang|symbol/.test(lower)) return random.pick(['code', 'numberedCode'])
  if (/id$|hash|token/.test(lower))
    return random.pick(['number', 'number', 'uuid', 'hex', 'token', 'prefixed', 'slug'])
  return random.pick(['word', 'word', 'slug', 'code', 'number', 'title'])
}
