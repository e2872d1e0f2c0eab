import { hour } from './calendar.ts'
import type { Stream } from './stream.ts'

/** A place on the map, for what an edge adds about its visitors. */
export interface Place {
  readonly country: string
  readonly latitude: number
  readonly longitude: number
}

export interface Network {
  readonly kind: 'home' | 'office' | 'mobile' | 'datacentre'
  readonly asn: number
  readonly place: Place
  /** The address that somebody has at a time. `who` keeps the addresses of different people of a shared network apart. */
  address(time: number, who: string): string
}

const home: Place = { country: 'DE', latitude: 52.5, longitude: 13.4 }
const places: readonly Place[] = [
  { country: 'NL', latitude: 52.4, longitude: 4.9 },
  { country: 'FR', latitude: 48.9, longitude: 2.4 },
  { country: 'US', latitude: 40.7, longitude: -74 },
  { country: 'BR', latitude: -23.5, longitude: -46.6 },
  { country: 'SG', latitude: 1.35, longitude: 103.8 },
  { country: 'ZA', latitude: -26.2, longitude: 28 },
  { country: 'VN', latitude: 10.8, longitude: 106.7 },
]

/**
 * Networks of a world. Addresses are of the ranges reserved for benchmarks and documentation (RFC 2544, RFC 3849): 198.18.0.0/15 has room for
 * five hundred prefixes, so that prefixes tell something here too.
 */
export class Networks {
  readonly #stream: Stream
  #taken = new Set<string>()
  readonly #carriers: readonly Network[]

  constructor(stream: Stream) {
    this.#stream = stream.fork('networks')
    this.#carriers = [0, 1, 2].map(index => this.#carrier(index))
  }

  /** A household: one IPv4 address that changes every week or so, or an IPv6 prefix with an address for each device. */
  home(stream: Stream, place: Place = nearHome(stream)): Network {
    const asn = 64_496 + stream.int(0, 3)
    if (stream.chance(0.25)) {
      const prefix = `2001:db8:${stream.hex(4)}:${stream.hex(4)}`
      return {
        kind: 'home',
        asn,
        place,
        address: (time, who) => {
          const own = stream.fork('v6', who, Math.floor(time / (24 * hour)))
          return `${prefix}:${own.hex(4)}:${own.hex(4)}:${own.hex(4)}:${own.hex(4)}`
        },
      }
    }
    const renewed = stream.chance(0.4) ? stream.int(5, 12) * 24 * hour : Number.POSITIVE_INFINITY
    const addresses = [this.#free(stream, 0, 119), this.#free(stream, 0, 119), this.#free(stream, 0, 119)]
    return {
      kind: 'home',
      asn,
      place,
      address: time =>
        addresses[Number.isFinite(renewed) ? Math.floor(time / renewed) % addresses.length : 0]!,
    }
  }

  /** Everybody behind one address. */
  office(stream: Stream, place: Place = nearHome(stream)): Network {
    const address = this.#free(stream, 120, 139)
    return { kind: 'office', asn: 64_500 + stream.int(0, 3), place, address: () => address }
  }

  /** A carrier that shares its addresses among many, and gives a phone another one every hour or so. */
  mobile(stream: Stream): Network {
    return stream.pick(this.#carriers)
  }

  /** A rented machine: one address; several of one tenant stand in one prefix or in many. */
  datacentre(stream: Stream, place: Place = stream.pick(places)): Network {
    const address = this.#free(stream, 200, 254)
    return { kind: 'datacentre', asn: 64_505 + stream.int(0, 4), place, address: () => address }
  }

  /** Homes of other people all over the world: what a proxy network rents out. */
  residential(stream: Stream): Network {
    return this.home(stream, stream.chance(0.6) ? nearHome(stream) : stream.pick(places))
  }

  abroad(stream: Stream): Network {
    return this.home(stream, stream.pick(places.slice(2)))
  }

  #carrier(index: number): Network {
    const stream = this.#stream.fork('carrier', index)
    const pool = Array.from(
      { length: 24 },
      () => `198.19.${180 + index * 4 + stream.int(0, 3)}.${stream.int(1, 254)}`,
    )
    return {
      kind: 'mobile',
      asn: 64_503 + index,
      place: home,
      address: (time, who) => {
        const shift = stream.fork(who).int(0, hour)
        return stream.fork(who, Math.floor((time + shift) / (1.5 * hour))).pick(pool)
      },
    }
  }

  #free(stream: Stream, from: number, to: number): string {
    for (;;) {
      const address = `198.${stream.int(18, 19)}.${stream.int(from, to)}.${stream.int(1, 254)}`
      if (this.#taken.has(address)) continue
      this.#taken.add(address)
      return address
    }
  }
}

const nearHome = (stream: Stream): Place => ({
  country: home.country,
  latitude: round(home.latitude + stream.between(-3, 3)),
  longitude: round(home.longitude + stream.between(-4, 4)),
})

const round = (value: number): number => Math.round(value * 100) / 100
