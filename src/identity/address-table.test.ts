import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { SallyportError } from '../kit/error.ts'
import { AddressTable, readAddressFile } from './address-table.ts'
import { distance, Places } from './place.ts'

describe('AddressTable', () => {
  const table = new AddressTable([
    { network: '198.51.100.0/24', country: 'DE' },
    { network: '198.51.100.128/25', country: 'FR' },
    { network: '198.51.100.200', name: 'the office', kind: 'office' },
    { network: '2001:db8::/32', country: 'NL' },
    { network: '2001:db8:7::/48', country: 'PL' },
  ])
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['198.51.100.1', 'DE'],
    ['198.51.100.130', 'FR'],
    ['198.51.100.200', 'the office'],
    ['198.51.100.255', 'FR'],
    ['198.51.101.0', undefined],
    ['198.51.99.255', undefined],
    ['::ffff:198.51.100.1', 'DE'],
    ['2001:db8:1::5', 'NL'],
    ['2001:db8:7:9::1', 'PL'],
    ['2001:db9::1', undefined],
    ['not an address', undefined],
  ]

  it.each(rows)('finds %s', (ip, expected) => {
    const place = table.placeOf(ip)
    expect(place?.name ?? place?.country).toBe(expected)
  })

  it('ran every row', () => expect(rows.length).toBe(11))

  it('finds what a search through all of them finds', () => {
    const octet = fc.nat(255)
    const range = fc.record({
      a: fc.constantFrom(10, 11),
      b: octet,
      c: octet,
      bits: fc.integer({ min: 8, max: 32 }),
    })
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), octet, octet, (ranges, b, c) => {
        const made = ranges.map(({ a, b, c, bits }, index) => ({
          network: `${a}.${b}.${c}.0/${bits}`,
          asn: index + 1,
        }))
        const whole = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
        const ip = `10.${b}.${c}.0`
        const holds = made.filter(({ network }) => {
          const [start = '', bits = '32'] = network.split('/')
          const size = 2 ** (32 - Number(bits))
          return Math.floor(whole(ip) / size) === Math.floor(whole(start) / size)
        })
        const narrowest = Math.max(-1, ...holds.map(({ network }) => Number(network.split('/')[1])))
        const found = new AddressTable(made).placeOf(ip)
        expect(found === undefined).toBe(holds.length === 0)
        if (found !== undefined) {
          const chosen = made.find(({ asn }) => asn === found.asn)
          expect(Number(chosen?.network.split('/')[1])).toBe(narrowest)
        }
      }),
    )
  })

  it('reads a file by the names of its columns, and says where it is wrong', () => {
    const ranges = readAddressFile(
      'country,network,city,latitude,longitude,kind\nde,198.51.100.0/24,Berlin,52.5,13.4,\n\n,10.8.0.0/16,,,,vpn\n',
      'places.csv',
    )
    expect(ranges).toEqual([
      { network: '198.51.100.0/24', country: 'DE', latitude: 52.5, longitude: 13.4 },
      { network: '10.8.0.0/16', kind: 'vpn' },
    ])
    const wrong: readonly (readonly [string, string])[] = [
      ['country\nDE', 'places.csv:1'],
      ['network,latitude\n10.0.0.0/8,north', 'places.csv:2'],
      ['network,kind\n10.0.0.0/8,office\n10.1.0.0/16,castle', 'places.csv:3'],
    ]
    for (const [text, where] of wrong) {
      let thrown: unknown
      try {
        readAddressFile(text, 'places.csv')
      } catch (error) {
        thrown = error
      }
      expect((thrown as SallyportError).where).toBe(where)
    }
    expect(() => new AddressTable([{ network: '10.0.0.0/x' }])).toThrow(SallyportError)
    expect(wrong.length).toBe(3)
  })
})

describe('Places', () => {
  const call = (headers: readonly (readonly [string, string])[], ip = '203.0.113.7'): ApiCall =>
    ({
      time: 0,
      source: { ip },
      destination: { host: 'api.shop.example' },
      request: { headers },
    }) as unknown as ApiCall
  const edge = [
    ['cf-ipcountry', 'de'],
    ['cf-iplatitude', '52.5'],
    ['cf-iplongitude', '13.4'],
  ] as const

  it('believes the edge where every call carries its headers, and nobody else', () => {
    const places = new Places()
    for (let index = 0; index < 60; index += 1) places.of(call(edge))
    expect(places.of(call(edge))).toEqual({ country: 'DE', latitude: 52.5, longitude: 13.4 })
    const without = new Places()
    for (let index = 0; index < 60; index += 1) without.of(call([]))
    expect(without.of(call(edge))).toBeUndefined()
  })

  it('puts the table of addresses before the edge', () => {
    const places = new Places(new AddressTable([{ network: '203.0.113.0/24', name: 'the office' }]))
    for (let index = 0; index < 60; index += 1) places.of(call(edge, '192.0.2.1'))
    expect(places.of(call(edge))?.name).toBe('the office')
  })

  it('measures over the globe', () => {
    const berlin = { latitude: 52.52, longitude: 13.405 }
    const sydney = { latitude: -33.87, longitude: 151.21 }
    expect(distance(berlin, sydney)).toBeCloseTo(16_090, -2)
    expect(distance(berlin, berlin)).toBe(0)
    expect(distance(berlin, { country: 'DE' })).toBeUndefined()
  })
})
