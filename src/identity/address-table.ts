import { isIPv4, isIPv6 } from 'node:net'
import { SallyportError } from '../kit/error.ts'
import type { Place } from './place.ts'

/** A range of addresses and where it is. */
export interface AddressRange extends Place {
  /** `203.0.113.0/24`, `2001:db8::/48` or a single address. IPv6 is told apart by its first 64 bits. */
  readonly network: string
}

interface Row {
  readonly start: bigint
  readonly end: bigint
  readonly place: Place
}

/** Where addresses are, from ranges that people configured or from a file. The narrowest range wins. */
export class AddressTable {
  readonly #rows: readonly Row[]
  /** The furthest end of the rows up to each: how far back a search must look. */
  readonly #reach: readonly bigint[]

  /** @throws SallyportError `config/invalid` naming the range */
  constructor(ranges: readonly AddressRange[]) {
    const rows = ranges.map(rowOf).sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    let reach = -1n
    this.#reach = rows.map(({ end }) => {
      if (end > reach) reach = end
      return reach
    })
    this.#rows = rows
  }

  get size(): number {
    return this.#rows.length
  }

  placeOf(ip: string): Place | undefined {
    const value = numberOf(ip)
    if (value === undefined) return undefined
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rows[middle]!.start <= value) low = middle + 1
      else high = middle
    }
    let best: Row | undefined
    for (let at = low - 1; at >= 0 && this.#reach[at]! >= value; at -= 1) {
      const row = this.#rows[at]!
      if (row.end < value) continue
      if (best === undefined || row.end - row.start < best.end - best.start) best = row
    }
    return best?.place
  }
}

/** IPv4 as it is, IPv6 by its first 64 bits above all of IPv4. */
function numberOf(ip: string): bigint | undefined {
  if (isIPv4(ip)) return ip.split('.').reduce((sum, part) => (sum << 8n) | BigInt(Number(part)), 0n)
  if (!isIPv6(ip)) return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return numberOf(mapped)
  const [before = '', after] = ip.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const groups =
    after === undefined
      ? left
      : [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right]
  let value = 1n << 64n
  let prefix = 0n
  for (const group of groups.slice(0, 4)) prefix = (prefix << 16n) | BigInt(Number.parseInt(group, 16) || 0)
  value |= prefix
  return value
}

function rowOf({ network, ...place }: AddressRange): Row {
  const [address = '', width] = network.split('/')
  const start = numberOf(address)
  const whole = isIPv4(address) ? 32 : 64
  const bits = width === undefined ? whole : Math.min(Number(width), whole)
  if (start === undefined || !Number.isInteger(bits) || bits < 0) {
    throw new SallyportError('config/invalid', `“${network.slice(0, 80)}” is not an address range.`, {
      where: 'identity.addresses',
      mend: 'Write ranges like 203.0.113.0/24 or 2001:db8::/48.',
    })
  }
  const size = 1n << BigInt(whole - bits)
  const first = start & ~(size - 1n)
  return { start: first, end: first + size - 1n, place }
}

const kinds = new Set(['office', 'vpn', 'hosting', 'mobile'])
const columns = new Set(['network', 'country', 'latitude', 'longitude', 'asn', 'name', 'kind'])

/**
 * Ranges of a CSV file whose first line names the columns: `network` and any of `country`, `latitude`, `longitude`, `asn`, `name`,
 * `kind`, in any order; other columns are skipped. No quotes: none of the values has a comma.
 * @throws SallyportError `config/invalid` naming the line
 */
export function readAddressFile(text: string, where: string): readonly AddressRange[] {
  const [head = '', ...lines] = text.split(/\r?\n/)
  const names = head.split(',').map(name => name.trim().toLowerCase())
  if (!names.includes('network')) {
    throw new SallyportError('config/invalid', 'The file of addresses has no column `network`.', {
      where: `${where}:1`,
      mend: `Name the columns in the first line: ${[...columns].join(', ')}.`,
    })
  }
  const ranges: AddressRange[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const cells = line.split(',')
    const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? ''
    const numeric = (name: string): number | undefined => (cell(name) === '' ? undefined : Number(cell(name)))
    const [latitude, longitude, asn] = [numeric('latitude'), numeric('longitude'), numeric('asn')]
    const kind = cell('kind')
    const wrong = [latitude, longitude, asn].some(value => value !== undefined && !Number.isFinite(value))
    if (wrong || (kind !== '' && !kinds.has(kind))) {
      throw new SallyportError('config/invalid', 'A line of the file of addresses cannot be read.', {
        where: `${where}:${index + 2}`,
        mend: 'Give numbers for latitude, longitude and asn, and office, vpn, hosting or mobile as kind.',
      })
    }
    const range: AddressRange = {
      network: cell('network'),
      ...(cell('country') === '' ? {} : { country: cell('country').toUpperCase() }),
      ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
      ...(asn === undefined ? {} : { asn }),
      ...(cell('name') === '' ? {} : { name: cell('name') }),
      ...(kind === '' ? {} : { kind: kind as NonNullable<Place['kind']> }),
    }
    ranges.push(range)
  }
  return ranges
}
