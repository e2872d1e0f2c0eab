/** Endings that name a representation of the answer, not a file that somebody named. */
const formats = /^\.(?:json|xml|atom|rss|rdf|html?|jsonld|geojson|ttl|nt|yaml|yml|ics|kml|gpx|svg|m3u8|mpd)$/i
const extension = /\.[A-Za-z][A-Za-z0-9]{1,6}$/

/** `.atom` of `popular.atom`; undefined for a word without an ending, and for one that is nothing else. */
export function extensionOf(word: string): string | undefined {
  const ending = extension.exec(word)?.[0]
  return ending === undefined || ending.length === word.length ? undefined : ending
}

export const isFormat = (ending: string): boolean => formats.test(ending)
