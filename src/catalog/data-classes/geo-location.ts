import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'

const one = /^-?(?:1[0-7]\d|\d{1,2}|180)\.\d{2,18}$/
const pair = /^\(?(-?\d{1,2}\.\d{3,18}),? ?(-?\d{1,3}\.\d{3,18})\)?$/

function isPair({ text }: ValueProfile): boolean {
  const found = pair.exec(text)
  return (
    found !== null &&
    text.includes(',') &&
    Math.abs(Number(found[1])) <= 90 &&
    Math.abs(Number(found[2])) <= 180
  )
}

/** A place on earth to about a hundred metres, as one decimal of a pair or as both in one text. */
export const geoLocation = defineDataClass({
  id: 'geo-location',
  title: 'Geographic position',
  group: 'pii',
  sensitivity: 6,
  names: [
    'latitude',
    'longitude',
    'geo point',
    'geopoint',
    'latlng',
    'latlon',
    'lat lng',
    'lat lon',
    'coordinates',
    'gps',
  ],
  // `lat` is a position only beside `lon`; alone it may be a latency.
  weakNames: ['lat', 'lon', 'lng', 'long'],
  neighbours: ['latitude', 'longitude'],
  chance: 0.2,
  recall: 0.95,
  shapes: ['digits'],
  lengths: [4, 48],
  test: value => one.test(value.text) || isPair(value),
  blind: { test: isPair, chance: 0.01 },
  examples: {
    matches: ['52.520008', '-122.4194', '52.5200,13.4050', '(48.8566, 2.3522)'],
    rejects: ['52', '199.99', '1.2.3', '1,000.50', '95.1234,13.4050'],
  },
})
