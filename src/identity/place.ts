import { type ApiCall, type Headers, headerOf } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { Component } from '../kit/snapshot.ts'
import type { AddressTable } from './address-table.ts'

/** Where an address is, as far as somebody told. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  /** Degrees, north and east positive; both or none. */
  readonly latitude?: number
  readonly longitude?: number
  /** Number of the autonomous system. */
  readonly asn?: number
  /** Of a configured range: what people call it. */
  readonly name?: string
  /** Of a configured range. Who comes through `vpn`, `hosting` or `mobile` may be anywhere. */
  readonly kind?: 'office' | 'vpn' | 'hosting' | 'mobile'
}

/** Headers that content delivery networks add about the visitor: Cloudflare's visitor location headers, CloudFront's, App Engine's. */
const edges: readonly {
  readonly country: string
  readonly latitude?: string
  readonly longitude?: string
  readonly both?: string
  readonly asn?: string
}[] = [
  { country: 'cf-ipcountry', latitude: 'cf-iplatitude', longitude: 'cf-iplongitude', asn: 'x-asnum' },
  {
    country: 'cloudfront-viewer-country',
    latitude: 'cloudfront-viewer-latitude',
    longitude: 'cloudfront-viewer-longitude',
    asn: 'cloudfront-viewer-asn',
  },
  { country: 'x-appengine-country', both: 'x-appengine-citylatlong' },
  { country: 'x-vercel-ip-country', latitude: 'x-vercel-ip-latitude', longitude: 'x-vercel-ip-longitude' },
]

/** The names of those headers, for who keeps only some. */
export const edgeHeaders: ReadonlySet<string> = new Set(
  edges.flatMap(({ country, latitude, longitude, both, asn }) =>
    [country, latitude, longitude, both, asn].filter(name => name !== undefined),
  ),
)

interface Habit {
  told: number
  calls: number
}

/** Calls of an application before the headers of its edge are believed, and the share of them that must carry them. */
const habitCalls = 50
const habitShare = 0.95

/**
 * Where calls come from: by the table of addresses given, else by the headers of the application's edge. An edge adds them to every
 * call, over what the client wrote: they are believed where practically every call of the host carries them.
 */
export class Places implements Component {
  readonly #table: AddressTable | undefined
  #habits = new BoundedMap<string, Habit>(1_000)

  constructor(table?: AddressTable) {
    this.#table = table
  }

  /** Reads the call, and learns whether its host stands behind an edge. */
  of({ source, destination, request }: ApiCall): Place | undefined {
    const known = source.ip === undefined ? undefined : this.#table?.placeOf(source.ip)
    const told = edgePlace(request.headers)
    const habit = this.#habits.ensure(destination.host, () => ({ told: 0, calls: 0 }))
    habit.calls += 1
    if (told !== undefined) habit.told += 1
    if (habit.calls > 4_000) {
      habit.calls /= 2
      habit.told /= 2
    }
    if (known !== undefined) return known
    return habit.calls >= habitCalls && habit.told >= habitShare * habit.calls ? told : undefined
  }

  save(): unknown {
    return this.#habits
  }

  load(saved: unknown): void {
    this.#habits = saved as BoundedMap<string, Habit>
  }
}

const countryHeaders: ReadonlySet<string> = new Set(edges.map(({ country }) => country))

function edgePlace(headers: Headers): Place | undefined {
  // Most calls carry none of them: looked for in one pass.
  if (!headers.some(([name]) => countryHeaders.has(name))) return undefined
  for (const edge of edges) {
    const country = headerOf(headers, edge.country)
    if (country === undefined) continue
    const [north, east] =
      edge.both === undefined
        ? [headerOf(headers, edge.latitude ?? ''), headerOf(headers, edge.longitude ?? '')]
        : (headerOf(headers, edge.both) ?? '').split(',')
    const latitude = degrees(north, 90)
    const longitude = degrees(east, 180)
    const asn = Number(headerOf(headers, edge.asn ?? '') ?? Number.NaN)
    return {
      country: country.slice(0, 2).toUpperCase(),
      ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
      ...(Number.isInteger(asn) && asn > 0 ? { asn } : {}),
    }
  }
  return undefined
}

function degrees(text: string | undefined, most: number): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && Math.abs(value) <= most ? value : undefined
}

const earthRadius = 6_371

/** Great-circle distance in kilometres (haversine); undefined where one of the places has no coordinates. */
export function distance(a: Place, b: Place): number | undefined {
  if (a.latitude === undefined || a.longitude === undefined) return undefined
  if (b.latitude === undefined || b.longitude === undefined) return undefined
  const rad = Math.PI / 180
  const north = (b.latitude - a.latitude) * rad
  const east = (b.longitude - a.longitude) * rad
  const h =
    Math.sin(north / 2) ** 2 +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(east / 2) ** 2
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(h)))
}
